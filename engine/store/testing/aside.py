"""People who are set aside: nothing of theirs is due, nothing is lost, and all of it comes back."""

from __future__ import annotations

import pytest

from engine.core.knowing import number_of
from engine.core.profile import Profile
from engine.core.signals import Erased
from engine.store.protocol import Aside, Changes, Deployment, Settlement, Store
from engine.store.testing.samples import (
    NUMBERLESS,
    commit,
    delivery,
    due,
    event,
    process,
    run,
)

__all__ = ["TestAside"]

ADA = Aside("ada", 100, "a bug")


def _set_aside(store: Store, *asides: Aside) -> None:
    commit(store, Changes(aside=list(asides)), [each.person for each in asides])


def _ids(store: Store, person: str, now: int) -> list[str]:
    with store.batch() as batch:
        return [each.id for each in batch.load([person], now)[person].pending]


class TestAside:
    """Setting people aside, and releasing them."""

    def test_nothing_of_theirs_is_due(self, store: Store) -> None:
        store.append([event("e1", "ada", 5), event("e2", "bob", 90)])
        lives = [run("r1", "ada", due=7), run("r2", "bob", due=95)]
        profiles = [Profile("ada", wake=6), Profile("bob", wake=99)]
        commit(store, Changes(runs=lives, profiles=profiles), ["ada", "bob"])
        _set_aside(store, ADA)

        assert due(store, 1_000) == ["bob"]
        assert store.next_wake() == 90
        assert store.set_aside() == [ADA]
        assert [each.aside for each in store.people(["ada", "bob"], ()).values()] == [ADA, None]

    def test_where_there_is_nobody_else_nothing_is_due_ever(self, store: Store) -> None:
        store.append([event("e1", "ada", 5)])
        _set_aside(store, ADA)

        assert store.next_wake() is None
        assert process(store, 1 << 60) == []

    def test_what_arrives_of_them_waits_too(self, store: Store) -> None:
        store.append([event("e1", "ada", 5)])
        _set_aside(store, ADA)
        appended = store.append([event("e2", "ada", 6), event("e1", "ada", 7), event("e3", "bob")])

        assert (appended.accepted, appended.repeated) == (2, 1)
        assert due(store, 1_000) == ["bob"]

    def test_receipts_of_what_was_sent_before_wait_too(self, store: Store) -> None:
        commit(store, Changes(deliveries=[delivery("d1")]))
        _set_aside(store, ADA)
        store.claim(10, 1, 20)
        store.settle([Settlement("d1", "accepted", 10, 1)], [event("e1", "ada", 12)])

        assert store.next_wake() is None

    def test_released_they_have_everything_in_its_order(self, store: Store) -> None:
        store.append([event("e1", "ada", 50), event("e2", "ada", 40)])
        commit(store, Changes(runs=[run("r1", due=30)], profiles=[Profile("ada", wake=60)]))
        _set_aside(store, ADA)
        store.append([event("e3", "ada", 45)])
        count = store.release(500)

        assert count == 1
        assert store.set_aside() == []
        assert store.next_wake() == 30
        assert due(store, 30) == ["ada"]
        assert _ids(store, "ada", 49) == ["e2", "e3"]
        assert _ids(store, "ada", 500) == ["e2", "e3", "e1"]
        (ada,) = store.people(["ada"], ()).values()
        assert (ada.profile.wake, ada.runs, ada.aside) == (60, [run("r1", due=30)], None)

    def test_somebody_released_is_looked_at(self, store: Store) -> None:
        """They may have missed a round through everybody, or a new calendar."""
        commit(store, Changes(profiles=[Profile("ada", wake=900), Profile("bob")]), ["ada", "bob"])
        _set_aside(store, ADA, Aside("bob", 100, "a bug"))
        store.release(500)

        assert due(store, 499) == []
        assert sorted(due(store, 500)) == ["ada", "bob"]

    def test_only_those_who_are_named_are_released(self, store: Store) -> None:
        people = ["ada", "bob", "eve"]
        store.append([event(name, name, 5) for name in people])
        _set_aside(store, Aside("eve", 99, "b"), ADA)
        count = store.release(500, ["ada", "bob", "nobody"])

        assert count == 1
        assert store.set_aside() == [Aside("eve", 99, "b")]
        assert due(store, 1_000) == ["ada", "bob"]

    def test_the_longest_set_aside_is_first(self, store: Store) -> None:
        asides = [Aside("ada", 3, "x"), Aside("bob", 1, "y"), Aside("eve", 3, "z")]
        _set_aside(store, asides[2], asides[0], asides[1])

        assert store.set_aside() == [asides[1], asides[0], asides[2]]

    def test_set_aside_again_it_is_known_that_they_were_released_before(self, store: Store) -> None:
        def before() -> set[str]:
            with store.batch() as batch:
                return batch.released(["ada", "bob", "nobody"])

        store.append([event("e1", "ada", 5), event("e2", "bob", 5)])
        assert before() == set()
        _set_aside(store, ADA)
        assert before() == set()
        store.release(500)
        assert before() == {"ada"}
        _set_aside(store, Aside("ada", 600, "again"))

        assert before() == set()
        assert store.set_aside() == [Aside("ada", 600, "again")]
        assert due(store, 1_000) == ["bob"]

    def test_a_deploy_releases_everybody(self, store: Store) -> None:
        store.append([event("e1", "ada", 5)])
        _set_aside(store, ADA)
        version = Deployment("1", 300, {})
        assert store.deploy(version, onto=7) == "overtaken"
        assert store.set_aside() == [ADA]

        assert store.deploy(version) == "deployed"
        assert store.set_aside() == []
        assert due(store, 300) == ["ada"]

    def test_a_round_and_a_new_calendar_pass_them_by(self, store: Store) -> None:
        people = ["ada", "bob"]
        commit(store, Changes(profiles=[Profile(name) for name in people]), people)
        store.deploy(Deployment("1", 10, {}), visit=True)
        _set_aside(store, ADA)
        store.wake_everyone(50)
        with store.batch() as batch:
            visited = batch.visit(10)
            batch.commit(Changes())

        assert visited == ["bob"]
        assert not store.visiting()
        assert due(store, 1_000) == ["bob"]
        store.release(500)
        assert sorted(due(store, 50)) == people

    def test_a_batch_that_is_not_committed_sets_nobody_aside(self, store: Store) -> None:
        store.append([event("e1", "ada", 5)])
        with store.batch() as batch:
            batch.load(["ada"], 10)
            Changes(aside=[ADA])

        assert store.set_aside() == []
        assert due(store, 10) == ["ada"]

    @pytest.mark.parametrize("asked", ["before", "after"])
    def test_forgetting_them_is_not_put_off(self, store: Store, asked: str) -> None:
        store.append([event("e1", "ada", 5)])
        commit(store, Changes(profiles=[Profile("ada", wake=6)], runs=[run("r1", due=7)]))
        wish = Erased("x1", "ada", 20, NUMBERLESS)
        if asked == "before":
            store.append([wish])
        _set_aside(store, ADA)
        if asked == "after":
            store.append([wish])
        store.append([event("e2", "ada", 30)])

        assert store.next_wake() == 20
        assert due(store, 20) == ["ada"]
        with store.batch() as batch:
            (pending,) = batch.load(["ada"], 1_000)["ada"].pending
            batch.commit(
                Changes(processed=[number_of(pending)], erased={"ada": number_of(pending)})
            )
        assert store.set_aside() == []
        assert [each.id for each in process(store, 30)] == ["e2"]
        with store.batch() as batch:
            assert batch.released(["ada"]) == set()
        assert store.release(500) == 0
