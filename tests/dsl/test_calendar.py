"""Local time is what a wall clock shows (language reference, section 2.7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.calendar import (
    DAY,
    HOUR,
    MINUTE,
    Duration,
    add,
    at_local,
    from_datetime,
    local,
    subtract,
    to_datetime,
)

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def at(text: str, zone: ZoneInfo = BERLIN) -> int:
    """The instant at which the clock in ``zone`` shows ``text``."""
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=zone))


def shown(instant: int, zone: ZoneInfo = BERLIN) -> str:
    return local(instant, zone).strftime("%Y-%m-%d %H:%M %z")


def test_a_day_keeps_the_clock_time_when_the_clocks_change() -> None:
    """One day over the change in spring lasts 23 hours, in autumn 25; 24 hours do not change."""
    spring, autumn = at("2026-03-28 09:00"), at("2026-10-24 09:00")

    assert add(spring, Duration(days=1), BERLIN) - spring == 23 * HOUR
    assert add(autumn, Duration(days=1), BERLIN) - autumn == 25 * HOUR
    assert add(spring, Duration(micros=24 * HOUR), BERLIN) - spring == DAY


def test_a_time_that_does_not_exist_moves_forward_by_the_gap() -> None:
    """02:30 on 29 March 2026 in Berlin is 03:30 summer time."""
    moment = at_local(date(2026, 3, 29), time(2, 30), BERLIN)

    assert shown(moment) == "2026-03-29 03:30 +0200"


def test_a_time_that_exists_twice_is_the_first_one() -> None:
    """02:30 on 25 October 2026 in Berlin is still summer time."""
    moment = at_local(date(2026, 10, 25), time(2, 30), BERLIN)

    assert shown(moment) == "2026-10-25 02:30 +0200"


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        ("2026-01-31 10:00", Duration(months=1), "2026-02-28 10:00"),
        ("2028-01-31 10:00", Duration(months=1), "2028-02-29 10:00"),
        ("2028-02-29 10:00", Duration(months=12), "2029-02-28 10:00"),
        ("2026-03-31 10:00", Duration(months=-1), "2026-02-28 10:00"),
        ("2026-12-31 10:00", Duration(months=2), "2027-02-28 10:00"),
        ("2026-05-01 10:00", Duration(working_days=1), "2026-05-04 10:00"),
        ("2026-05-04 10:00", Duration(working_days=-1), "2026-05-01 10:00"),
        ("2026-05-01 10:00", Duration(days=1, micros=90 * MINUTE), "2026-05-02 11:30"),
    ],
)
def test_calendar_units_are_added_on_the_wall_clock(
    start: str, length: Duration, expected: str
) -> None:
    """Months clamp to the last day; working days skip the weekend."""
    assert local(add(at(start), length, BERLIN), BERLIN).strftime("%Y-%m-%d %H:%M") == expected


def test_working_days_skip_holidays() -> None:
    """The first of May 2026 is a Friday."""
    holidays = frozenset({date(2026, 5, 1)})

    moment = add(at("2026-04-30 10:00"), Duration(working_days=1), BERLIN, holidays)

    assert shown(moment) == "2026-05-04 10:00 +0200"


def test_zero_days_change_nothing_even_in_the_hour_that_exists_twice() -> None:
    """The second 02:30 stays the second one."""
    second = from_datetime(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))

    assert add(second, Duration(micros=MINUTE), BERLIN) == second + MINUTE
    assert shown(second) == "2026-10-25 02:30 +0100"


instants = st.integers(from_datetime(datetime(1971, 1, 1, tzinfo=UTC)), 4 * 10**15)
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"])


@given(instants, st.integers(0, 800), zones)
def test_whole_days_keep_the_clock_unless_it_does_not_exist(
    start: int, days: int, name: str
) -> None:
    """Either the clock shows the same time, or that time is in the gap of that day."""
    zone = ZoneInfo(name)

    moved = local(add(start, Duration(days=days), zone), zone)

    wanted = local(start, zone)
    if moved.time() != wanted.time():
        naive = datetime.combine(moved.date(), wanted.time())
        earlier = naive.replace(tzinfo=zone, fold=0).utcoffset()
        later = naive.replace(tzinfo=zone, fold=1).utcoffset()
        assert earlier != later


ODD = ("Africa/Casablanca", "Antarctica/Troll", "Asia/Gaza", "Australia/Lord_Howe", "Pacific/Apia")


def changes(zone: ZoneInfo) -> list[int]:
    """The days, counted from 1971, on which the clocks of ``zone`` change."""
    first = from_datetime(datetime(1971, 1, 1, tzinfo=UTC))
    shifts = [local(first + day * DAY, zone).utcoffset() for day in range(60 * 365)]
    return [day for day in range(1, len(shifts)) if shifts[day] != shifts[day - 1]]


def test_days_are_added_on_the_wall_clock_however_near_the_clocks_change() -> None:
    """Adding whole days to the wall clock, and asking the zone what that is, says the same."""
    first, lengths = from_datetime(datetime(1971, 1, 1, tzinfo=UTC)), (-7, -1, 1, 2, 3, 7, 30)
    for name in (*ODD, "Europe/Berlin"):
        zone = ZoneInfo(name)
        for number, day in enumerate(changes(zone)):
            for hours in range(-50 + number % 5, 51, 5):
                start = first + day * DAY + hours * HOUR + number * MINUTE
                here = local(start, zone)
                for days in lengths[number % 3 :: 3]:
                    clock = datetime.combine(here.date() + timedelta(days=days), here.time())
                    by_hand = from_datetime(clock.replace(tzinfo=zone))

                    assert add(start, Duration(days=days), zone) == by_hand


@given(instants, st.integers(0, 400), st.integers(0, 10**11), zones)
def test_no_length_is_longer_than_its_bound(start: int, days: int, micros: int, name: str) -> None:
    """``longest`` bounds the length in every zone and season."""
    length = Duration(days=days, micros=micros)

    # Pacific/Apia skipped a whole day once, so a day there may take one more.
    slack = DAY if name == "Pacific/Apia" else 0

    assert add(start, length, ZoneInfo(name)) - start <= length.longest + slack


@given(instants, zones)
def test_an_instant_survives_the_way_through_a_datetime(instant: int, name: str) -> None:
    """Microseconds are kept exactly."""
    assert from_datetime(to_datetime(instant, ZoneInfo(name))) == instant


def test_subtracting_is_adding_the_opposite() -> None:
    """Friday 20:00 in New York, one week before."""
    friday = at("2026-11-06 20:00", NEW_YORK)

    assert shown(subtract(friday, Duration(days=7), NEW_YORK), NEW_YORK).startswith(
        "2026-10-30 20:00"
    )
