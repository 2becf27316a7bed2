"""Lanes: what waits in one is in nobody's way in another."""

from __future__ import annotations

from engine.core.effects import Delivery
from engine.core.lanes import lane_of
from engine.store.protocol import Changes, Portion, Settlement, Store
from engine.store.testing.samples import call, claimed_at_once, commit, delivery, unfinished

__all__ = ["TestLanes"]

_NEWS, _SERVICE, _TEXT = "email/promotional", "email/service", "sms/promotional"


def _in(lane: str, name: str, due: int = 10) -> Delivery:
    channel, _, category = lane.partition("/")
    return delivery(name, due=due, channel=channel, category=category, lane=lane)


def _queue(store: Store, *deliveries: Delivery) -> None:
    commit(store, Changes(deliveries=list(deliveries)))


def _names(claimed: list[list[Delivery]]) -> list[list[str]]:
    return [[each.id for each in portion] for portion in claimed]


class TestLanes:
    """Deliveries by channel and category, questions by web service."""

    def test_lanes_are_those_in_which_something_is_due(self, store: Store) -> None:
        assert store.lanes(10) == []
        _queue(store, _in(_TEXT, "d1"), _in(_NEWS, "d2"), _in(_NEWS, "d3"), _in(_SERVICE, "d4", 20))

        assert store.lanes(9) == []
        assert store.lanes(10) == [_NEWS, _TEXT]
        assert store.lanes(20) == [_NEWS, _SERVICE, _TEXT]
        store.claim(10, 5, lease=30)
        assert store.lanes(25) == [_SERVICE]

    def test_what_is_claimed_is_first_in_its_lane(self, store: Store) -> None:
        _queue(store, *[_in(_NEWS, f"n{number}", 5) for number in range(50)])
        _queue(store, _in(_SERVICE, "s1"), _in(_TEXT, "t1"), _in(_TEXT, "t2", 9))
        portions = [Portion(5, (_SERVICE,)), Portion(1, (_TEXT,)), Portion(9, ("nobody/here",))]

        claimed = store.claim_from(10, portions, lease=20)

        assert _names(claimed) == [["s1"], ["t2"], []]
        assert store.deliveries(["s1"])["s1"] == claimed[0][0]
        assert (claimed[0][0].status, claimed[0][0].lease) == ("calling", 20)

    def test_the_second_lanes_get_what_the_first_leave(self, store: Store) -> None:
        _queue(store, *[_in(_NEWS, f"n{number}", 5) for number in range(9)])
        _queue(store, *[_in(_SERVICE, f"s{number}") for number in range(3)])

        portions = [Portion(4, (_SERVICE,), (_NEWS,), most=3)]
        assert _names(store.claim_from(10, portions, 20)) == [["s0", "s1", "s2", "n0"]]
        assert _names(store.claim_from(10, portions, 20)) == [["n1", "n2", "n3"]]

    def test_over_several_lanes_those_due_first_are_first(self, store: Store) -> None:
        _queue(store, _in(_NEWS, "d1", 7), _in(_TEXT, "d2", 6), _in(_NEWS, "d3", 6))

        (claimed,) = store.claim_from(10, [Portion(2, (_NEWS, _TEXT))], 20)

        assert [each.id for each in claimed] == ["d2", "d3"]

    def test_a_delivery_can_change_its_lane(self, store: Store) -> None:
        _queue(store, _in(_NEWS, "d1"), _in(_NEWS, "d2"))
        store.claim(10, 2, lease=20)
        store.settle(
            [
                Settlement("d1", "queued", 10, 1, lane=f"{_NEWS}@1"),
                Settlement("d2", "queued", 10, 1),
            ],
            [],
        )

        assert store.lanes(10) == [_NEWS, f"{_NEWS}@1"]
        ((moved,),) = store.claim_from(10, [Portion(5, (f"{_NEWS}@1",))], 20)
        assert (moved.id, moved.lane) == ("d1", f"{_NEWS}@1")

    def test_whoever_comes_late_moves_nothing(self, store: Store) -> None:
        _queue(store, _in(_NEWS, "d1"))
        store.claim(10, 1, lease=20)
        store.settle([Settlement("d1", "queued", 10, 0, lease=20)], [])
        store.claim(10, 1, lease=40)
        store.settle([Settlement("d1", "queued", 10, 0, lease=20, lane=_TEXT)], [])

        late = store.deliveries(["d1"])["d1"]
        assert (late.status, late.lane) == ("calling", _NEWS)

    def test_next_is_whatever_is_due_first_in_any_lane(self, store: Store) -> None:
        _queue(store, _in(_TEXT, "d1", 9), _in(_NEWS, "d2", 30), _in(_SERVICE, "d3", 20))

        assert store.next_wake() == 9
        store.claim(9, 1, lease=25)
        assert store.next_wake() == 20

    def test_what_waits_for_a_web_service_waits_apart(self, store: Store) -> None:
        asking = lane_of("email", "promotional", unfinished())
        _queue(store, delivery("d1", unfinished=unfinished(), lane=asking), _in(_NEWS, "d2"))

        assert store.lanes(10) == [_NEWS, "email/promotional?reco"]

    def test_two_dispatchers_never_get_the_same_from_the_same_lanes(self, store: Store) -> None:
        names = [f"d{number}" for number in range(200)]
        _queue(
            store,
            *[_in(_SERVICE if number % 3 else _NEWS, name) for number, name in enumerate(names)],
        )
        portion = Portion(7, (_SERVICE,), (_NEWS,), most=4)

        claimed = claimed_at_once(lambda: store.claim_from(10, [portion], lease=20)[0])

        assert sorted(claimed) == sorted(names)

    def test_questions_are_claimed_by_their_web_service(self, store: Store) -> None:
        many = [call(f"c{number}", due=5) for number in range(20)]
        commit(store, Changes(calls=[*many, call("w1", service="weather"), call("w2", due=20)]))

        assert store.services(9) == ["crm"]
        assert store.services(10) == ["crm", "weather"]
        assert [each.id for each in store.claim_calls(10, 9, 30, "weather")] == ["w1"]
        assert [each.id for each in store.claim_calls(10, 2, 30, "crm")] == ["c0", "c1"]
        assert store.claim_calls(10, 9, 30, "nobody") == []
        assert store.services(29) == ["crm"]
        assert store.services(30) == ["crm", "weather"]
