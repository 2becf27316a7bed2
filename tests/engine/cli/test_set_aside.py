"""``wayline set-aside``, and what other commands say of people who are."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dsl.project import Folder
from engine.cli.main import wayline
from engine.clock import SystemClock
from engine.core.profile import Profile
from engine.deploy import deploy_folder
from engine.doctor.store import aside
from engine.operator import OperatorError
from engine.runner.faults import nickname
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Aside, Changes
from engine.store.testing.samples import commit
from tests.engine.scene import SHOP, journey

SINCE = 1_772_445_600_000_000  # 2026-03-02 10:00 UTC
PEOPLE = ("ada@example.com", "bob@example.com")


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(wayline, arguments)
    if isinstance(result.exception, OperatorError):
        return result
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A store with two people in it who are set aside, and Eve."""
    url = f"sqlite:///{tmp_path / 'wayline.db'}"
    files = {**SHOP, "journeys/welcome.yaml": journey("  - {id: a, send: hello, to: email}")}
    with closing(open_store(url)) as store:
        deploy_folder(store, Folder(files, ()), SINCE)
        everybody = [*PEOPLE, "eve"]
        asides = [Aside(name, SINCE, "KeyError: 'x' (caps.py, line 7)") for name in PEOPLE]
        profiles = [Profile(name) for name in everybody]
        commit(store, Changes(profiles=profiles, aside=asides), everybody)
    return url


def left(url: str) -> list[str]:
    with closing(open_store(url)) as store:
        return [each.person for each in store.set_aside()]


def test_the_list_says_who_since_when_and_why(url: str) -> None:
    plain, data = (
        run("set-aside", "list", "--store", url),
        run("set-aside", "list", "--store", url, "--json"),
    )

    assert plain.output.splitlines()[:3] == [
        "ada@example.com",
        f"  since 2026-03-02 10:00 UTC, in logs {nickname('ada@example.com')}",
        "  KeyError: 'x' (caps.py, line 7)",
    ]
    assert json.loads(data.output)[1] == {
        "person": "bob@example.com",
        "nickname": nickname("bob@example.com"),
        "since": "2026-03-02T10:00:00+00:00",
        "reason": "KeyError: 'x' (caps.py, line 7)",
    }


def test_one_of_them_is_released_or_all(url: str) -> None:
    one = run("set-aside", "release", "ada@example.com", "--store", url)
    after_one = left(url)
    rest = run("set-aside", "release", "--all", "--store", url)
    nobody = run("set-aside", "list", "--store", url)

    assert one.output.startswith("1 person is released.")
    assert after_one == ["bob@example.com"]
    assert rest.output.startswith("1 person is released.")
    assert nobody.output == "Nobody is set aside.\n"
    with closing(open_store(url)) as store:
        wake = store.next_wake()
    assert wake is not None
    assert abs(wake - SystemClock().now()) < 60_000_000


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Name the people to be released, or say --all."),
        (("ada@example.com", "--all"), "Name the people to be released, or say --all."),
        (("ada@example.com", "eve"), "eve is not set aside."),
    ],
)
def test_what_cannot_be_meant_releases_nobody(
    url: str, arguments: tuple[str, ...], says: str
) -> None:
    done = run("set-aside", "release", *arguments, "--store", url)

    assert done.exit_code == 2
    assert says in done.output
    assert left(url) == [*PEOPLE]


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = run("set-aside", "list", "--store", f"sqlite:///{tmp_path / 'no.db'}")

    assert isinstance(done.exception, OperatorError)
    assert not (tmp_path / "no.db").exists()


def test_the_story_of_somebody_says_so(url: str) -> None:
    ada = run("why", "ada@example.com", "--store", url).output
    eve = run("why", "eve", "--store", url).output

    assert (
        "has been set aside since 2 March 2026, 11:00, because of a bug in Wayline:"
        " KeyError: 'x' (caps.py, line 7)"
    ) in ada
    assert "wayline set-aside release" in ada
    assert "aside" not in eve


def test_the_doctor_says_so_with_the_fix() -> None:
    store = MemoryStore()
    assert aside(store) == []
    commit(store, Changes(aside=[Aside("ada", SINCE, "x")]))

    (finding,) = aside(store)
    assert finding.level == "problem"
    assert finding.says.startswith("1 person is set aside")
    assert "wayline set-aside release --all" in finding.fix
