"""What arrives: durable, once, in order."""

from __future__ import annotations

from threading import Thread

import pytest

from dsl.expr.context import Happened
from engine.core.knowing import number_of, received_at
from engine.core.signals import Arrival, EventArrived, ProfileChanged, ReceiptArrived, StartAsked
from engine.store.protocol import Appended, Changes, Store
from engine.store.testing.samples import NUMBERLESS, due, event, process

__all__ = ["TestArrivals"]

_ODD = "Zoë\x00\n\N{SNOWMAN} '\"?%_{}"


def _pending(store: Store, now: int, *people: str) -> list[Arrival]:
    with store.batch() as batch:
        loaded = batch.load(people or ["ada"], now)
    return [arrival for person in loaded.values() for arrival in person.pending]


class TestArrivals:
    """The inbox and the log."""

    def test_an_id_is_taken_once_within_a_call_and_between_calls(self, store: Store) -> None:
        first = store.append([event("e1"), event("e1"), event("e2")])
        again = store.append([event("e2"), event("e3"), event("e1", person="bob")])

        assert first == Appended(accepted=2, repeated=1)
        assert again == Appended(accepted=1, repeated=2)
        assert [arrival.id for arrival in _pending(store, 10)] == ["e1", "e2", "e3"]

    def test_it_says_which_were_repeated(self, store: Store) -> None:
        store.append([event("e1")])

        given = ["e0", "e1", "e2", "e2", "e3"]
        appended = store.append([event(identity) for identity in given])
        assert appended.repeats == {1, 3}
        assert store.append([event("e3"), event("e1")]).repeats == {0, 1}

    def test_the_first_of_two_with_one_id_is_kept(self, store: Store) -> None:
        store.append([event("e1", properties={"total": 1}), event("e1", properties={"total": 2})])

        (arrival,) = _pending(store, 10)

        assert isinstance(arrival, EventArrived)
        assert arrival.event.properties == {"total": 1}

    def test_an_id_that_was_processed_is_still_repeated(self, store: Store) -> None:
        store.append([event("e1")])
        process(store, 10)

        assert store.append([event("e1")]) == Appended(accepted=0, repeated=1)
        assert due(store, 10) == []

    def test_times_of_today_are_kept_exactly(self, store: Store) -> None:
        now = 1_795_332_347_084_277
        store.append([event(f"e{each}", f"p{each}", now + each) for each in range(20)])

        people = [f"p{each}" for each in range(20)]
        assert [received_at(each) for each in _pending(store, now + 99, *people)] == [
            now + each for each in range(20)
        ]
        assert store.next_wake() == now

    def test_nothing_appended_is_nothing_changed(self, store: Store) -> None:
        assert store.append([]) == Appended(0, 0)
        assert store.next_wake() is None

    def test_numbers_ascend_in_the_order_of_arrival(self, store: Store) -> None:
        store.append([event("e1", received=30), event("e2", person="bob", received=20)])
        store.append([event("e3", received=10)])

        numbers = {arrival.id: number_of(arrival) for arrival in _pending(store, 30, "ada", "bob")}

        assert numbers["e1"] < numbers["e2"] < numbers["e3"]

    def test_arrivals_wait_in_the_order_of_receipt_then_number(self, store: Store) -> None:
        store.append([event("late", received=9), event("first", received=5)])
        store.append([event("second", received=5)])

        assert [each.id for each in _pending(store, 10)] == ["first", "second", "late"]

    def test_what_is_received_later_than_now_does_not_wait_yet(self, store: Store) -> None:
        store.append([event("now", received=10), event("later", received=11)])

        assert [each.id for each in _pending(store, 10)] == ["now"]
        assert [each.id for each in process(store, 10)] == ["now"]
        assert due(store, 10) == []
        assert due(store, 11) == ["ada"]

    @pytest.mark.parametrize(
        "arrival",
        [
            EventArrived(
                "e1", "ada", Happened("order", 7, 8, 1, {"total": "1.10", "items": [{"n": None}]})
            ),
            EventArrived(_ODD, _ODD, Happened(_ODD, -7, 8, 1, {_ODD: [_ODD, True, -(2**63)]})),
            ProfileChanged("p1", "ada", 8, 1, {"country": "DE", "note": None}, {"email": None}),
            ProfileChanged("p2", "ada", 8, 1, {}, {"email": "ada@example.com", _ODD: _ODD}),
            ProfileChanged("p3", "ada", 8, 1, {"country": "DE"}, {}, "partner"),
            ReceiptArrived("r1", "ada", 8, 1, "d1", "refused", _ODD, 7),
            ReceiptArrived("r2", "ada", 8, 1, "d1", "failed", "bounced", 7, "permanent_recipient"),
            ReceiptArrived("r3", "ada", 8, 1, "d1", "opened", "", 7, by="machine"),
            StartAsked("s1", "ada", 8, 1, "welcome", {"coupon": _ODD}, "someone"),
            EventArrived("big", "ada", Happened("order", 7, 8, 1, {"text": "ä" * 1_000_000})),
        ],
        ids=[
            "event",
            "odd event",
            "profile",
            "odd profile",
            "profile of a partner",
            "receipt",
            "failure",
            "opened by a machine",
            "start",
            "big event",
        ],
    )
    def test_every_kind_comes_back_as_it_was(self, store: Store, arrival: Arrival) -> None:
        store.append([arrival])

        (back,) = _pending(store, 8, arrival.person)

        assert back == arrival

    def test_what_was_processed_is_history_and_waits_no_more(self, store: Store) -> None:
        store.append([event("e1"), event("e2", name="visit")])
        process(store, 10)

        with store.batch() as batch:
            loaded = batch.load(["ada"], 10)
            past = batch.history(["ada"], ["order", "visit"])

        assert loaded["ada"].pending == []
        assert [len(past["ada"][name]) for name in ("order", "visit")] == [1, 1]

    def test_history_is_in_the_order_of_occurring_then_number(self, store: Store) -> None:
        times = [("e1", 7), ("e2", 3), ("e3", 7), ("e4", 1)]
        store.append([event(identity, occurred=at) for identity, at in times])
        process(store, 10)
        store.append([event("e5", received=11, occurred=3)])

        with store.batch() as batch:
            past = batch.history(["ada"], ["order"])["ada"]["order"]

        assert [(each.occurred, each.number) for each in past] == [
            (1, 4),
            (3, 2),
            (3, 5),
            (7, 1),
            (7, 3),
        ]

    def test_history_has_everybody_and_everything_asked_for(self, store: Store) -> None:
        store.append([event("e1"), ProfileChanged("p1", "bob", 8, NUMBERLESS, {}, {})])

        with store.batch() as batch:
            past = batch.history(["ada", "bob", "nobody"], ["order", "visit"])

        assert [happened.name for happened in past["ada"].pop("order")] == ["order"]
        assert past == {
            "ada": {"visit": []},
            "bob": {"order": [], "visit": []},
            "nobody": {"order": [], "visit": []},
        }

    def test_history_handed_out_is_the_callers_own(self, store: Store) -> None:
        store.append([event("e1")])

        for _ in range(2):
            with store.batch() as batch:
                past = batch.history(["ada"], ["order"])["ada"]["order"]
                assert len(past) == 1
                past.clear()

    def test_events_made_in_a_batch_are_history_and_never_wait(self, store: Store) -> None:
        store.append([event("e1")])
        with store.batch() as batch:
            first, second = batch.number(), batch.number()
            made = [
                EventArrived(f"m{number}", "ada", Happened("message_sent", 9, 9, number, {}))
                for number in (first, second)
            ]
            batch.commit(Changes(events=made))
        store.append([event("e2")])

        with store.batch() as batch:
            loaded = batch.load(["ada"], 100)["ada"]
            past = batch.history(["ada"], ["message_sent"])["ada"]["message_sent"]
        numbers = [number_of(arrival) for arrival in loaded.pending]

        assert [arrival.id for arrival in loaded.pending] == ["e1", "e2"]
        assert numbers[0] < first < second < numbers[1]
        assert [happened.number for happened in past] == [first, second]

    def test_an_event_made_twice_is_history_once(self, store: Store) -> None:
        for _ in range(2):
            with store.batch() as batch:
                happened = Happened("message_sent", 9, 9, batch.number(), {})
                batch.commit(Changes(events=[EventArrived("made", "ada", happened)]))

        with store.batch() as batch:
            assert len(batch.history(["ada"], ["message_sent"])["ada"]["message_sent"]) == 1
        assert store.append([event("made")]) == Appended(accepted=0, repeated=1)

    def test_nothing_is_lost_between_senders_and_a_runner_at_once(self, store: Store) -> None:
        def send(sender: int) -> None:
            for number in range(40):
                store.append([event(f"{sender}/{number}", person=f"p{number % 7}")])

        senders = [Thread(target=send, args=(sender,)) for sender in range(3)]
        processed: list[str] = []
        for sender in senders:
            sender.start()
        while len(processed) < 120:
            processed += [arrival.id for arrival in process(store, 10)]
        for sender in senders:
            sender.join()

        assert len(processed) == len(set(processed)) == 120
        assert process(store, 10) == []
