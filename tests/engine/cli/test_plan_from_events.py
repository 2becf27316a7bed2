"""A tracking plan drafted from the command line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dsl.compiler import compile_project
from engine.cli.plan_from_events import plan_from_events
from engine.operator import OperatorError

CALLS = [
    {"type": "identify", "userId": "a", "traits": {"first_name": "Ada"}},
    {"type": "track", "userId": "a", "event": "Shoe Bought", "properties": {"total": 5}},
    {"type": "page", "userId": "a"},
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "january.jsonl.gz"
    lines = [*map(json.dumps, CALLS), "", "no json"]
    made.write_bytes(gzip.compress("\n".join(lines).encode()))
    return made


def test_it_is_printed_and_counted(file: Path) -> None:
    result = CliRunner().invoke(plan_from_events, [str(file), "--currency", "eur"])

    assert result.exit_code == 0
    assert "shoe_bought:" in result.stdout
    assert "total: money EUR" in result.stdout
    assert result.stderr.splitlines()[-1] == (
        "4 calls: 1 events, 1 attributes of people; 1 calls of other types, or of Wayline's own"
        " events; 1 lines that are not JSON."
    )


def test_it_is_written_into_a_new_file_and_compiles(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "tracking_plan.yaml"
    args = [str(file), str(file), "--name", "shoes: yes", "--out", str(out)]
    result = CliRunner().invoke(plan_from_events, args)

    assert (result.exit_code, result.stdout) == (0, "")
    compiled = compile_project({"tracking_plan.yaml": out.read_text(encoding="utf-8")})
    assert [each for each in compiled.diagnostics if each.span.path == "tracking_plan.yaml"] == []


def test_what_is_there_is_not_written_over(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "tracking_plan.yaml"
    out.write_text("mine")
    result = CliRunner().invoke(plan_from_events, [str(file), "--out", str(out)])

    assert isinstance(result.exception, OperatorError)
    assert "is there already" in str(result.exception)
    assert out.read_text() == "mine"
