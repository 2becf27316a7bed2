"""Decisions are counted once, in the arm and with the reason they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from dsl.calendar import from_datetime
from engine.core.decision import Decision, What
from engine.core.run import Run
from engine.simulate.tally import Tally, add_up, count_person

NOON = from_datetime(datetime.fromisoformat("2026-03-01T12:00:00+00:00"))


def told(
    what: What, reason: str = "", run: str = "r1", step: str = "", channel: str = ""
) -> Decision:
    return Decision("u1", NOON, what, reason, "j", run, step, channel)


def counted(*made: Decision, runs: Iterable[Run] = ()) -> Tally:
    tally = Tally()
    count_person(tally, made, runs, lambda instant: date.fromordinal(instant // 86_400_000_000 + 1))
    return tally


def test_a_run_that_began_again_is_counted_once() -> None:
    journey = counted(
        told("entered", "visited"),
        told("left", "restart"),
        told("entered", "visited", run="r2"),
        told("converted", "goal", run="r2"),
        told("left", "goal", run="r2"),
    ).journeys["j"]

    assert (journey.entered, journey.restarted, journey.left) == (1, 1, Counter(goal=1))
    assert (journey.live.runs, journey.live.converted) == (1, 1)


def test_those_held_out_are_counted_apart_even_when_they_begin_again() -> None:
    journey = counted(
        told("held out", "holdout"),
        told("left", "restart"),
        told("held out", "holdout", run="r2"),
        told("converted", "goal", run="r2"),
        told("left", "goal", run="r2"),
    ).journeys["j"]

    assert (journey.entered, journey.held_out, journey.left) == (0, 1, Counter())
    assert (journey.holdout.runs, journey.holdout.converted) == (1, 1)
    assert (journey.live.runs, journey.live.converted) == (0, 0)


def test_a_message_is_counted_when_it_is_handed_over_or_finally_not() -> None:
    journey = counted(
        told("sent", "hello", step="a", channel="push"),
        told("handed over", "hello", step="a", channel="push"),
        told("sent", "hello", step="b", channel="email"),
        told("stopped", "goal: did buy", step="b", channel="email"),
        told("passed over", "capped", step="c", channel="push"),
        told("dropped", "capped", step="c"),
        told("sent", "hello", step="d", channel="email"),
        told("refused", "550 unknown", step="d", channel="email"),
    ).journeys["j"]

    assert journey.sent == Counter(push=1)
    assert journey.not_sent == Counter(goal=1, capped=1, failed=1)
    assert journey.passed_over == {"push": Counter(capped=1)}
    assert journey.steps["b"].not_sent == Counter(goal=1)


def test_sums_do_not_depend_on_who_is_added_first() -> None:
    one = counted(told("entered"), told("handed over", "hello", step="a", channel="push"))
    other = counted(told("held out", run="r9"), told("not entered", "re-enter"))

    assert add_up([one, other]) == add_up([other, one])
    assert add_up([one, other]).people == 2


def test_adding_up_leaves_the_parts_alone() -> None:
    one, before = counted(told("entered")), counted(told("entered"))

    add_up([one, one])

    assert one == before
