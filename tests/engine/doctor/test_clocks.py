"""What the doctor says of clocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import URL

from dsl.calendar import DAY, HOUR, MINUTE, SECOND, Instant
from engine.clock import SystemClock
from engine.doctor.store import clocks
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.memory_pulse import MemoryPulse
from engine.store.protocol import Store
from engine.store.testing.samples import event
from tests.postgres import address_of

NOW = SystemClock().now()


class Served(MemoryPulse):
    """A store whose server has a clock."""

    there: Instant = NOW

    def clock(self) -> Instant | None:
        return self.there


def served(there: Instant) -> MemoryStore:
    store = MemoryStore()
    pulse = Served(store._lock, store._shelves)
    pulse.there = there
    store.pulse = pulse
    return store


@pytest.fixture
def on_postgresql(postgres: URL) -> Iterator[Store]:
    with closing(open_store(address_of(postgres))) as store:
        yield store


def test_all_is_well_with_a_clock_that_goes_on() -> None:
    store = MemoryStore()
    store.append([event("e1", received=NOW - DAY)])

    assert clocks(store, NOW) == []


def test_a_store_that_knows_the_future_has_seen_a_wrong_clock() -> None:
    store = MemoryStore()
    store.append([event("e1", received=NOW + 365 * DAY)])
    (finding,) = clocks(store, NOW)

    assert finding.level == "problem"
    assert finding.says == "The store remembers what will be in 365 days: a clock is wrong, or was."
    assert "Put the clock right" in (finding.fix or "")


@pytest.mark.parametrize(
    ("apart", "says"),
    [(HOUR, "60 minutes ahead of"), (-2 * MINUTE, "2 minutes behind"), (SECOND, "")],
)
def test_a_machine_whose_clock_is_not_that_of_the_database(apart: Instant, says: str) -> None:
    findings = clocks(served(NOW - apart), NOW)

    assert [each.level for each in findings] == (["note"] if says else [])
    assert all(f"clock is {says} that of the database" in each.says for each in findings)


def test_the_database_is_asked_what_time_it_is(on_postgresql: Store) -> None:
    there = on_postgresql.pulse.clock()

    assert there is not None
    assert abs(there - SystemClock().now()) < HOUR
