"""``wayline plan`` and ``wayline deploy``, on a folder and a store on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli.main import wayline
from engine.operator import OperatorError
from engine.store import open_store
from tests.engine.deploy.shops import STEPS, folder
from tests.engine.scene import Scene, journey


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a folder of its own, and the folder we stand in."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "shop", STEPS)
    return tmp_path / "shop"


def write(path: Path, steps: str, head: str = "") -> None:
    for name, text in folder(journey(steps, head=head)).files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def run(*arguments: str, answer: str | None = None) -> Result:
    result = CliRunner().invoke(wayline, arguments, input=answer)
    if isinstance(result.exception, OperatorError):
        return result
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def people_inside(*names: str) -> None:
    """Somebody starts, as if the daemon ran, and it stops again."""
    store = open_store("sqlite:///wayline.db")
    scene = Scene(store=store)
    scene.deploy()
    for name in names:
        scene.person(name)
        scene.event("signed_up", name)
    store.close()


def test_a_plan_for_a_store_that_is_not_there_makes_none(shop: Path) -> None:
    result = run("plan", "shop")

    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "Compared with nothing that runs yet:",
        "",
        "welcome is new",
        "",
        "2 warnings about the files: wayline check",
        "",
        "1 journey is new. Nothing has happened yet: wayline deploy shop",
    ]
    assert not Path("wayline.db").exists()


def test_plan_deploy_and_plan_again(shop: Path) -> None:
    deployed = run("deploy", "shop", "--yes")
    assert deployed.exit_code == 0
    assert "Version 1 is deployed. A running wayline serve takes it up by itself.\n" in (
        deployed.output
    )
    again = run("plan", "shop")

    assert again.exit_code == 0
    assert again.output == "Nothing to do: version 1, which runs, is just this.\n"


def test_a_refusal_has_exit_code_1_and_changes_nothing(shop: Path) -> None:
    run("deploy", "shop", "--yes")
    people_inside("ada")
    write(shop, "  - {id: day_two, send: hello, to: email}\n")
    for command in (["plan", "shop"], ["deploy", "shop", "--yes"]):
        result = run(*command)
        assert result.exit_code == 1
        assert 'You removed the step "hello", and 1 person is in it.' in result.output
        assert result.output.endswith("This cannot be deployed: 1 error.\n")

    assert "2  " not in run("deploy", "--list").output


def test_it_asks_and_takes_no_for_an_answer(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.cli.deploy.can_ask", lambda: True)
    result = run("deploy", "shop", answer="n\n")
    assert "1 journey is new. Deploy this? [y/N]: n" in result.output
    assert result.output.endswith("Nothing was changed.\n")
    assert "Nothing has been deployed" in run("deploy", "--list").output
    yes = run("deploy", "shop", answer="y\n")

    assert "Version 1 is deployed." in yes.output


def test_where_nobody_can_be_asked_it_says_so(shop: Path) -> None:
    result = run("deploy", "shop")

    assert isinstance(result.exception, OperatorError)
    assert str(result.exception) == "Nobody is there to be asked: say --yes to deploy this."


def test_versions_are_listed_and_can_be_gone_back_to(shop: Path) -> None:
    run("deploy", "shop", "--yes")
    people_inside("ada")
    write(shop, STEPS.replace("wait: 2 days", "wait: 3 days"))
    changed = run("deploy", "shop", "--yes")
    assert "and the one person inside bit by bit.\n" in changed.output
    back = run("deploy", "--back-to", "1", "--yes")
    assert "  ~ nudge  Waits 2 days. Until now: Waits 3 days.\n" in back.output
    assert "Version 3 is deployed." in back.output
    listed = [line for line in run("deploy", "--list").output.splitlines() if line]

    assert [line[:2] for line in listed if line[0] != " "] == ["3 ", "2 ", "1 "]
    assert listed[0].endswith(", runs now")
    assert listed[1] == "   ~ welcome (nudge)"
    assert listed[-1] == "   + welcome"


def test_the_list_as_json(shop: Path) -> None:
    run("deploy", "shop", "--yes")
    write(shop, STEPS.replace("wait: 2 days", "wait: 3 days"))
    run("deploy", "shop", "--yes")
    listed = json.loads(run("deploy", "--list", "--json").output)

    assert [(each["number"], each["runs"], each["changes"]) for each in listed] == [
        (1, False, ["+ welcome"]),
        (2, True, ["~ welcome (nudge)"]),
    ]
    assert run("deploy", "--json").exit_code == 2


def test_a_version_that_there_never_was(shop: Path) -> None:
    run("deploy", "shop", "--yes")
    result = run("deploy", "--back-to", "7")

    assert isinstance(result.exception, OperatorError)
    assert "There is no version 7" in str(result.exception)


def test_the_plan_as_json(shop: Path) -> None:
    run("deploy", "shop", "--yes")
    people_inside("ada", "bob")
    write(shop, STEPS.replace("wait: 1 day", "wait: 3 days"))
    result = json.loads(run("plan", "shop", "--json").output)

    assert result["ok"] is True
    assert result["against"] == 1
    [changed] = result["journeys"]
    assert changed["journey"] == "welcome"
    assert changed["people"] == 2
    assert changed["changes"] == [
        {"sort": "changed", "what": "hello", "words": "Waits 3 days. Until now: Waits 1 day."}
    ]
    assert changed["inside"] == [
        {
            "step": "hello",
            "people": 2,
            "then": "WaitsAnew",
            "words": "wait anew, counted from when they came there",
        }
    ]
