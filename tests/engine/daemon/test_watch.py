"""What a daemon looks at once a second: the time, and how much waits."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from dsl.calendar import DAY, HOUR, MINUTE, SECOND, Instant
from engine.clock import DOUBT
from engine.daemon.watch import Watch
from engine.logs import open_log
from engine.metrics import Metrics
from engine.store.memory import MemoryStore
from engine.store.memory_pulse import MemoryPulse
from engine.store.protocol import StoreUnavailableError
from engine.store.testing.samples import event

START = 50 * 365 * DAY


class Room:
    """A store, a watch over it, and clocks that are set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, store: MemoryStore | None = None) -> None:
        self.passed: Instant = 1
        self.wall: Instant = START
        self.said = io.StringIO()
        self.metrics = Metrics()
        self.store = MemoryStore() if store is None else store
        monkeypatch.setattr("engine.clock.time.monotonic_ns", lambda: self.passed * 1000)
        monkeypatch.setattr("engine.clock.time.clock_gettime_ns", lambda _: self.passed * 1000)

    def now(self) -> Instant:
        return self.wall + self.passed

    def watch(self, most: int = 100) -> Watch:
        log = open_log("json", stream=self.said)
        return Watch(self.store, self, self.metrics, log, most)

    def lines(self) -> list[dict[str, Any]]:
        said = self.said.getvalue()
        self.said.seek(0)
        self.said.truncate()
        return [json.loads(line) for line in said.splitlines()]

    def figure(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    return Room(monkeypatch)


def test_nothing_is_said_while_all_is_well(room: Room) -> None:
    watch = room.watch()
    for _ in range(5):
        room.passed += SECOND
        watch.look_once()

    assert room.lines() == []
    assert watch.clock.now() == room.now()


def test_what_waits_is_counted_and_how_long(room: Room) -> None:
    watch = room.watch()
    room.store.append([event("e1", received=room.now()), event("e2", "bob", room.now() + 5)])
    room.passed += 3 * SECOND
    watch.look_once()

    assert room.figure("wayline_backlog") == 2
    assert room.figure("wayline_oldest_signal_seconds") == 3
    assert room.figure("wayline_lateness_seconds") == 3


def test_what_was_waited_for_is_counted_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = room.watch()
    for waited in ({"writing": 2.0}, {"writing": 2.5}, {"writing": 2.5, "other": 1.0}):
        monkeypatch.setattr(type(room.store.pulse), "waited", lambda _, it=waited: it)
        room.passed += SECOND
        watch.look_once()

    assert room.figure("wayline_lock_wait_seconds_total", lock="writing") == 2.5
    assert room.figure("wayline_lock_wait_seconds_total", lock="other") == 1


def test_who_sends_too_much_is_told_so(room: Room) -> None:
    watch = room.watch(most=2)
    assert watch.pressure.admit(1) is None
    room.store.append([event(f"e{number}", received=room.now()) for number in range(2)])
    watch.look_once()

    assert watch.pressure.admit(1) is not None


def test_a_step_of_the_clock_is_said_once(room: Room) -> None:
    watch = room.watch()
    room.wall -= MINUTE
    watch.look_once()
    watch.look_once()

    (line,) = room.lines()
    assert line["event"].startswith("the clock was set back")
    assert line["seconds"] == -60
    assert room.figure("wayline_clock_steps_total", what="followed") == 1
    assert room.figure("wayline_clock_difference_seconds") == -60


def test_a_year_forward_is_said_twice_and_does_nothing_in_between(room: Room) -> None:
    watch = room.watch()
    before = watch.clock.now()
    room.wall += 365 * DAY
    watch.look_once()
    room.passed += MINUTE

    assert watch.clock.now() == before + MINUTE
    assert [(line["level"], line["seconds"]) for line in room.lines()] == [
        ("error", 365 * 24 * 3600)
    ]
    room.passed += DOUBT
    watch.look_once()
    assert [line["event"] for line in room.lines()] == ["the clock is believed now"]
    assert watch.clock.now() == room.now()


def test_events_of_a_time_that_never_was_are_processed_all_the_same(room: Room) -> None:
    """They were received by a clock that was a year ahead; now it is believed that it was."""
    watch = room.watch()
    room.store.append([event("e1", received=watch.clock.now())])
    room.wall -= 365 * DAY
    watch.look_once()
    room.passed += DOUBT
    watch.look_once()

    with room.store.batch() as batch:
        assert batch.due(watch.clock.now(), 10) == ["ada"]
    last = room.lines()[-1]
    assert last["event"] == "events of the time before are processed now"
    assert last["events"] == 1


def test_a_store_that_has_rested_for_long_is_said_to_have(room: Room) -> None:
    room.store.append([event("e1", received=START - 3 * DAY)])
    watch = room.watch()

    (line,) = room.lines()
    assert line["event"] == "this store has rested: what is overdue is done now"
    assert line["days"] == 3
    assert watch.clock.now() == room.now()


def test_a_clock_that_is_behind_the_store_goes_on_from_there(room: Room) -> None:
    latest = room.now() + MINUTE
    room.store.append([event("e1", received=latest)])

    assert room.watch().clock.now() == latest


class _Served(MemoryPulse):
    """A store that has a clock of its own."""

    ask: Callable[[], Instant]

    def clock(self) -> Instant:
        return self.ask()


def served(room: Room, ask: Callable[[], Instant]) -> None:
    pulse = _Served(room.store._lock, room.store._shelves)
    pulse.ask = ask
    room.store.pulse = pulse


def test_the_clock_of_the_database_counts_and_another_one_is_said_to_differ(room: Room) -> None:
    served(room, lambda: START + room.passed)
    watch = room.watch()
    room.wall += HOUR // 2
    watch.look_once()
    watch.look_once()

    assert watch.clock.now() == START + room.passed
    (line,) = room.lines()
    assert line["event"] == "this machine's clock is not that of the database, which counts"
    assert line["seconds"] == 1800
    room.wall -= HOUR // 2
    watch.look_once()
    assert [each["level"] for each in room.lines()] == ["info"]


def test_the_database_is_asked_again_and_again(room: Room) -> None:
    ahead = 0
    served(room, lambda: START + room.passed + ahead)
    watch = room.watch()
    ahead = MINUTE
    room.passed += SECOND
    watch.look_once()
    assert watch.clock.now() == START + room.passed

    room.passed += 10 * SECOND
    watch.look_once()
    assert watch.clock.now() == START + room.passed + MINUTE


def test_while_the_store_is_away_the_clock_is_watched(room: Room) -> None:
    class Away(MemoryPulse):
        def latest(self) -> Instant | None:
            return None

        def backlog(self) -> Any:
            raise StoreUnavailableError("away")

    room.store.pulse = Away(room.store._lock, room.store._shelves)
    watch = room.watch()
    room.wall += MINUTE
    room.passed += SECOND
    asyncio.run(watch.look())

    assert [line["event"] for line in room.lines()] == ["the clock was set forward"]
