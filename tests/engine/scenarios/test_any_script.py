"""Whatever a script says: it is played to its end, the same every time, and nothing leaks from one
scenario into the next.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.calendar import DAY, HOUR, MINUTE
from dsl.compiler import Compiled, compile_folder
from dsl.machine import Project
from dsl.scenario import (
    Becomes,
    Does,
    ExpectLeft,
    ExpectNothing,
    ExpectNotStarted,
    ExpectSent,
    Passes,
    Scenario,
    ScriptStep,
)
from engine.scenarios.play import play
from engine.scenarios.result import Played
from engine.scenarios.show import as_data, as_text

HARD_CASES = Path(__file__).resolve().parents[2] / "projects" / "hard_cases"

EVENTS = st.sampled_from(["started", "purchase", "viewed", "message_clicked", "message_failed"])
LENGTHS = st.sampled_from([0, 1, MINUTE, HOUR, 11 * HOUR, DAY, 8 * DAY, 400 * DAY])
DONE = st.one_of(
    st.builds(
        lambda event, ago, order, named: ("does", event, ago, order, named),
        EVENTS,
        st.sampled_from([0, MINUTE, HOUR, 26 * HOUR]),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["", "e1"]),
    ),
    st.builds(lambda length: ("passes", length), LENGTHS),
    st.builds(lambda points: ("becomes", points), st.sampled_from([None, 1, 10, 100])),
    st.sampled_from([("sent",), ("left",), ("not started",), ("nothing",)]),
)


@pytest.fixture(scope="module")
def hard_cases() -> Compiled:
    return compile_folder(HARD_CASES)


def scenario(base: Scenario, lines: list[tuple[object, ...]]) -> Scenario:
    """The beginning of a real one, with another script."""
    now, steps = base.given.start, list[ScriptStep]()
    for number, line in enumerate(lines, 1):
        match line:
            case ("does", str(event), int(ago), order, str(named)):
                steps.append(Does(number, event, now - ago, {"order": order}, named))
            case ("passes", int(length)):
                now += length
                steps.append(Passes(number, now))
            case ("becomes", points):
                steps.append(Becomes(number, {"points": points}, {}))
            case ("sent",):
                steps.append(ExpectSent(number, "note", "push", ("here",), (("email", "rule"),)))
            case ("left",):
                steps.append(ExpectLeft(number, "goal"))
            case ("not started",):
                steps.append(ExpectNotStarted(number, "trigger"))
            case _:
                steps.append(ExpectNothing(number))
    return replace(base, script=tuple(steps))


def outcome(played: Played) -> object:
    """Everything but how long it took."""
    return played._replace(seconds=0)


def project_of(compiled: Compiled) -> Project:
    assert compiled.project is not None
    return compiled.project


@given(st.data())
def test_any_script_is_played_to_its_end_and_the_same_every_time(
    hard_cases: Compiled, data: st.DataObject
) -> None:
    base = data.draw(st.sampled_from(hard_cases.scenarios))
    drawn = scenario(base, data.draw(st.lists(DONE, max_size=12)))
    project = project_of(hard_cases)

    (first,) = play(project, [drawn])
    _, again = play(project, [base, drawn])

    assert outcome(first) == outcome(again)
    assert all(check.line <= len(drawn.script) or check.line == base.line for check in first.checks)
    assert [check.at for check in first.checks] == sorted(check.at for check in first.checks)
    assert as_data(first)["outcome"] == ("failed" if first.failures else "passed")
    assert all(text.isprintable() or "\n" in text for _, text in as_text(first))


def test_the_order_of_scenarios_does_not_matter(hard_cases: Compiled) -> None:
    project = project_of(hard_cases)
    forwards = play(project, hard_cases.scenarios)
    backwards = play(project, reversed(hard_cases.scenarios))

    assert list(map(outcome, forwards)) == list(map(outcome, reversed(backwards)))
