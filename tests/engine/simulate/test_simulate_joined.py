"""A replay of people who turn out to be one."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.simulate.results import Results
from engine.simulate.simulation import write_simulation
from engine.why import tell

from .test_simulate import PROJECT, identify, replayed, track


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in PROJECT.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "data").mkdir()
    return tmp_path


def test_whoever_turns_out_to_be_somebody_has_one_story(folder: Path) -> None:
    """Visitors buy, and say who they are; and have had another id before. In however many processes
    this is replayed.
    """
    when = "2026-03-26T{:02}:00:00Z"
    calls = []
    for person in ("ada", "bea", "eve", "kim"):
        visitor = track("", "Bought", when.format(8), total=5)
        known = identify(person, when.format(9), first_name=person)
        calls += [
            {**visitor, "messageId": f"{person} 1", "userId": None, "anonymousId": person},
            {**known, "anonymousId": person},
            {
                "type": "alias",
                "userId": person,
                "previousId": f"old {person}",
                "timestamp": when.format(10),
            },
            track(f"old {person}", "Bought", when.format(11), total=7),
        ]
    found = replayed(folder, calls, processes=3)
    write_simulation(folder / "out", found)
    results = Results(folder / "out")
    story = tell(results, "ada", results.names)
    results.close()

    assert found.refused == []
    assert story is not None
    bought = [line.text for line in story.lines if line.text.startswith("bought")]
    assert [text[-5:] for text in bought] == ["€5.00", "€7.00"]
