"""The wall clock is set under a running engine: nothing is lost, nothing happens twice, and nothing
of a person's changes its order.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.adapter import Capabilities
from channels.memory import MemoryAdapter
from channels.message import Message
from channels.outcome import Accepted, Outcome
from dsl.calendar import DAY, HOUR, MINUTE, SECOND, Instant
from engine.clock import DOUBT, LEASES_LAST, SteadyClock
from engine.dispatcher import Dispatcher
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.engine.scene import Scene, journey

YEAR = 365 * DAY
THANKS = journey(
    """
  - {id: thanks, send: hello, to: email}
  - {id: pause, wait: 10 minutes}
  - {id: review, send: named, to: email}
""",
    "thanks",
    "category: service\ntrigger: {event: purchase}\none per: trigger.cart_id\nre-enter: any time",
)
PEOPLE = ("ada", "bob")


class Machine:
    """The machine an engine runs on. Its clock is set, and its time passes, by hand."""

    def __init__(self, store: Store) -> None:
        self.passed: Instant = 1
        self.off: Instant = 0
        self.scene = Scene(THANKS, store=store)
        for name in PEOPLE:
            self.scene.person(name, first_name=name)
        self.start = self.scene.now
        self.bought: list[tuple[str, str]] = []
        self.begin()

    def wall(self) -> Instant:
        return self.start + self.passed + self.off

    def begin(self) -> None:
        """A daemon begins, with what it finds in the store."""
        latest = self.scene.store.pulse.latest()
        self.clock = SteadyClock(self.wall, latest, lambda: self.passed)
        self.work()

    def work(self) -> None:
        self.scene.now = self.clock.now()
        if any(step.what == "believed" and step.by < 0 for step in self.clock.steps()):
            self.scene.store.pulse.bring_forward(self.scene.now)
        self.scene.settle()

    def buy(self, name: str) -> None:
        """An order is accepted, and nobody has looked at it yet."""
        cart = f"{name}-{len(self.bought)}"
        self.bought.append((name, cart))
        self.scene.now = self.clock.now()
        settle, self.scene.settle = self.scene.settle, lambda: None  # type: ignore[method-assign]
        self.scene.event("purchase", name, cart_id=cart, total="10 EUR")
        self.scene.settle = settle  # type: ignore[method-assign]

    def passes(self, length: Instant, looks: int = 8) -> None:
        for _ in range(looks):
            self.passed += length // looks
            self.work()

    def sent(self) -> Counter[tuple[str, str]]:
        """How often each cart was thanked for with each message."""
        store = self.scene.store
        runs = {run.id: run.key for view in store.people(PEOPLE, ()).values() for run in view.runs}
        deliveries = [store.deliveries([m.id])[m.id] for m in self.scene.adapter.accepted]
        return Counter((runs[each.run], each.message) for each in deliveries)

    def entered(self, name: str) -> list[str]:
        """The carts of somebody in the order in which they were looked at."""
        runs = {run.id: run.key for run in self.scene.runs(name)}
        return [runs[each.run] for each in self.scene.decisions(name) if each.what == "entered"]


def lives(script: list[tuple[str, object]], store: Store, farthest: Instant = HOUR // 2) -> Machine:
    """With a clock that is never wrong by more than ``farthest``."""
    machine = Machine(store)
    for what, value in script:
        match what, value:
            case "buy", str(name):
                machine.buy(name)
            case "passes", int(length):
                machine.passes(length)
            case "set", int(by):
                machine.off = max(-farthest, min(farthest, machine.off + by))
            case _:
                machine.begin()
    machine.passes(DOUBT + 4 * HOUR, looks=40)
    return machine


def moves(*steps: Instant) -> st.SearchStrategy[list[tuple[str, object]]]:
    return st.lists(
        st.one_of(
            st.tuples(st.just("buy"), st.sampled_from(PEOPLE)),
            st.tuples(st.just("buy"), st.sampled_from(PEOPLE)),
            st.tuples(st.just("set"), st.sampled_from([*steps, *(-by for by in steps)])),
            st.tuples(
                st.just("passes"), st.sampled_from([SECOND, MINUTE, 7 * MINUTE, 15 * MINUTE])
            ),
            st.tuples(st.just("restart"), st.none()),
        ),
        min_size=3,
        max_size=12,
    )


def everything_once(machine: Machine) -> None:
    carts = [cart for _, cart in machine.bought]
    assert machine.sent() == Counter(
        {(cart, message): 1 for cart in carts for message in ("hello", "named")}
    )
    for name in PEOPLE:
        assert machine.entered(name) == [cart for who, cart in machine.bought if who == name]
    assert machine.scene.store.pulse.backlog().arrivals == 0


@settings(max_examples=25, deadline=None)
@given(moves(SECOND, MINUTE, HOUR))
def test_whatever_is_set_by_up_to_an_hour_everything_happens_once_and_in_its_order(
    script: list[tuple[str, object]],
) -> None:
    """And no story tells of an earlier time after a later one."""
    machine = lives(script, MemoryStore())

    everything_once(machine)
    for name in PEOPLE:
        told = [each.at for each in machine.scene.decisions(name)]
        assert told == sorted(told)


@settings(max_examples=6, deadline=None)
@given(moves(MINUTE, HOUR))
def test_so_it_is_in_sqlite(script: list[tuple[str, object]]) -> None:
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'wayline.db'}")
        try:
            everything_once(lives(script, store))
        finally:
            store.close()


@settings(max_examples=25, deadline=None)
@given(moves(MINUTE, HOUR, YEAR).filter(lambda script: "restart" not in dict(script)))
def test_a_year_loses_nothing_and_doubles_nothing_either(
    script: list[tuple[str, object]],
) -> None:
    """A timer that was set in a year that is taken back comes in that year: so all is looked at
    when the last of them has come.
    """
    machine = lives(script, MemoryStore(), 20 * YEAR)
    machine.off = 20 * YEAR
    machine.passes(DOUBT + HOUR, looks=20)

    everything_once(machine)


def test_a_year_that_is_taken_back_within_minutes_fires_nothing() -> None:
    machine = Machine(MemoryStore())
    machine.buy("ada")
    machine.work()
    machine.off += YEAR
    machine.passes(DOUBT - MINUTE)
    assert machine.sent() == {("ada-0", "hello"): 1}

    machine.off -= YEAR
    machine.passes(2 * MINUTE)
    assert machine.sent() == {("ada-0", "hello"): 1, ("ada-0", "named"): 1}


def test_a_timer_is_late_by_no_more_than_the_clock_was_set_back() -> None:
    machine = Machine(MemoryStore())
    machine.buy("ada")
    machine.work()
    machine.off -= 5 * MINUTE
    machine.passes(15 * MINUTE - SECOND, looks=100)
    assert ("ada-0", "named") not in machine.sent()

    machine.passes(2 * SECOND, looks=2)
    assert ("ada-0", "named") in machine.sent()


class Slow(MemoryAdapter):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.asked = asyncio.Event()
        self.calls: list[str] = []

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(super().capabilities.channels, concurrency=8)

    async def send(self, message: Message) -> Outcome:
        self.calls.append(message.id)
        self.asked.set()
        await self.gate.wait()
        return Accepted(message.id)


@pytest.mark.parametrize("by", [MINUTE, 3 * MINUTE, HOUR])
def test_a_step_forward_hands_nothing_over_that_is_still_out(by: Instant) -> None:
    """A lease of two minutes would have ended with the step, and the message be tried again."""
    machine = Machine(MemoryStore())
    scene, clock = machine.scene, machine.clock
    machine.buy("ada")
    scene.runner.run_once(clock.now())

    async def story() -> list[str]:
        adapter = Slow()
        dispatcher = Dispatcher(scene.store, scene.program, {"email": adapter})
        await dispatcher.begin(clock.now(), clock.leased())
        await asyncio.wait_for(adapter.asked.wait(), 10)
        machine.off += by
        await dispatcher.begin(clock.now(), clock.leased())
        adapter.gate.set()
        await dispatcher.finish()
        await dispatcher.run_once(clock.now(), clock.leased())
        return adapter.calls

    calls = asyncio.run(story())
    (delivery,) = scene.store.deliveries_of("ada")

    assert calls == [delivery.id]
    assert delivery.status == "accepted"


def test_what_is_lost_is_found_although_the_clock_was_set() -> None:
    """A while later, and then as ever."""
    machine = Machine(MemoryStore())
    scene, clock = machine.scene, machine.clock
    machine.buy("ada")
    scene.runner.run_once(clock.now())
    scene.store.claim(clock.now(), 8, clock.now() + 2 * MINUTE)
    machine.off += HOUR

    assert scene.store.lost(clock.leased()) == []
    machine.passed += LEASES_LAST
    assert len(scene.store.lost(clock.leased())) == 1
