"""``examples/custom_adapter``: a package of somebody else's, installed as they would, passes the
contract suite and carries a message.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from channels.registry import adapter_names
from channels.testing import AdapterContract
from engine.store import open_store
from tests.engine.daemon.conftest import free_port, until

HOUSE = Path(__file__).parents[2]
EXAMPLE = HOUSE / "examples" / "custom_adapter"
PATIENCE = 60.0
WAYLINE = [sys.executable, "-c", "from engine.cli import main; main()"]


class Copy:
    """A copy of the example, installed beside Wayline; commands run in it."""

    def __init__(self, folder: Path, site: Path) -> None:
        self.folder = folder
        self._environment = {
            "PYTHONPATH": os.pathsep.join([str(site), str(HOUSE)]),
            "KITE_TOKEN": "a-token",
            "KITE_SECRET": "a-secret",
        }

    def run(
        self, *command: str, settings: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, **self._environment, **(settings or {})},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def start(self, log: Path, *command: str, **settings: str) -> subprocess.Popen[bytes]:
        with log.open("wb") as written:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, **self._environment, **settings},
                stdout=written,
                stderr=subprocess.STDOUT,
            )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Installed by pip, without a network."""
    here = tmp_path_factory.mktemp("custom")
    folder = shutil.copytree(EXAMPLE, here / "kite", ignore=shutil.ignore_patterns("__pycache__"))
    site = here / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-build-isolation", "--no-deps", "--no-index", "--target", str(site)]
    done = subprocess.run(
        [*command, str(folder)], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return Copy(folder, site)


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for each in started:
        each.kill()
        each.wait()


def test_it_is_not_one_of_ours() -> None:
    assert "kite" not in adapter_names()


def test_its_own_tests_pass_the_contract_suite_among_them(copy: Copy) -> None:
    done = copy.run(sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider")

    assert done.returncode == 0, done.stdout
    told = sum(name.startswith("test_") for name in dir(AdapterContract))
    assert done.stdout.count("TestContract::test_") == told
    skipped = [line for line in done.stdout.splitlines() if "SKIPPED (" in line]
    assert all("::test_of_many_" in line for line in skipped)  # Kite takes one at a time


def test_its_project_has_no_mistakes(copy: Copy) -> None:
    done = copy.run(*WAYLINE, "check", "project")

    assert (done.returncode, done.stdout) == (0, "parcels: 1 journey, no mistakes.\n")


def test_mistakes_in_its_settings_are_told_as_those_of_ours_are(copy: Copy) -> None:
    wrong = {"WAYLINE_CHANNELS_SMS_SENDR": "Parcels"}
    done = copy.run(*WAYLINE, "serve", "--dev", "project", settings=wrong)

    assert done.returncode == 2
    assert '[channels.sms] adapter "kite": "sendr" is not a setting.' in done.stderr
    assert 'Did you mean "sender"?' in done.stderr


def test_a_daemon_sends_by_it_and_hears_of_it(
    copy: Copy, tmp_path: Path, processes: list[subprocess.Popen[bytes]]
) -> None:
    """As the README has it, on other ports."""
    ours, theirs = str(free_port()), str(free_port())
    store = f"sqlite:///{tmp_path / 'wayline.db'}"
    kite, daemon = tmp_path / "kite.log", tmp_path / "daemon.log"
    url = f"http://127.0.0.1:{ours}"
    command = [sys.executable, "tests/kite.py", "--port", theirs]
    processes.append(copy.start(kite, *command, "--tell", f"{url}/v1/receipts/sms"))
    until(lambda: "listens" in kite.read_text(), "Kite")
    command = [*WAYLINE, "serve", "--dev", "project", "--store", store, "--port", ours]
    sends_to = {"WAYLINE_CHANNELS_SMS_ADDRESS": f"http://127.0.0.1:{theirs}"}
    processes.append(copy.start(daemon, *command, **sends_to))
    until(lambda: "listening" in daemon.read_text(), "the daemon")
    event = ["parcel_sent", "--user", "ada", "-p", "parcel=P7", "--url", url]
    told = copy.run(*WAYLINE, "send-event", *event, "-t", "phone=+4915112345678")

    assert told.returncode == 0, told.stderr
    until(lambda: "told that kite-1 was delivered: 200" in kite.read_text(), "a report")
    assert "+4915112345678: Hello, parcel P7 is on its way." in kite.read_text()
    until(lambda: " delivered" in why(copy, store), "the story")
    with closing(open_store(store)) as kept:
        (delivery,) = kept.deliveries_of("ada")
    assert (delivery.status, delivery.channel) == ("accepted", "sms")


def why(copy: Copy, store: str) -> str:
    return copy.run(*WAYLINE, "why", "ada", "--store", store).stdout
