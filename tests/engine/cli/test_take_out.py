"""``wayline take-out``"""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from dsl.project import Folder
from engine.cli.main import wayline
from engine.deploy import deploy_folder
from engine.operator import OperatorError
from engine.store import open_store
from tests.engine.scene import Scene, journey

STAY = journey("  - {id: pause, wait: 3 days}\n")
OTHER = journey("  - {id: pause, wait: 3 days}\n", "other")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store in which Ada is in two journeys."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'wayline.db'}"
    with closing(open_store(url)) as store:
        scene = Scene(STAY, OTHER, store=store)
        deploy_folder(store, Folder(scene.files, ()), scene.now)
        scene.person("ada")
        scene.event("signed_up")
    return url


def _run(*words: str) -> str:
    return CliRunner().invoke(wayline, [*words], catch_exceptions=False).output


def test_it_is_said_what_would_be_and_then_it_is_done_and_told(url: str) -> None:
    told = _run("take-out", "ada", "welcome", "--dry-run", "--store", url)
    assert told == "ada would be taken out of welcome. Nothing has been changed.\n"
    told = _run("take-out", "ada", "welcome", "--store", url)
    assert told == "ada is out of welcome as soon as it is processed.\n"

    with closing(open_store(url)) as store:
        (waiting,) = store.pages.events("ada", None, 1, ["taken out"])
        deeds = [deed for _, deed in store.deeds.read()]
    (deed,) = deeds
    assert waiting.event.properties["by"] == deed.who
    assert (deed.what, deed.whom, deed.about["journey"]) == ("take-out", "ada", "welcome")


def test_who_is_not_inside_is_not_taken_out(url: str) -> None:
    for words, said in (
        (("ada", "wellcome"), "ada is not in wellcome: they are in other, welcome."),
        (("ada", "other", "--run", "x"), "ada is not in other with the run x"),
        (("eve", "other"), 'Nobody called "eve" has ever been heard of.'),
    ):
        with pytest.raises(OperatorError, match=said):
            _run("take-out", *words, "--store", url)
    assert json.loads(_run("audit", "--store", url, "--json")) == []
