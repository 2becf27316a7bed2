"""``wayline merge``, and what operators are told of people who have become one."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from dsl.calendar import HOUR, MINUTE
from dsl.project import Folder
from engine.cli.main import wayline
from engine.deploy import deploy_folder
from engine.store import open_store
from tests.engine.scene import Scene, journey

DEVICE = "anonymous:7c1f"


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return f"sqlite:///{tmp_path / 'wayline.db'}"


def _run(*words: str) -> tuple[int, str]:
    ran = CliRunner().invoke(wayline, words)
    return ran.exit_code, ran.output


def _lived(url: str) -> None:
    store = open_store(url)
    scene = Scene(journey("  - {id: greet, send: hello, to: email}\n"), store=store)
    deploy_folder(store, Folder(scene.files, ()), scene.now)
    scene.person(DEVICE)
    scene.event("signed_up", DEVICE)
    scene.after(HOUR)
    scene.person("ada")
    scene.after(MINUTE)
    store.close()


def _processed(url: str) -> None:
    store = open_store(url)
    scene = Scene(journey("  - {id: greet, send: hello, to: email}\n"), store=store)
    wake = store.next_wake()
    assert wake is not None
    scene.now = wake
    scene.after(MINUTE)
    store.close()


def test_it_is_said_what_would_be_and_then_it_is_done(url: str) -> None:
    _lived(url)

    code, told = _run("merge", DEVICE, "ada", "--dry-run", "--store", url)
    assert (code, told) == (
        0,
        f"{DEVICE} would go into ada. Nothing has been changed.\n",
    )
    code, told = _run("merge", DEVICE, "ada", "--store", url)
    assert (code, told) == (0, f"{DEVICE} goes into ada, as soon as it is processed.\n")
    _processed(url)

    code, told = _run("why", DEVICE, "--store", url)
    assert code == 0
    assert told.startswith("ada, on the clock of Europe/Berlin\n")
    assert f"is the one who was known as {DEVICE}" in told
    assert f"became one with {DEVICE}, says operator" in told
    assert "entered welcome" in told
    code, told = _run("export", DEVICE, "--store", url)
    assert code == 0
    assert '"person": "ada"' in told or '"person":"ada"' in told
    assert DEVICE in told
    code, told = _run("consent", DEVICE, "--store", url)
    assert code == 0


def test_what_may_not_be_is_refused_with_the_reason(url: str) -> None:
    _lived(url)

    code, told = _run("merge", "ada", DEVICE, "--store", url)
    assert code == 1
    assert "the other way round" in told
    code, told = _run("merge", "ada", "ada", "--store", url)
    assert (code, told) == (
        1,
        "ada and ada are not made one: they are one person already.\n",
    )
    code, told = _run("merge", "nobody", "ada", "--store", url)
    assert code == 1
    assert 'nobody called "nobody" has ever been heard of' in told
