"""The project that measurements are made on is one that a team could have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.generated import project, write
from benchmarks.keystroke import places, run, slow
from dsl.compiler import compile_project
from dsl.files.journey import EventStart, JourneyFile, OtherStart
from dsl.files.shape import Written
from dsl.files.steps import STEPS, CaseItem, ListenItem
from dsl.project import read_folder


def test_it_has_no_mistakes_and_is_the_same_every_time() -> None:
    compiled = compile_project(project(12))

    assert compiled.project is not None
    assert len(compiled.project.machines) == 12
    assert len(compiled.scenarios) == 2
    assert project(12) == project(12)


def test_it_uses_everything_the_language_has() -> None:
    text = "\n".join(project(12).values())
    written = set(re.findall(r"(?:^|[\[{-]) *([a-z][a-z -]*)(?=:|$)", text, re.MULTILINE))
    seldom = {"owner", "notes", "renamed steps", "removed steps", "together with"}
    tables: list[type[Written]] = [JourneyFile, EventStart, OtherStart, ListenItem, CaseItem]

    for table in [*tables, *STEPS.values()]:
        assert set(table.table()) - written - seldom == set(), table


def test_it_is_written_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, 3)

    assert read_folder(tmp_path).files == project(3)


@pytest.mark.slow
def test_the_measurement_measures() -> None:
    took = run(journeys=6)

    assert took.check > 0
    assert set(took.keystrokes) == set(places(6))
    assert all(0 < slow(waits) < 20 for waits in took.keystrokes.values())
