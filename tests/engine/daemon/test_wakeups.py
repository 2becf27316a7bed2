"""The alarm and the tick: alarms for this process, and no memory of people."""

from __future__ import annotations

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from freezegun import freeze_time

from dsl.calendar import DAY, HOUR, MINUTE, SECOND, from_datetime, to_datetime
from engine.clock import SystemClock
from engine.daemon.wakeups import Wakeups


def alarm_of(wakeups: Wakeups) -> list[str]:
    """The instants that alarms are set for."""
    return [str(job.trigger) for job in wakeups._scheduler.get_jobs() if job.id == "alarm"]


def test_an_alarm_rings_when_it_is_due() -> None:
    async def story() -> bool:
        rang = asyncio.Event()
        wakeups = Wakeups(rang.set)
        wakeups.start()
        now = SystemClock().now()
        wakeups.at(now + SECOND // 5, now)
        await asyncio.wait_for(rang.wait(), 10)
        wakeups.stop()
        return SystemClock().now() >= now + SECOND // 5

    assert asyncio.run(story())


def test_what_is_overdue_is_not_asked_for_without_a_pause() -> None:
    wakeups = Wakeups(lambda: None, lambda: 2000 * SECOND)
    wakeups.at(0, 1000 * SECOND)

    assert alarm_of(wakeups) == ["date[1970-01-01 00:33:20 UTC]"]
    assert wakeups._next == 1000 * SECOND + SECOND // 10


def test_an_earlier_alarm_replaces_a_later_one_and_not_the_other_way_round() -> None:
    async def story() -> list[str]:
        now = from_datetime(datetime.fromisoformat("2970-01-01T00:00:00Z"))
        wakeups = Wakeups(lambda: None, lambda: now)
        wakeups.start()
        for minutes in (40, 20, 30):
            wakeups.at(now + minutes * MINUTE, now)
        alarms = alarm_of(wakeups)
        wakeups.stop()
        return alarms

    assert asyncio.run(story()) == ["date[2970-01-01 00:20:00 UTC]"]


def test_what_is_far_away_or_nothing_sets_no_alarm() -> None:
    wakeups = Wakeups(lambda: None)
    wakeups.at(None, 0)
    wakeups.at(2 * HOUR, 0)

    assert alarm_of(wakeups) == []


def test_the_tick_comes_again_and_again() -> None:
    async def story() -> None:
        ticks = asyncio.Semaphore(0)
        wakeups = Wakeups(lambda: None)
        wakeups.every(0.02, ticks.release)
        wakeups.start()
        for _ in range(3):
            await asyncio.wait_for(ticks.acquire(), 10)
        wakeups.stop()

    asyncio.run(story())


@pytest.mark.parametrize("by", [-HOUR, MINUTE, 365 * DAY])
def test_ticks_and_alarms_come_whatever_the_clock_is_set_to(by: int) -> None:
    """And as often as ever: a year that was jumped over has many seconds."""

    async def story() -> int:
        ticks, rang, alarms = 0, asyncio.Event(), asyncio.Semaphore(0)

        def tick() -> None:
            nonlocal ticks
            ticks += 1
            rang.set()

        with freeze_time(tick=True, real_asyncio=True) as wall:
            clock = SystemClock()
            wakeups = Wakeups(alarms.release)
            wakeups.every(0.2, tick)
            wakeups.start()
            await asyncio.wait_for(rang.wait(), 10)
            wakeups.at(clock.now() + MINUTE // 2, clock.now())
            wall.move_to(to_datetime(clock.now() + by))
            rang.clear()
            before = ticks
            await asyncio.wait_for(rang.wait(), 10)
            await asyncio.wait_for(alarms.acquire(), 10)
            wakeups.at(clock.now() + SECOND // 5, clock.now())
            await asyncio.wait_for(alarms.acquire(), 10)
            wakeups.stop()
        return ticks - before

    assert asyncio.run(story()) < 50


@pytest.mark.parametrize(
    ("after", "fires"),
    [
        ("2026-03-28 12:00", ["2026-03-29 03:00", "2026-03-30 02:30", "2026-03-31 02:30"]),
        ("2026-10-24 12:00", ["2026-10-25 02:30", "2026-10-26 02:30", "2026-10-27 02:30"]),
    ],
)
def test_housekeeping_is_done_once_also_when_the_clocks_change(
    after: str, fires: list[str]
) -> None:
    """02:30 does not exist on one night, and comes twice on another."""
    zone = ZoneInfo("Europe/Berlin")
    wakeups = Wakeups(lambda: None)

    async def tidy() -> None:
        raise AssertionError

    wakeups.by_cron("30 2 * * *", zone, tidy)
    (job,) = wakeups._scheduler.get_jobs()
    moment, times = datetime.fromisoformat(after).replace(tzinfo=zone), []
    for _ in fires:
        moment = job.trigger.get_next_fire_time(moment, moment)
        times.append(moment.strftime("%Y-%m-%d %H:%M"))

    assert times == fires
