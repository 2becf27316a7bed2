"""``wayline audience``: how many people are in each segment, and who is in one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dsl.project import Folder
from engine.cli.main import wayline
from engine.core.profile import Profile
from engine.deploy import deploy_folder
from engine.operator import OperatorError
from engine.store import open_store
from engine.store.protocol import Changes
from engine.store.testing.samples import commit
from tests.dsl.projects import small_files

SEGMENTS = """
segments:
  gold: {who: tier is "gold"}
  buyers: {who: did buy in the last 30 days}
"""


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Three people, of whom two are gold."""
    url = f"sqlite:///{tmp_path / 'wayline.db'}"
    opened = open_store(url)
    deploy_folder(opened, Folder(small_files(segments=SEGMENTS), ()), 1)
    people = {"ada": "gold", "bob": "bronze", "cid": "gold"}
    profiles = [Profile(name, {"tier": tier}) for name, tier in people.items()]
    commit(opened, Changes(profiles=profiles), people)
    opened.close()
    return url


def run(*arguments: str) -> Result:
    return CliRunner().invoke(wayline, ["audience", *arguments])


def test_every_segment_is_counted(store: str) -> None:
    result = run("--store", store)

    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()] == [["gold", "2"], ["buyers", "0"]]
    assert json.loads(run("--store", store, "--json").stdout) == {"gold": 2, "buyers": 0}


def test_the_people_in_one_are_named(store: str) -> None:
    assert run("gold", "--store", store).stdout.splitlines() == ["ada", "cid"]
    assert json.loads(run("gold", "--store", store, "--json").stdout) == ["ada", "cid"]
    assert run("buyers", "--store", store).stdout == ""


def test_a_segment_that_is_not_there(store: str) -> None:
    result = run("goldd", "--store", store)

    assert result.exit_code == 1
    assert result.stderr == 'There is no segment "goldd". Did you mean "gold"?\n'


def test_nothing_is_deployed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    open_store(url).close()

    told = run("--store", url).exception
    assert isinstance(told, OperatorError)
    assert str(told) == f"Nothing is deployed in the store {url} yet."
