"""``examples/deploy``: what its units and its compose file start is started here, and works."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML
from sqlalchemy import URL

from engine.config import ROLES, read_settings
from engine.metrics import Metrics
from tests.engine.daemon.conftest import free_port
from tests.engine.daemon.post_office import PostOffice
from tests.engine.daemon.shop import write_project
from tests.postgres import address_of

HOUSE = Path(__file__).parents[2]
DEPLOY = HOUSE / "examples" / "deploy"
UNITS = sorted(DEPLOY.glob("*/*.service"))
INSTALLED = "/opt/wayline/bin/wayline"
SETTINGS_AT = "/etc/wayline"
PATIENCE = 60.0


def entries(unit: Path, name: str) -> list[str]:
    """The values of one key of a unit."""
    return re.findall(rf"^{name}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


def compose() -> Mapping[str, Mapping[str, object]]:
    loaded = YAML(typ="safe").load((DEPLOY / "three_workers" / "compose.yaml").read_text())
    services = loaded["services"]
    assert isinstance(services, dict)
    return services


class Machine:
    """A machine as the examples expect it, in a folder: /etc/wayline and /var/lib/wayline."""

    def __init__(self, folder: Path, settings: Path, office: PostOffice, store: str) -> None:
        self.etc = folder / "etc"
        self.etc.mkdir(parents=True)
        write_project(self.etc / "journeys")
        text = settings.read_text(encoding="utf-8")
        for line in ("username", "password"):  # this mail server asks nobody who they are
            text = re.sub(rf"^{line} = .*\n", "", text, flags=re.MULTILINE)
        (self.etc / "wayline.toml").write_text(text, encoding="utf-8")
        self._environment = {
            "PYTHONPATH": str(HOUSE),
            "WAYLINE_STORE": store,
            "WAYLINE_LISTEN_HOST": "127.0.0.1",
            "WAYLINE_LISTEN_PORT": "0",
            "WAYLINE_WRITE_KEYS": "a-key",
            "WAYLINE_CHANNELS_EMAIL_HOST": "127.0.0.1",
            "WAYLINE_CHANNELS_EMAIL_PORT": str(office.port),
            "WAYLINE_CHANNELS_EMAIL_ENCRYPTION": "none",
            "SMTP_PASSWORD": "",
        }
        self._running: list[subprocess.Popen[str]] = []

    def run(self, command: str | Sequence[str], number: int = 1) -> None:
        """Until it ends, which it has to do well."""
        subprocess.run(
            self._command(command, number), env=self._environment, check=True, timeout=PATIENCE
        )

    def start(self, command: str | Sequence[str], number: int = 1, notify: str = "") -> str:
        """Starts a daemon; returns its address as soon as it listens."""
        environment = self._environment | ({"NOTIFY_SOCKET": notify} if notify else {})
        process = subprocess.Popen(
            self._command(command, number), env=environment, stdout=subprocess.PIPE, text=True
        )
        self._running.append(process)
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("listening on "), said
        return said.removeprefix("listening on ").strip()

    def kill(self, place: int) -> None:
        self._running[place].kill()

    def stop(self) -> list[int]:
        """SIGTERM for all that are left; how they ended."""
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        return [process.wait(PATIENCE) for process in self._running]

    def end(self) -> None:
        for process in self._running:
            process.kill()
            process.wait(PATIENCE)
            if process.stdout is not None:
                process.stdout.close()

    def _command(self, command: str | Sequence[str], number: int) -> list[str]:
        words = shlex.split(command) if isinstance(command, str) else [INSTALLED, *command]
        assert words[0] == INSTALLED
        there = [each.replace(SETTINGS_AT, str(self.etc)) for each in words[1:]]
        there = [re.sub(r"^80\d(\d|%i)$", "0", each.replace("%i", str(number))) for each in there]
        return [sys.executable, "-c", "from engine.cli import main; main()", *there]


def order(address: str, people: Sequence[str]) -> None:
    """Everybody buys something."""
    calls = [
        {
            "type": "identify",
            "userId": p,
            "messageId": f"i{p}",
            "traits": {"email": f"{p}@example.com"},
        }
        for p in people
    ] + [
        {
            "type": "track",
            "userId": p,
            "messageId": f"t{p}",
            "event": "Order Completed",
            "properties": {"order_id": f"o-{p}", "total": 20.0},
        }
        for p in people
    ]
    key = b64encode(b"a-key:").decode()
    request = urllib.request.Request(
        f"{address}/v1/batch",
        orjson.dumps({"batch": calls}),
        {"content-type": "application/json", "authorization": f"Basic {key}"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        assert response.status == 200


@pytest.fixture
def office() -> Iterator[PostOffice]:
    office = PostOffice(free_port())
    office.open()
    yield office
    office.close()


@pytest.fixture
def machine(tmp_path: Path, office: PostOffice) -> Iterator[Callable[[str, str], Machine]]:
    """Makes machines with the settings of one of the examples."""
    with ExitStack() as stack:

        def machine(example: str, store: str) -> Machine:
            made = Machine(tmp_path / "machine", DEPLOY / example / "wayline.toml", office, store)
            stack.callback(made.end)
            return made

        yield machine


@pytest.mark.slow
def test_one_machine(
    machine: Callable[[str, str], Machine], office: PostOffice, tmp_path: Path
) -> None:
    made = machine("one_machine", f"sqlite:///{tmp_path}/wayline.db")
    made.run(
        ["deploy", f"{SETTINGS_AT}/journeys", "--yes", "--config", f"{SETTINGS_AT}/wayline.toml"]
    )
    (command,) = entries(DEPLOY / "one_machine" / "wayline.service", "ExecStart")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE)
        order(made.start(command, notify=str(tmp_path / "notify")), ["ada"])
        office.wait_for(2)

        assert made.stop() == [0]
        assert [manager.recv(99), manager.recv(99)] == [b"READY=1", b"STOPPING=1"]


@pytest.mark.slow
def test_a_worker_started_by_systemd(
    machine: Callable[[str, str], Machine], office: PostOffice, postgres: URL
) -> None:
    made = machine("three_workers", address_of(postgres))
    made.run(
        ["deploy", f"{SETTINGS_AT}/journeys", "--yes", "--config", f"{SETTINGS_AT}/wayline.toml"]
    )
    folder = DEPLOY / "three_workers"
    (worker,) = entries(folder / "wayline-worker@.service", "ExecStart")
    (api,) = entries(folder / "wayline-api.service", "ExecStart")
    door = made.start(api)
    made.start(worker, 1)
    order(door, [f"p{n}" for n in range(20)])
    office.wait_for(40)

    assert made.stop() == [0, 0]
    assert len({(letter.to, letter.subject) for letter in office.letters}) == 40


@pytest.mark.slow
def test_three_workers_as_composed(
    machine: Callable[[str, str], Machine], office: PostOffice, postgres: URL
) -> None:
    """In the order of its dependencies, a worker dying on the way."""
    services = compose()
    made = machine("three_workers", address_of(postgres))

    def command(name: str) -> list[str]:
        words = services[name]["command"]
        assert isinstance(words, list)
        return words

    made.run(command("upgrade"))
    made.run(command("deploy"))
    door = made.start(command("api"))
    replicas = services["worker"]["deploy"]
    assert replicas == {"replicas": 3}
    for number in range(3):
        made.start(command("worker"), number)
    made.kill(2)
    order(door, [f"p{n}" for n in range(20)])
    office.wait_for(40)

    assert [code for code in made.stop() if code >= 0] == [0, 0, 0]


@pytest.mark.parametrize(
    "settings", sorted(DEPLOY.glob("*/wayline.toml")), ids=lambda p: p.parent.name
)
def test_settings_are_settings(settings: Path) -> None:
    read = read_settings(settings, {"SMTP_PASSWORD": "secret"})

    assert read.public_url is not None
    assert read.channels["email"].adapter == "smtp"


def test_composed_environment_is_settings_and_all_roles_are_there() -> None:
    services = compose()
    environment = services["api"]["environment"]
    assert isinstance(environment, dict)
    ours = {name: re.sub(r"\$\{.*\}", "x", text) for name, text in environment.items()}
    roles = re.findall(
        r"'--role', '([a-z,]+)'", str([services[n]["command"] for n in ("api", "worker")])
    )

    assert read_settings(None, ours).store == "postgresql://wayline@db/wayline"
    assert sorted(",".join(roles).split(",")) == sorted(ROLES)


@pytest.mark.parametrize("unit", UNITS, ids=lambda p: p.name)
def test_units_are_right(unit: Path, tmp_path: Path) -> None:
    """As systemd sees it, where it is: the program it starts takes the place of ours."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd here")
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace(INSTALLED, "/bin/true"))
    found = subprocess.run(
        [analyze, "verify", "--recursive-errors=no", str(copy)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )

    assert [line for line in found.stderr.splitlines() if unit.stem.strip("@") in line] == []


def test_the_image_copies_what_there_is() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    sources = [
        name
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
        for name in line.split()[:-1]
    ]
    packages = re.search(r"packages = \[(.*?)\]", (HOUSE / "pyproject.toml").read_text())
    assert packages is not None

    assert [name for name in sources if not (HOUSE / name).exists()] == []
    assert set(re.findall(r'"(\w+)"', packages[1])) <= set(sources)


def test_alerts_ask_for_figures_there_are() -> None:
    known = {
        sample
        for family in text_string_to_metric_families(_figures())
        for sample in (family.name, f"{family.name}_total")
    }
    asked = set(re.findall(r"\bwayline_\w+", (DEPLOY / "alerts.yaml").read_text()))

    assert asked - known == set()


def _figures() -> str:
    return Metrics().text().decode()
