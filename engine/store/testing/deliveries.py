"""Deliveries: claimed by one, for a while, and settled."""

from __future__ import annotations

from channels.content import Destination
from dsl.expr.context import Happened
from engine.core.effects import Delivery
from engine.core.signals import EventArrived, ReceiptArrived
from engine.store.protocol import Changes, Settlement, Store
from engine.store.testing.samples import (
    NUMBERLESS,
    claimed_at_once,
    commit,
    delivery,
    process,
    unfinished,
)

__all__ = ["TestDeliveries"]


def _queue(store: Store, *deliveries: Delivery) -> None:
    commit(store, Changes(deliveries=list(deliveries)))


def _receipt(identity: str) -> ReceiptArrived:
    return ReceiptArrived(identity, "ada", 30, NUMBERLESS, "d1", "accepted", "", 29)


class TestDeliveries:
    """From the queue to the provider's answer."""

    def test_what_comes_with_an_answer_is_kept_with_it(self, store: Store) -> None:
        _queue(store, delivery("d1"))
        store.claim(100, 1, 200)
        told = EventArrived("c2", "ada", Happened("consent_withdrawn", 29, 30, NUMBERLESS, {}))

        store.settle([Settlement("d1", "refused", 10, 1)], [_receipt("c1"), told])

        with store.batch() as batch:
            pending = batch.load(["ada"], 100)["ada"].pending
            assert [each.id for each in pending] == ["c1", "c2"]

    def test_a_whole_delivery_comes_back_as_it_was(self, store: Store) -> None:
        whole = Delivery(
            id="d\x001",
            person="ada",
            journey="welcome",
            run="r1",
            step="loop/hello",
            channel="sms",
            category="service",
            message="hello",
            address="+491700000000",
            parts={"text": "Grüße \N{SNOWMAN}" * 10_000, "preview": ""},
            decided=5,
            due=6,
            expires=7,
            status="unknown",
            attempts=3,
            provider_id="queue/17",
            lease=None,
        )
        _queue(store, whole)

        assert store.deliveries(["d\x001"]) == {"d\x001": whole}
        assert store.deliveries_of("ada") == [whole]

    def test_unknown_deliveries_are_left_out(self, store: Store) -> None:
        _queue(store, delivery("d1"))

        assert list(store.deliveries(["d0", "d1"])) == ["d1"]
        with store.batch() as batch:
            assert list(batch.deliveries(["d0", "d1"])) == ["d1"]

    def test_a_delivery_decided_again_is_not_queued_again(self, store: Store) -> None:
        _queue(store, delivery("d1"))
        store.claim(10, 1, lease=20)
        store.settle([Settlement("d1", "accepted", 10, 1, "p1")], [])
        _queue(store, delivery("d1"), delivery("d2"))

        assert store.deliveries(["d1"])["d1"].status == "accepted"
        assert [each.id for each in store.claim(10, 5, lease=20)] == ["d2"]

    def test_a_delivery_that_was_loaded_is_replaced(self, store: Store) -> None:
        _queue(store, delivery("d1"), delivery("d2"))
        stopped = delivery("d1")._replace(status="stopped", parts={}, address="", expires=3)
        with store.batch() as batch:
            batch.deliveries(["d1"])
            batch.commit(Changes(deliveries=[stopped]))

        assert store.deliveries(["d1"]) == {"d1": stopped}
        assert [each.id for each in store.claim(10, 5, lease=20)] == ["d2"]

    def test_claims_are_in_the_order_of_due_time_then_decision(self, store: Store) -> None:
        _queue(store, delivery("d9", due=7), delivery("d2", due=9), delivery("d1", due=7))
        _queue(store, delivery("d3", due=8), delivery("d4", due=11))

        first = store.claim(10, 3, lease=20)
        then = store.claim(10, 3, lease=20)

        assert [each.id for each in first] == ["d9", "d1", "d3"]
        assert [each.id for each in then] == ["d2"]

    def test_a_claimed_delivery_is_calling_until_its_lease_ends(self, store: Store) -> None:
        _queue(store, delivery("d1"))

        (claimed,) = store.claim(10, 5, lease=20)

        assert claimed == delivery("d1")._replace(status="calling", lease=20)
        assert store.deliveries(["d1"]) == {"d1": claimed}
        assert store.claim(100, 5, lease=200) == []
        assert store.lost(19) == []
        assert store.lost(20) == [claimed]
        assert store.lost(20) == [claimed]

    def test_lost_ones_are_in_the_order_of_their_leases(self, store: Store) -> None:
        _queue(store, delivery("d1"), delivery("d2"), delivery("d3"))
        for name, lease in (("d1", 40), ("d2", 20), ("d3", 30)):
            (claimed,) = store.claim(10, 1, lease)
            assert claimed.id == name

        assert [each.id for each in store.lost(35)] == ["d2", "d3"]

    def test_a_renewed_lease_ends_later_and_is_settled_as_it_was_claimed(
        self, store: Store
    ) -> None:
        _queue(store, delivery("d1"), delivery("d2", due=11))
        (claimed,) = store.claim(10, 5, lease=20)
        store.renew(40, 40)
        (other,) = store.claim(11, 5, lease=30)

        assert [each.id for each in store.lost(39)] == ["d2"]
        assert [each.id for each in store.lost(40)] == ["d2", "d1"]
        store.settle([Settlement("d1", "accepted", 10, 1, lease=claimed.lease)], [])
        store.renew(50, 50)
        assert store.deliveries(["d1"])["d1"].status == "accepted"
        assert store.lost(49) == []
        assert [each.id for each in store.lost(50)] == ["d2"]
        store.settle([Settlement("d2", "queued", 60, 1, lease=other.lease)], [])
        store.renew(90, 90)
        assert store.next_wake() == 60

    def test_a_lease_is_renewed_again_and_again(self, store: Store) -> None:
        _queue(store, delivery("d1"))
        store.claim(10, 5, lease=20)
        for until in (30, 40, 50):
            store.renew(until, until)
            assert store.lost(until - 1) == []
            assert store.next_wake() == until

    def test_what_is_noted_of_a_delivery_that_is_out_leaves_its_lease_alone(
        self, store: Store
    ) -> None:
        _queue(store, delivery("d1"))
        (claimed,) = store.claim(10, 5, lease=20)
        store.renew(40, 40)
        with store.batch() as batch:
            (out,) = batch.deliveries(["d1"]).values()
            batch.commit(Changes(deliveries=[out._replace(proven=True)]))

        assert store.deliveries(["d1"])["d1"] == claimed._replace(proven=True)
        assert store.lost(39) == []
        assert [each.proven for each in store.lost(40)] == [True]

    def test_a_settled_delivery_is_over(self, store: Store) -> None:
        _queue(store, delivery("d1"))
        store.claim(10, 5, lease=20)
        store.settle([Settlement("d1", "accepted", 10, 1, "p1")], [])

        assert store.deliveries(["d1"])["d1"] == delivery("d1")._replace(
            status="accepted", attempts=1, provider_id="p1"
        )
        assert store.lost(100) == []
        assert store.claim(100, 5, lease=200) == []
        assert store.next_wake() is None

    def test_a_delivery_that_is_put_back_waits_for_its_new_time(self, store: Store) -> None:
        _queue(store, delivery("d1"))
        store.claim(10, 5, lease=20)
        store.settle([Settlement("d1", "queued", 60, 1)], [])

        assert store.lost(100) == []
        assert store.claim(59, 5, lease=70) == []
        assert store.next_wake() == 60
        assert store.claim(60, 5, lease=70) == [
            delivery("d1")._replace(due=60, attempts=1, status="calling", lease=70)
        ]

    def test_an_unfinished_message_comes_back_as_it_was(self, store: Store) -> None:
        waiting = delivery("d1", unfinished=unfinished())
        _queue(store, waiting)

        assert store.deliveries(["d1"]) == {"d1": waiting}
        assert store.claim(10, 5, lease=20)[0].unfinished == unfinished()

    def test_a_finished_message_has_its_texts_and_waits_for_nothing(self, store: Store) -> None:
        _queue(store, delivery("d1", unfinished=unfinished()), delivery("d2"))
        store.claim(10, 5, lease=20)
        texts = {"subject": "Grüße", "html": "<p>"}
        links = (Destination("https://shop.example/\N{SNOWMAN}?a=1", "shop://x"),)
        store.settle(
            [
                Settlement("d1", "queued", 10, 0, parts=texts, links=links),
                Settlement("d2", "accepted", 10, 1, "p2"),
                Settlement("gone", "queued", 10, 0, parts=texts),
            ],
            [],
        )

        assert store.claim(10, 5, lease=30) == [
            delivery("d1", parts=texts, links=links, status="calling", lease=30)
        ]
        assert store.deliveries(["d2"])["d2"].parts == delivery("d2").parts

    def test_whoever_finishes_a_message_too_late_changes_nothing(self, store: Store) -> None:
        waiting = delivery("d1", unfinished=unfinished())
        _queue(store, waiting)
        store.claim(10, 5, lease=20)
        store.settle([Settlement("d1", "queued", 10, 0, "", 20, {"text": "first"})], [])
        store.claim(10, 5, lease=40)
        store.settle([Settlement("d1", "queued", 10, 0, "", 20, {"text": "second"})], [])

        late = store.deliveries(["d1"])["d1"]
        assert (late.parts, late.status, late.lease) == ({"text": "first"}, "calling", 40)

    def test_a_provider_id_once_known_is_not_forgotten(self, store: Store) -> None:
        _queue(store, delivery("d1"))
        store.settle([Settlement("d1", "unknown", 10, 1, "p1")], [])
        store.settle([Settlement("d1", "accepted", 10, 2)], [])

        assert store.deliveries(["d1"])["d1"].provider_id == "p1"

    def test_receipts_arrive_with_the_settlement_and_once(self, store: Store) -> None:
        _queue(store, delivery("d1"))
        store.claim(10, 5, lease=20)
        for _ in range(2):
            store.settle([Settlement("d1", "accepted", 10, 1)], [_receipt("c1")])

        assert process(store, 30) == [_receipt("c1")._replace(number=1)]
        assert process(store, 30) == []

    def test_settling_what_is_not_there_skips_it(self, store: Store) -> None:
        _queue(store, delivery("d1"))
        store.settle([Settlement("gone", "accepted", 1, 1), Settlement("d1", "refused", 1, 1)], [])

        assert store.deliveries(["gone", "d1"])["d1"].status == "refused"

    def test_two_dispatchers_never_get_the_same_delivery(self, store: Store) -> None:
        names = [f"d{number}" for number in range(200)]
        _queue(store, *[delivery(name) for name in names])

        claimed = claimed_at_once(lambda: store.claim(10, 7, lease=20))

        assert sorted(claimed) == sorted(names)
