"""The first moment at or after arrival (language reference, sections 2.5 and 4.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from benchmarks.shop import scope
from dsl.calendar import DAY, HOUR, Instant
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_moment
from dsl.expr.context import Context
from dsl.machine import Moment, Rule
from dsl.source import Text
from tests.dsl.expr.asking import at, somebody

MONDAY = at("2026-03-02 10:00")


def moment(text: str, who: Context | None = None, arrived: Instant = MONDAY) -> Instant | None:
    found: list[Diagnostic] = []
    compiled = compile_moment(Text.of(text), scope(), found)
    assert isinstance(compiled, Moment), found
    return compiled.when(who or somebody(now=MONDAY), arrived)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:00", "2026-03-03 09:00"),
        ("10:00", "2026-03-02 10:00"),
        ("10:01", "2026-03-02 10:01"),
        ("today at 09:00", "2026-03-02 09:00"),
        ("tomorrow", "2026-03-03 00:00"),
        ("tomorrow at 09:00", "2026-03-03 09:00"),
        ("Monday", "2026-03-02 10:00"),
        ("Monday at 10:00", "2026-03-02 10:00"),
        ("Monday at 09:00", "2026-03-09 09:00"),
        ("next Monday", "2026-03-09 00:00"),
        ("next Monday at 18:00", "2026-03-09 18:00"),
        ("Tuesday", "2026-03-03 00:00"),
        ("next Monday or Thursday at 18:30", "2026-03-05 18:30"),
        ("a weekday at 10:00", "2026-03-02 10:00"),
        ("a weekend day at 10:00", "2026-03-07 10:00"),
        ("a weekday between 11:00 and 17:00", "2026-03-02 11:00"),
        ("a weekday between 09:00 and 17:00", "2026-03-02 10:00"),
        ("a weekday between 08:00 and 10:00", "2026-03-03 08:00"),
        ("between 22:00 and 06:00", "2026-03-02 22:00"),
        ("between 20:00 and 10:01", "2026-03-02 10:00"),
        ("Sunday between 22:00 and 11:00", "2026-03-02 10:00"),
        ("Sunday between 22:00 and 10:00", "2026-03-08 22:00"),
        ("2026-12-24 at 10:00", "2026-12-24 10:00"),
        ("2026-12-24", "2026-12-24 00:00"),
        ("2026-12-24 18:00", "2026-12-24 18:00"),
        ("2026-12-24 18:00 at 10:00", "2026-12-24 10:00"),
        ("now + 3 hours", "2026-03-02 13:00"),
        ("2020-01-01", "2020-01-01 00:00"),
    ],
)
def test_the_first_such_moment(text: str, expected: str) -> None:
    assert moment(text) == at(expected)


def test_dates_of_the_person_and_of_the_journey() -> None:
    who = somebody(now=MONDAY, renewal_date="2026-03-20")

    assert moment("renewal_date - 14 days at 10:00", who) == at("2026-03-06 10:00")
    assert moment("renewal_date", who) == at("2026-03-20 00:00")
    assert moment("renewal_date at 10:00") is None


def test_a_working_day_is_no_holiday() -> None:
    who = replace(somebody(now=MONDAY), holidays={date(2026, 3, 2), date(2026, 3, 3)})

    assert moment("a working day at 12:00", who) == at("2026-03-04 12:00")
    assert moment("a weekday at 12:00", who) == at("2026-03-02 12:00")


def test_local_times_that_do_not_exist_or_exist_twice() -> None:
    """02:30 on 29 March becomes 03:30; 02:30 on 25 October is the first one."""
    spring, autumn = at("2026-03-28 12:00"), at("2026-10-24 12:00")

    assert moment("tomorrow at 02:30", somebody(now=spring), spring) == at("2026-03-29 03:30")
    assert moment("02:30", somebody(now=autumn), autumn) == at("2026-10-24 12:00") + 14 * HOUR + (
        HOUR // 2
    )


def test_it_is_the_recipients_clock() -> None:
    who = replace(somebody(now=MONDAY), zone=ZoneInfo("America/New_York"))

    assert moment("09:00", who) == at("2026-03-02 09:00", ZoneInfo("America/New_York"))


def test_it_counts_from_arrival_and_not_from_now() -> None:
    assert moment("09:00", arrived=MONDAY + 2 * DAY) == at("2026-03-05 09:00")


def test_a_condition_is_a_rule() -> None:
    found: list[Diagnostic] = []
    compiled = compile_moment(Text.of("did profile_completed since entry"), scope(), found)

    assert isinstance(compiled, Rule)
    assert found == []
    assert compiled.holds(somebody()) is False


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3 days", "T13"),
        ("attempts", "T13"),
        ("09:00 at 10:00", "T13"),
        ("country", "T13"),
        ("Mondy at 09:00", "N01"),
        ("between 09:00 and 09:00", "E09"),
    ],
)
def test_what_is_no_moment(text: str, code: str) -> None:
    found: list[Diagnostic] = []

    assert compile_moment(Text.of(text), scope(), found) is None
    assert [one.code for one in found] == [code]


def test_a_holiday_that_never_ends_is_no_moment() -> None:
    class Always(set[date]):
        def __contains__(self, day: object) -> bool:
            return True

    assert (
        moment("a working day at 12:00", replace(somebody(now=MONDAY), holidays=Always())) is None
    )
