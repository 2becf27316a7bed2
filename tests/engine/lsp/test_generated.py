"""The project that measurements are made on is one that a team could have."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.generated import project, write
from benchmarks.keystroke import run
from dsl.compiler import compile_project
from dsl.project import read_folder


def test_it_has_no_mistakes_and_is_the_same_every_time() -> None:
    compiled = compile_project(project(12))

    assert compiled.project is not None
    assert len(compiled.project.machines) == 12
    assert len(compiled.scenarios) == 3
    assert project(12) == project(12)


def test_it_is_written_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, 3)

    assert read_folder(tmp_path).files == project(3)


@pytest.mark.slow
def test_the_measurement_measures() -> None:
    took = run(journeys=6)

    assert took.check > 0
    assert set(took.keystrokes) == set(places(6))
    assert all(0 < slow(waits) < 20 for waits in took.keystrokes.values())
