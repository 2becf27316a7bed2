"""``wayline schema``: what editors are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dsl.schema.places import KINDS
from engine.cli.main import wayline


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(wayline, ["schema", *arguments])
    return result.exit_code, result.output


@pytest.mark.parametrize("words", [("journey",), ("tracking", "plan"), ("Tracking_Plan",)])
def test_a_kind_is_named_by_its_first_key(words: tuple[str, ...]) -> None:
    code, printed = run(*words)

    assert code == 0
    assert json.loads(printed)["title"].startswith(words[0].lower()[:7])


def test_without_a_kind_all_are_printed_as_one() -> None:
    code, printed = run()

    assert code == 0
    assert len(json.loads(printed)["anyOf"]) == len(KINDS)


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    code, printed = run("jurney")

    assert code == 2
    assert 'There is no file that begins with "jurney"' in printed
    assert "tests of" in printed


def test_all_are_written_into_a_folder(tmp_path: Path) -> None:
    code, _ = run("--out", str(tmp_path / "schemas"))

    names = {path.name for path in (tmp_path / "schemas").iterdir()}
    assert code == 0
    assert len(names) == len(KINDS) + 1
    assert {"any.schema.json", "tracking_plan.schema.json", "tests_of.schema.json"} <= names
