"""Caps, re-entry, spans, durations and schedules."""

from __future__ import annotations

from datetime import date, time

import pytest

from benchmarks.shop import scope
from dsl.calendar import HOUR, MINUTE, Duration
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import (
    read_blocked,
    read_cap,
    read_duration,
    read_reentry,
    read_rounds,
    read_schedule,
    read_span,
)
from dsl.expr.schedule import EveryLength, Monthly, Once, OnWeekdays, Schedule
from dsl.machine import (
    After,
    AnyTime,
    Blocked,
    Calendar,
    Cap,
    Never,
    NextChannel,
    ReEnter,
    Rolling,
    Skip,
    WaitUpTo,
)
from dsl.source import Text

WEEK = Duration(days=7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 per 7 days", (3, Rolling(WEEK), None, None)),
        ("1 per day on push", (1, Calendar("day"), "push", None)),
        ("2 per week on email about promotional", (2, Calendar("week"), "email", "promotional")),
        ("8 per month about newsletter", (8, Calendar("month"), None, "newsletter")),
        ("5 per 24 hours", (5, Rolling(Duration(micros=24 * HOUR)), None, None)),
        ("5 PER WEEK", (5, Calendar("week"), None, None)),
    ],
)
def test_a_frequency_cap(
    text: str, expected: tuple[int, Rolling | Calendar, str | None, str | None]
) -> None:
    found: list[Diagnostic] = []

    assert read_cap(Text.of(text, "policy.yaml", 14), scope(), found) == Cap(
        *expected, text, "policy.yaml:14"
    )
    assert found == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("never", Never()),
        ("any time", AnyTime()),
        ("after 30 days", After(Duration(days=30), "entering")),
        ("after 30 days since entering", After(Duration(days=30), "entering")),
        ("after 6 months since leaving", After(Duration(months=6), "leaving")),
    ],
)
def test_re_entry(text: str, expected: ReEnter) -> None:
    assert read_reentry(Text.of(text), []) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("skip", Skip()),
        ("next channel", NextChannel()),
        ("wait", WaitUpTo(None)),
        ("wait up to 12 hours", WaitUpTo(Duration(micros=12 * HOUR))),
    ],
)
def test_what_to_do_when_blocked(text: str, expected: Blocked) -> None:
    assert read_blocked(Text.of(text), []) == expected


def test_a_span_a_number_of_rounds_and_a_duration() -> None:
    assert read_span(Text.of("21:00 to 08:30"), []) == (1260, 510)
    assert read_rounds(Text.of("up to 3 times"), []) == 3
    assert read_duration(Text.of("1 hour 30 minutes"), []) == Duration(micros=90 * MINUTE)


def test_a_constant_duration_is_no_formula() -> None:
    found: list[Diagnostic] = []

    assert read_duration(Text.of("refill_interval or else 3 days"), found) is None
    assert [one.code for one in found] == ["T13"]


EVERY_DAY = frozenset(range(7))
NINE = time(9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("every day at 09:00", OnWeekdays(EVERY_DAY, False, NINE, None)),
        (
            "every weekday at 09:00 in Europe/Berlin",
            OnWeekdays(frozenset(range(5)), False, NINE, "Europe/Berlin"),
        ),
        ("every working day at 09:00", OnWeekdays(frozenset(range(5)), True, NINE, None)),
        (
            "every Monday, Thursday and Sunday at 09:00 in recipient's time zone",
            OnWeekdays(frozenset({0, 3, 6}), False, NINE, "recipient"),
        ),
        (
            "every 2 weeks from 2026-01-05 at 09:00",
            EveryLength(Duration(days=14), date(2026, 1, 5), NINE, None),
        ),
        ("on the 31st day of every month at 09:00", Monthly(31, None, False, NINE, None)),
        ("on the last day of every month at 09:00", Monthly(-1, None, False, NINE, None)),
        (
            "on the second Friday of every month at 09:00",
            Monthly(2, frozenset({4}), False, NINE, None),
        ),
        ("once on 2026-11-27 at 09:00 in UTC", Once(date(2026, 11, 27), NINE, "UTC")),
    ],
)
def test_a_schedule(text: str, expected: Schedule) -> None:
    found: list[Diagnostic] = []

    assert read_schedule(Text.of(text), found) == expected
    assert found == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("every day at 09:00 in Europe/Berlim", "Europe/Berlim"),
        ("on the 9th Friday of every month at 09:00", "9th"),
        ("once on 2026-02-30 at 09:00", "2026-02-30"),
    ],
)
def test_a_schedule_that_cannot_be(text: str, words: str) -> None:
    found: list[Diagnostic] = []

    assert read_schedule(Text.of(text), found) is None
    (said,) = found
    assert text[said.span.column - 1 :][: said.span.width] == words
