"""The alarm and the tick: alarms for this process, and no memory of people."""

from __future__ import annotations

import asyncio
from datetime import datetime

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
