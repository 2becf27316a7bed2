"""``wayline audit``: what operators did is in it, with who they are and whom it was about."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import engine.cli
from dsl.calendar import DAY
from dsl.project import Folder
from engine.access.trail import operator
from engine.cli.main import wayline
from engine.core.signals import Erased, ProfileChanged
from engine.deploy import deploy_folder
from engine.operator import OperatorError
from engine.runner import Runner
from engine.store import open_store
from tests.engine.scene import SHOP, Scene, journey


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store in which Ada is known."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'wayline.db'}"
    with closing(open_store(url)) as store:
        scene = Scene(journey("  - {id: hi, send: hello, to: email}"), store=store)
        deploy_folder(store, Folder(scene.files, ()), scene.now)
        scene.person("ada")
    return url


def run(*arguments: str) -> Result:
    return CliRunner().invoke(wayline, [*arguments], catch_exceptions=False)


def _told(url: str, *more: str) -> list[tuple[str, str, str]]:
    """What was written down, but for looks into the log itself."""
    found = json.loads(run("audit", "--store", url, "--json", *more).output)
    told = [(each["who"], each["what"], each["whom"]) for each in found]
    return [each for each in told if each[1] != "audit"]


def test_what_an_operator_looks_at_and_does_is_told(url: str) -> None:
    assert run("audit", "--store", url).output == "Nothing is written down.\n"
    for name in ("why", "export", "consent"):
        assert run(name, "ada", "--store", url).exit_code == 0
    for command in (
        ["suppressions"],
        ["keys", "create", "shop"],
        ["keys", "rotate", "shop"],
        ["keys", "revoke", "shop"],
        ["set-aside", "list"],
        ["segment", "rebuild"],
        ["tracking", "retry"],
        ["tracking", "drop", "--all"],
        ["plan-from-events", "--from-store"],
        ["db", "prune"],
        ["db", "export", "whole.dump"],
    ):
        assert run(*command, "--store", url).exit_code == 0

    me = operator()
    assert _told(url) == [
        (me, "db export", ""),
        (me, "db prune", ""),
        (me, "plan-from-events --from-store", ""),
        (me, "tracking drop", ""),
        (me, "tracking retry", ""),
        (me, "segment rebuild", ""),
        (me, "set-aside list", ""),
        (me, "keys revoke", ""),
        (me, "keys rotate", ""),
        (me, "keys create", ""),
        (me, "suppressions", ""),
        (me, "consent", "ada"),
        (me, "export", "ada"),
        (me, "why", "ada"),
    ]
    lines = run("audit", "--store", url, "--person", "ada", "--limit", "2").output.splitlines()
    assert [line.partition("  ")[2] for line in lines] == [
        f"{me}  consent of ada",
        f"{me}  export of ada",
    ]


def test_whoever_reads_the_log_is_in_it(url: str) -> None:
    run("audit", "--person", "ada", "--store", url)

    (line,) = run("audit", "--store", url).output.splitlines()
    assert line.endswith(f"{operator()}  audit of ada")


def test_deploying_and_going_back_are_told(url: str, tmp_path: Path) -> None:
    for number in (1, 2):
        words = journey(f"  - {{id: hi, wait: {number} days}}", "other")
        for name, text in {**SHOP, "journeys/0.yaml": words}.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        assert run("deploy", "shop", "--yes", "--store", url).exit_code == 0
    assert run("deploy", "--back-to", "2", "--yes", "--store", url).exit_code == 0
    run("plan", "shop", "--store", url)

    found = json.loads(run("audit", "--store", url, "--json").output)
    assert [(each["what"], each["about"]) for each in found] == [
        ("deploy", {"version": 4, "back_to": 2}),
        ("deploy", {"version": 3}),
        ("deploy", {"version": 2}),
    ]


def test_every_command_that_opens_a_store_is_told_but_for_those_that_tell_of_nobody() -> None:
    """Also one that is added later."""
    folder = Path(engine.cli.__file__).parent
    silent = {
        path.stem
        for path in folder.glob("*.py")
        if "engine.cli.opening import" in (text := path.read_text())
        and "opened" in text
        and "witness" not in text
        and "person_meant" not in text  # which writes it down
    }

    # It tells how many people are in which step; and a daemon tells of what it is asked by itself.
    assert silent == {"plan", "serve"}


def test_people_are_named_by_an_address_as_well(url: str) -> None:
    """And written down by who they are."""
    for command in ("why", "export", "consent"):
        told = run(command, " ADA@Example.com", "--store", url)
        assert told.exit_code == 0
        assert told.output == run(command, "ada", "--store", url).output or command == "export"
    assert json.loads(run("export", "ada@example.com", "--store", url).output)["person"] == "ada"

    assert {(what, whom) for _, what, whom in _told(url)} == {
        ("why", "ada"),
        ("export", "ada"),
        ("consent", "ada"),
    }


def test_an_address_that_several_have_means_nobody(url: str) -> None:
    with closing(open_store(url)) as store:
        scene = Scene(journey("  - {id: hi, send: hello, to: email}"), store=store)
        for name in ("eve", "zoe@example.com"):
            told = {"email": "ada@example.com"}
            scene.take(ProfileChanged(f"of {name}", name, scene.now, 0, {}, told))

    for command in ("why", "export", "consent"):
        said = "3 people have the address ada@example.com: ada, eve, zoe@example.com. Say which one"
        with pytest.raises(OperatorError, match=said):
            run(command, "ada@example.com", "--store", url)
    assert run("why", "zoe@example.com", "--store", url).exit_code == 0, "an id is an id"
    assert run("why", "nobody@example.com", "--store", url).exit_code == 1


def test_who_is_erased_is_found_by_who_knows_their_id(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYLINE_SUPPRESSION_KEYS", "a-key-that-nobody-can-guess")
    run("why", "ada", "--store", url)
    with closing(open_store(url)) as store:
        store.bars.under([b"a-key-that-nobody-can-guess"])
        scene = Scene(store=store)
        store.append([Erased("x1", "ada", scene.now + DAY, 0)])
        Runner(store, scene.program).run_once(scene.now + 2 * DAY)

    ((_, _, whom),) = _told(url)
    assert whom.startswith("person:")
    assert _told(url, "--person", "ada") == _told(url)
    monkeypatch.setenv("WAYLINE_SUPPRESSION_KEYS", "another-key-that-does-not-help")
    assert _told(url, "--person", "ada") == []
