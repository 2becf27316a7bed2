"""The one module that looks at the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from freezegun import freeze_time

from dsl.calendar import SECOND, from_datetime
from engine.clock import SystemClock


def test_the_system_clock_tells_the_time_of_the_machine_in_microseconds_utc() -> None:
    moment = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)

    with freeze_time(moment):
        now = SystemClock().now()

    assert now == from_datetime(moment)


def test_a_zone_of_the_machine_changes_nothing() -> None:
    moment = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    with freeze_time(moment, tz_offset=timedelta(hours=9)):
        now = SystemClock().now()

    assert now == from_datetime(moment)


def test_it_goes_on_and_follows_an_operator_who_sets_the_clock_back() -> None:
    clock = SystemClock()

    with freeze_time("2026-03-01 12:00:00") as wall:
        first = clock.now()
        wall.tick(timedelta(seconds=5))
        later = clock.now()
        wall.move_to("2026-03-01 11:59:59")
        back = clock.now()

    assert later - first == 5 * SECOND
    assert back - first == -1 * SECOND
