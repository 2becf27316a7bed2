"""How a store is: its latest instant, and what waits."""

from __future__ import annotations

from engine.core.aside import Aside
from engine.core.decision import Decision
from engine.core.knowing import number_of
from engine.core.signals import Erased
from engine.store.protocol import Changes, Store
from engine.store.pulse import Backlog
from engine.store.testing.samples import commit, due, event, process

__all__ = ["TestPulse"]


def _order(store: Store, now: int, person: str = "ada") -> list[str]:
    with store.batch() as batch:
        return [arrival.id for arrival in batch.load([person], now)[person].pending]


class TestPulse:
    """Asked beside the work."""

    def test_an_empty_store_remembers_no_instant_and_nothing_waits(self, store: Store) -> None:
        assert store.pulse.latest() is None
        assert store.pulse.backlog() == Backlog(0, None)
        assert store.pulse.bring_forward(10) == 0

    def test_the_latest_instant_is_that_of_the_last_arrival_or_decision(self, store: Store) -> None:
        store.append([event("e1", received=10), event("e2", received=20)])
        assert store.pulse.latest() == 20

        process(store, 20)
        commit(store, Changes(decisions=[Decision("ada", 25, "sent", "")]))
        assert store.pulse.latest() == 25

        store.append([event("e3", received=30)])
        assert store.pulse.latest() == 30

    def test_what_is_not_processed_waits(self, store: Store) -> None:
        store.append([event("e1", received=10), event("e2", "bob", 7), event("e3", "bob", 20)])
        assert store.pulse.backlog() == Backlog(3, 7)

        process(store, 15)
        assert store.pulse.backlog() == Backlog(1, 20)

    def test_those_who_are_set_aside_do_not_count_but_for_their_wish_to_be_forgotten(
        self, store: Store
    ) -> None:
        store.append([event("e1", received=10), event("e2", "bob", 20)])
        commit(store, Changes(aside=[Aside("ada", 10, "a bug")]))
        assert store.pulse.backlog() == Backlog(1, 20)

        store.append([event("e3", received=11), Erased("x", "ada", 12, 0)])
        assert store.pulse.backlog() == Backlog(2, 12)

    def test_arrivals_of_a_clock_that_was_ahead_are_due_now_in_their_order(
        self, store: Store
    ) -> None:
        store.append([event("e1", received=1000), event("e2", received=1001)])
        store.append([event("e3", "bob", received=5)])
        assert due(store, 10) == ["bob"]

        assert store.pulse.bring_forward(10) == 2
        store.append([event("e4", received=11)])

        assert due(store, 10) == ["bob", "ada"]
        assert _order(store, 10) == ["e1", "e2"]
        assert _order(store, 11) == ["e1", "e2", "e4"]
        assert store.pulse.bring_forward(20) == 0

    def test_nobody_who_is_set_aside_is_brought_forward(self, store: Store) -> None:
        store.append([event("e1", received=1000)])
        commit(store, Changes(aside=[Aside("ada", 10, "a bug")]))

        assert store.pulse.bring_forward(10) == 0
        assert due(store, 10) == []

    def test_what_was_brought_forward_is_processed_once(self, store: Store) -> None:
        store.append([event("e1", received=1000)])
        store.pulse.bring_forward(10)
        with store.batch() as batch:
            (arrival,) = batch.load(["ada"], 10)["ada"].pending
            batch.commit(Changes(processed=[number_of(arrival)]))

        assert due(store, 10**6) == []
        assert store.pulse.backlog() == Backlog(0, None)
