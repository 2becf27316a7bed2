"""The alarm and the tick: alarms for this process, and no memory of people."""

from __future__ import annotations

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dsl.calendar import HOUR, MINUTE, SECOND, from_datetime
from engine.clock import SystemClock
from engine.wakeups import Wakeups


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
    wakeups = Wakeups(lambda: None)
    wakeups.at(0, 1000 * SECOND)

    assert alarm_of(wakeups) == ["date[1970-01-01 00:16:40 UTC]"]
    assert wakeups._next == 1000 * SECOND + SECOND // 10


def test_an_earlier_alarm_replaces_a_later_one_and_not_the_other_way_round() -> None:
    async def story() -> list[str]:
        wakeups = Wakeups(lambda: None)
        wakeups.start()
        later, early, between = (f"29{decade}-01-01T00:00:00Z" for decade in (90, 70, 80))
        for text in (later, early, between):
            at = from_datetime(datetime.fromisoformat(text))
            wakeups.at(at, at - MINUTE)
        alarms = alarm_of(wakeups)
        wakeups.stop()
        return alarms

    assert asyncio.run(story()) == ["date[2970-01-01 00:00:00 UTC]"]


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
