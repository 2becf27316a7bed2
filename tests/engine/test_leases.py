"""Leases are short, and renewed; nobody is taken for dead by somebody who was not there."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import URL

from dsl.calendar import SECOND, Instant
from engine.core.changes import Changes
from engine.daemon.patience import Patience
from engine.leases import LEASE, Leases
from engine.logs import open_log
from engine.store import open_store
from engine.store.protocol import Store, StoreUnavailableError
from engine.store.testing.samples import commit, delivery
from tests.postgres import address_of

START: Instant = 1_000 * SECOND


class Clock:
    def __init__(self) -> None:
        self.time = START

    def now(self) -> Instant:
        return self.time


class Worker:
    """Somebody's process on the store they share."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.leases = Leases(store, clock)
        self.clock = clock
        self.patience = Patience(open_log(stream=io.StringIO()), self.leases)

    def claim(self) -> list[str]:
        now = self.clock.time
        return [each.id for each in self.store.claim(now, 1, now + LEASE)]

    def lost(self) -> list[str]:
        """What the dispatcher would find lost, by way of its patience."""
        found = asyncio.run(self.patience(self.store.lost, self.clock.time))
        return [each.id for each in found]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engage(postgres: URL, clock: Clock) -> Iterator[Callable[[], Worker]]:
    opened: list[Store] = []

    def engage() -> Worker:
        opened.append(open_store(address_of(postgres)))
        return Worker(opened[-1], clock)

    yield engage
    for each in opened:
        each.close()


@pytest.fixture
def one(engage: Callable[[], Worker]) -> Worker:
    worker = engage()
    commit(worker.store, Changes(deliveries=[delivery("d1", due=START)]))
    assert worker.claim() == ["d1"]
    return worker


def pass_time(clock: Clock, seconds: int, *alive: Worker) -> None:
    """Second by second, and those who live renew their leases now and then."""
    for second in range(1, seconds + 1):
        clock.time += SECOND
        if second % 3 == 0:
            for each in alive:
                each.leases.renew()


def test_a_call_that_takes_long_is_not_lost(
    one: Worker, engage: Callable[[], Worker], clock: Clock
) -> None:
    other = engage()
    pass_time(clock, 300, one, other)

    assert other.lost() == []
    assert one.lost() == []


def test_what_a_dead_process_had_in_its_hands_is_lost_within_seconds(
    one: Worker, engage: Callable[[], Worker], clock: Clock
) -> None:
    other = engage()
    pass_time(clock, 20, one, other)
    pass_time(clock, LEASE // SECOND, other)  # the one is dead

    assert other.lost() == ["d1"]


def test_whoever_was_cut_off_gives_the_others_time_to_say_that_they_live(
    one: Worker, engage: Callable[[], Worker], clock: Clock
) -> None:
    """The store was away for a minute, and nobody could renew anything."""
    other = engage()
    clock.time += 60 * SECOND
    one.patience.troubled(StoreUnavailableError("away"))
    other.patience.troubled(StoreUnavailableError("away"))

    assert other.lost() == []
    pass_time(clock, 30, one, other)
    assert other.lost() == []
    pass_time(clock, LEASE // SECOND, other)  # and now the one dies
    assert other.lost() == ["d1"]


def test_a_short_absence_of_the_store_counts_too(
    one: Worker, engage: Callable[[], Worker], clock: Clock
) -> None:
    """Our own leases have not ended yet; those of somebody else have."""
    other = engage()
    pass_time(clock, 3, other)
    clock.time += 13 * SECOND
    other.patience.troubled(StoreUnavailableError("away"))

    assert other.lost() == []


def test_so_does_whoever_was_cut_off_and_did_not_notice(
    one: Worker, engage: Callable[[], Worker], clock: Clock
) -> None:
    """The machine slept, or its clock was set."""
    other = engage()
    clock.time += 3_600 * SECOND
    assert other.lost() == []
    pass_time(clock, 30, one, other)
    clock.time -= 1_800 * SECOND

    assert other.lost() == []


def test_whoever_begins_takes_nobody_for_dead_and_keeps_no_dead_alive(
    one: Worker, engage: Callable[[], Worker], clock: Clock
) -> None:
    pass_time(clock, LEASE // SECOND - 1)
    assert engage().lost() == []
    pass_time(clock, 1)

    assert engage().lost() == ["d1"]
