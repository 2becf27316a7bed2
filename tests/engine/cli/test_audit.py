"""``wayline audit``: what operators did is in it, with who they are and whom it was about."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dsl.calendar import DAY
from dsl.project import Folder
from engine.access.audit import who
from engine.cli.main import wayline
from engine.core.signals import Erased
from engine.deploy import deploy_folder
from engine.runner import Runner
from engine.store import open_store
from tests.engine.scene import Scene, journey


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
    found = json.loads(run("audit", "--store", url, "--json", *more).output)
    return [(each["who"], each["what"], each["whom"]) for each in found]


def test_what_an_operator_looks_at_and_does_is_told(url: str) -> None:
    assert run("audit", "--store", url).output == "Nothing is written down.\n"
    for command in ("why", "export", "consent"):
        assert run(command, "ada", "--store", url).exit_code == 0
    run("suppressions", "--store", url)
    run("keys", "create", "shop", "--store", url)

    me = f"operator {who()}"
    assert _told(url) == [
        (me, "keys create", ""),
        (me, "suppressions", ""),
        (me, "consent", "ada"),
        (me, "export", "ada"),
        (me, "why", "ada"),
    ]
    lines = run("audit", "--store", url, "--limit", "2").output.splitlines()
    assert lines[0].endswith(f"{me}  keys create (key shop, scopes ingest)")
    assert len(lines) == 2
    assert [what for _, what, _ in _told(url, "--person", "ada")] == ["consent", "export", "why"]


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
