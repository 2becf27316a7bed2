"""What is kept to be told: decisions, views of people, counts."""

from __future__ import annotations

from engine.core.decision import Decision
from engine.core.profile import Profile
from engine.store.protocol import Changes, EdgeCount, PersonView, Store
from engine.store.testing.samples import commit, delivery, event, run

__all__ = ["TestRecords"]


class TestRecords:
    """The memory of the house."""

    def test_decisions_are_told_in_the_order_they_were_taken(self, store: Store) -> None:
        told = [
            Decision("ada", 9, "entered", "", "welcome", "r1"),
            Decision(
                "ada", 9, "passed over", "capped", "welcome", "r1", "hello", "push", "3 per 7"
            ),
            Decision("ada", 3, "sent", "", "welcome", "r1", "hello", "email", "Zoë\x00"),
        ]
        commit(store, Changes(decisions=told[:2]))
        commit(store, Changes(decisions=[Decision("bob", 9, "not entered", "too old"), told[2]]))

        assert store.decisions("ada") == told
        assert store.decisions("bob") == [Decision("bob", 9, "not entered", "too old")]
        assert store.decisions("nobody") == []

    def test_deliveries_are_told_in_the_order_they_were_decided(self, store: Store) -> None:
        commit(store, Changes(deliveries=[delivery("d2"), delivery("d0", "bob")]))
        commit(store, Changes(deliveries=[delivery("d1", due=3)]))

        assert [each.id for each in store.deliveries_of("ada")] == ["d2", "d1"]
        assert store.deliveries_of("nobody") == []

    def test_a_view_is_of_people_the_store_has_heard_of(self, store: Store) -> None:
        store.append([event("e1", "ada")])
        commit(store, Changes(runs=[run("r1", "bob")]), ["bob"])
        commit(store, Changes(decisions=[Decision("eve", 1, "not entered", "too old")]), [])

        views = store.people(["ada", "bob", "eve", "nobody"], ["visit"])

        assert views == {
            "ada": PersonView(Profile("ada"), [], {"visit": []}),
            "bob": PersonView(Profile("bob"), [run("r1", "bob")], {"visit": []}),
            "eve": PersonView(Profile("eve"), [], {"visit": []}),
        }

    def test_a_view_has_the_history_that_waits_too(self, store: Store) -> None:
        store.append([event("e1"), event("e2", occurred=3), event("e3", name="visit")])

        history = store.people(["ada"], ["order"])["ada"].history

        assert {name: [each.number for each in past] for name, past in history.items()} == {
            "order": [2, 1]
        }

    def test_edges_add_up_over_batches(self, store: Store) -> None:
        entered, on = EdgeCount("welcome", "1", -1, 0), EdgeCount("welcome", "1", 0, 1)
        commit(store, Changes(edges={entered: 2}))
        commit(store, Changes(edges={entered: 1, on: 5, on._replace(version="2"): 7}))

        assert store.edges() == {entered: 3, on: 5, on._replace(version="2"): 7}
