"""Pages: everything once, in one order, whatever is written meanwhile; and nobody else's."""

from __future__ import annotations

from engine.core.decision import Decision
from engine.core.signals import Erased, EventArrived, ReceiptArrived, StartAsked
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import NUMBERLESS, commit, delivery, event, process

__all__ = ["TestPages"]


def _receipt(identity: str, person: str, told: str, what: str) -> ReceiptArrived:
    return ReceiptArrived(identity, person, 12, NUMBERLESS, told, what, "", 11)


class TestPages:
    """What may be long is read a little at a time."""

    def test_people_are_gone_through_in_the_order_of_first_hearing_of_them(
        self, store: Store
    ) -> None:
        store.append([event(name, name) for name in ("eve", "ada", "bob")])
        first = store.pages.people(0, 2)
        store.append([event("later", "zoe"), event("again", "eve")])

        rest = store.pages.people(first[-1][0], 5)

        assert [name for _, name in (*first, *rest)] == ["eve", "ada", "bob", "zoe"]
        assert store.pages.people(rest[-1][0], 5) == []

    def test_events_come_newest_first_and_are_found_by_their_names(self, store: Store) -> None:
        store.append([event("e1"), event("e2", name="visit"), event("o1", "bob"), event("e3")])
        process(store, 50)
        store.append([event("e4", occurred=2)])

        first = store.pages.events("ada", None, 2)
        rest = store.pages.events("ada", first[-1].event.number, 9)

        assert [each.id for each in (*first, *rest)] == ["e4", "e3", "e2", "e1"]
        assert [each.id for each in store.pages.events("ada", None, 9, ["visit"])] == ["e2"]
        named = store.pages.events("ada", None, 2, ["order", "visit"])
        assert [each.id for each in named] == ["e4", "e3"]
        assert store.pages.events("nobody", None, 9) == []

    def test_a_chain_is_read_from_its_end_and_writing_moves_nothing(self, store: Store) -> None:
        told = [Decision("ada", at, "entered", "", "welcome", f"r{at}") for at in range(5)]
        commit(store, Changes(decisions=told[:4], deliveries=[delivery("d1"), delivery("d2")]))
        first = store.pages.decisions("ada", None, 2)
        commit(store, Changes(decisions=told[4:], deliveries=[delivery("d3")]))

        rest = store.pages.decisions("ada", first[-1][0], 9)

        assert [each for _, each in (*first, *rest)] == told[:4][::-1]
        assert store.pages.decisions("ada", rest[-1][0], 9) == []
        sent = store.pages.deliveries("ada", None, 2)
        assert [each.id for _, each in sent] == ["d3", "d2"]
        assert [d.id for _, d in store.pages.deliveries("ada", sent[-1][0], 2)] == ["d1"]

    def test_a_place_of_somebody_else_leads_nowhere(self, store: Store) -> None:
        commit(store, Changes(decisions=[Decision("ada", 1, "entered", "", "welcome", "r1")]))
        commit(store, Changes(decisions=[Decision("ada", 2, "left", "end", "welcome", "r1")]))
        commit(store, Changes(deliveries=[delivery("d1"), delivery("d2")]))
        commit(store, Changes(decisions=[Decision("bob", 3, "entered", "")]), ["bob"])
        (_, (place, _)) = store.pages.decisions("ada", None, 2)
        (sent, *_) = store.pages.deliveries("ada", None, 1)

        assert store.pages.decisions("bob", place, 9) == []
        assert store.pages.deliveries("bob", sent[0], 9) == []
        assert store.pages.decisions("nobody", None, 9) == []

    def test_receipts_are_those_of_the_delivery_whether_they_wait_or_not(
        self, store: Store
    ) -> None:
        commit(store, Changes(deliveries=[delivery("d1"), delivery("d2")]))
        store.append([_receipt("t1", "ada", "d1", "accepted"), _receipt("t2", "ada", "d2", "x")])
        process(store, 50)
        store.append([_receipt("t3", "ada", "d1", "delivered")])

        told = store.pages.receipts("ada", "d1", 9)

        assert [each.what for each in told] == ["accepted", "delivered"]
        assert [each.what for each in store.pages.receipts("ada", "d1", 1)] == ["delivered"]
        assert store.pages.receipts("bob", "d1", 9) == []

    def test_what_arrived_is_found_by_its_id_whether_it_waits_or_not(self, store: Store) -> None:
        asked = StartAsked("s1", "ada", 10, NUMBERLESS, "welcome", {"percent": 20})
        said = event("e1", "bob", properties={"total": 990})
        store.append([asked, said, _receipt("t1", "ada", "d1", "accepted")])

        for _ in range(2):
            start, happened = store.pages.arrival("s1"), store.pages.arrival("e1")
            assert isinstance(start, StartAsked)
            assert start == asked._replace(number=start.number)
            assert isinstance(happened, EventArrived)
            assert (happened.person, happened.event.properties) == ("bob", {"total": 990})
            assert store.pages.arrival("t1") is None
            assert store.pages.arrival("x") is None
            process(store, 50)
        commit(store, Changes(erased={"ada": 9}), ["ada"])
        assert store.pages.arrival("s1") is None

    def test_what_waits_is_told_by_kind(self, store: Store) -> None:
        store.append([event("e1"), event("e2"), event("o1", "bob")])
        store.append([Erased("gone", "ada", 11, NUMBERLESS)])

        assert sorted(store.pages.waiting("ada")) == ["erasure", "event"]
        process(store, 50)
        assert not store.pages.waiting("bob")
        assert not store.pages.waiting("nobody")
