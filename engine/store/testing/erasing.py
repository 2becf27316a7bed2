"""Forgetting people: all of one person goes, and nothing of anybody else."""

from __future__ import annotations

from dsl.expr.context import Happened
from engine.core.decision import Decision
from engine.core.knowing import number_of
from engine.core.profile import Profile
from engine.core.signals import Arrival, Erased, EventArrived, ReceiptArrived
from engine.store.protocol import Appended, Changes, Deployment, PersonView, Settlement, Store
from engine.store.testing.samples import NUMBERLESS, call, commit, delivery, due, event, run

__all__ = ["TestErasing"]


def _erased(person: str = "ada", identity: str = "x1", received: int = 20) -> Erased:
    return Erased(identity, person, received, NUMBERLESS)


def _lived(person: str) -> Changes:
    """A life that left something in every place."""
    return Changes(
        profiles=[Profile(person, {"name": person}, {"email": f"{person}@shop.example"})],
        runs=[
            run(f"{person} open", person, due=50),
            run(f"{person} closed", person, status="closed", outcome="end", left=5),
        ],
        deliveries=[delivery(f"{person} d1", person), delivery(f"{person} d2", person)],
        calls=[call(f"{person} c1", person, due=70)],
        decisions=[Decision(person, 1, "entered", ""), Decision(person, 2, "sent", "")],
    )


def _erase(store: Store, person: str = "ada") -> list[Arrival]:
    """Processes a person's arrivals, the erasure among them, without any other effect."""
    with store.batch() as batch:
        pending = batch.load([person], 1_000)[person].pending
        through = next(each.number for each in pending if isinstance(each, Erased))
        done = [number for each in pending if (number := number_of(each)) <= through]
        batch.commit(Changes(processed=done, erased={person: through}))
    return pending


class TestErasing:
    """What is left of a person who is forgotten: nothing."""

    def test_all_of_the_person_goes_and_nothing_of_others(self, store: Store) -> None:
        for person in ("bob", "ada"):
            store.append([event(f"{person} e1", person), event(f"{person} e2", person)])
            commit(store, _lived(person), [person])
        store.append([_erased()])

        _erase(store)

        assert store.people(["ada"], ["order"]) == {}
        assert store.decisions("ada") == []
        assert store.deliveries_of("ada") == []
        assert store.deliveries(["ada d1", "ada d2"]) == {}
        assert [each.id for each in store.claim_calls(100, 10, 200)] == ["bob c1"]
        with store.batch() as batch:
            assert batch.closed_runs(["ada"], ["welcome"]) == {"ada": []}
            assert batch.history(["ada"], ["order"]) == {"ada": {"order": []}}
        assert len(store.people(["bob"], ["order"])["bob"].runs) == 2
        assert len(store.people(["bob"], ["order"])["bob"].history["order"]) == 2
        assert [each.id for each in store.deliveries_of("bob")] == ["bob d1", "bob d2"]
        assert len(store.decisions("bob")) == 2
        assert due(store, 100) == ["bob"]

    def test_what_arrives_afterwards_is_of_somebody_new(self, store: Store) -> None:
        store.append([event("e1")])
        commit(store, _lived("ada"))
        store.append([_erased(), event("e2", received=30)])

        _erase(store)

        (again,) = store.people(["ada"], ["order"]).values()
        assert again == PersonView(Profile("ada"), [], {"order": [*again.history["order"]]})
        assert [each.received for each in again.history["order"]] == [30]
        with store.batch() as batch:
            (pending,) = batch.load(["ada"], 100)["ada"].pending
        assert isinstance(pending, EventArrived)
        assert pending.id == "e2"
        assert due(store, 100) == ["ada"]

    def test_what_was_received_before_goes_also_when_it_came_in_behind(self, store: Store) -> None:
        store.append([_erased(received=20), event("e1", received=10)])
        with store.batch() as batch:
            (early,) = batch.load(["ada"], 15)["ada"].pending
            batch.commit(Changes(processed=[number_of(early)]))

        _erase(store)

        assert store.people(["ada"], ["order"]) == {}
        assert store.append([event("e1")]) == Appended(accepted=1, repeated=0)

    def test_the_new_life_may_begin_in_the_batch_that_ends_the_old_one(self, store: Store) -> None:
        store.append([event("e1")])
        commit(store, _lived("ada"))
        store.append([_erased()])
        with store.batch() as batch:
            pending = batch.load(["ada"], 100)["ada"].pending
            numbers = [number_of(each) for each in pending]
            young = Profile("ada", {"name": "new"})
            batch.commit(
                Changes(
                    profiles=[young],
                    runs=[run("r2", due=60)],
                    deliveries=[delivery("d3")],
                    decisions=[Decision("ada", 9, "entered", "")],
                    processed=numbers,
                    erased={"ada": numbers[-1]},
                )
            )

        assert store.people(["ada"], ["order"]) == {
            "ada": PersonView(young, [run("r2", due=60)], {"order": []})
        }
        assert [each.id for each in store.deliveries_of("ada")] == ["d3"]
        assert store.decisions("ada") == [Decision("ada", 9, "entered", "")]

    def test_nothing_wakes_for_who_is_gone(self, store: Store) -> None:
        commit(store, _lived("ada"))
        store.append([_erased()])

        _erase(store)

        assert store.next_wake() is None
        assert store.claim(100, 10, 200) == []
        assert due(store, 100) == []

    def test_the_answer_to_a_delivery_in_flight_brings_nobody_back(self, store: Store) -> None:
        commit(store, _lived("ada"))
        store.claim(10, 10, 100)
        store.append([_erased()])
        _erase(store)
        receipt = ReceiptArrived("c1", "ada", 25, NUMBERLESS, "ada d1", "refused", "", 25)
        told = EventArrived("c2", "ada", Happened("consent_withdrawn", 25, 25, NUMBERLESS, {}))

        store.settle([Settlement("ada d1", "refused", 10, 1, "p1")], [receipt, told])

        assert store.people(["ada"], ["order"]) == {}
        assert store.lost(1_000) == []
        assert store.next_wake() is None

    def test_asking_twice_is_asking_once(self, store: Store) -> None:
        store.append([_erased()])
        _erase(store)

        assert store.append([_erased()]) == Appended(accepted=0, repeated=1)
        assert store.people(["ada"], []) == {}

    def test_no_number_is_given_twice(self, store: Store) -> None:
        store.append([event("e1"), _erased()])
        (*_, last) = _erase(store)
        store.append([event("e2", "bob")])

        with store.batch() as batch:
            (pending,) = batch.load(["bob"], 100)["bob"].pending
        assert number_of(pending) > number_of(last)

    def test_whoever_comes_back_is_visited_like_everybody(self, store: Store) -> None:
        for person in ("ada", "bob"):
            store.append([event(f"{person} e1", person)])
            commit(store, _lived(person), [person])
        store.append([_erased(), event("ada e2", received=21)])
        _erase(store)
        store.deploy(Deployment("1", 30, {}), visit=True)
        seen: list[str] = []
        while store.visiting():
            with store.batch() as batch:
                seen += batch.visit(1) or ()
                batch.commit(Changes())

        assert sorted(seen) == ["ada", "bob"]
