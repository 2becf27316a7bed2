"""A batch: wholly there or not at all."""

from __future__ import annotations

from threading import Thread

import pytest

from engine.core.decision import Decision
from engine.core.knowing import number_of
from engine.core.profile import Contact, Preferences, Profile, Trouble
from engine.core.signals import EventArrived
from engine.store.protocol import Changes, EdgeCount, Person, Store
from engine.store.testing.samples import commit, delivery, due, event, run

__all__ = ["TestBatches"]


class TestBatches:
    """Transactions and profiles."""

    @pytest.mark.parametrize("fails", [False, True])
    def test_a_batch_without_a_commit_leaves_nothing(self, store: Store, fails: bool) -> None:
        store.append([event("e1", "ada", 1), event("e2", "bob", 2)])
        with store.batch() as batch:
            batch.commit(Changes(runs=[run("r1", "bob", due=3)], profiles=[Profile("bob")]))

        def leave() -> None:
            with store.batch() as batch:
                assert batch.due(10, 10) == ["ada", "bob"]
                batch.load(["ada", "bob", "eve"], 10)
                batch.number()
                if fails:
                    raise ArithmeticError

        if fails:
            with pytest.raises(ArithmeticError):
                leave()
        else:
            leave()

        assert due(store, 10) == ["ada", "bob"]
        assert store.next_wake() == 1
        assert sorted(store.people(["ada", "bob", "eve"], [])) == ["ada", "bob"]

    def test_a_commit_writes_everything(self, store: Store) -> None:
        store.append([event("e1")])
        profile = Profile("ada", {"country": "DE"})
        decision = Decision("ada", 10, "sent", "", "welcome", "r1", "hello", "email")
        edge = EdgeCount("welcome", "1", -1, 0)
        with store.batch() as batch:
            (arrival,) = batch.load(batch.due(10, 10), 10)["ada"].pending
            made = EventArrived(
                "m1", "ada", event("m1").event._replace(name="made", number=batch.number())
            )
            changes = Changes(
                profiles=[profile],
                runs=[run("r1", due=20)],
                deliveries=[delivery("d1")],
                decisions=[decision],
                events=[made],
                processed=[number_of(arrival)],
                edges={edge: 1},
            )
            batch.commit(changes)

        view = store.people(["ada"], ["order", "made"])["ada"]

        assert view.profile == profile
        assert view.runs == [run("r1", due=20)]
        assert view.history == {
            "order": [arrival.event] if isinstance(arrival, EventArrived) else [],
            "made": [made.event],
        }
        assert store.deliveries_of("ada") == [delivery("d1")]
        assert store.decisions("ada") == [decision]
        assert store.edges() == {edge: 1}
        assert due(store, 19) == []

    def test_a_batch_that_has_ended_cannot_be_committed(self, store: Store) -> None:
        with store.batch() as batch:
            batch.commit(Changes())
            with pytest.raises(RuntimeError, match="ended"):
                batch.commit(Changes())
        with pytest.raises(RuntimeError, match="ended"):
            batch.commit(Changes())

    def test_somebody_unknown_has_an_empty_profile(self, store: Store) -> None:
        store.append([event("e1", "bob", 5)])

        with store.batch() as batch:
            loaded = batch.load(["ada", "bob"], 1)

        assert loaded == {
            "ada": Person(Profile("ada"), known=False),
            "bob": Person(Profile("bob"), known=False),
        }

    def test_nobody_asked_for_is_nobody_loaded(self, store: Store) -> None:
        with store.batch() as batch:
            assert batch.load([], 1) == {}
            assert batch.history([], ["order"]) == {}
            assert batch.closed_runs([], ["welcome"]) == {}
            assert batch.deliveries([]) == {}

    def test_a_whole_profile_comes_back_as_it_was(self, store: Store) -> None:
        profile = Profile(
            "Zoë\x00",
            attributes={"country": "DE", "tags": ["a", "b"], "cart": {"n": 1}, "spent": -(2**63)},
            addresses={"email": "zoe@example.com", "sms": "+491700000000"},
            consents={"promotional/email": 17, "promotional/*": -18},
            contacts=(
                Contact("d1", 5, None, "email", "promotional", "welcome"),
                Contact("d2", 5, 6, "sms", "service", "thanks"),
            ),
            suppressed=frozenset({"old@example.com", "alt@example.com"}),
            segments={"vip": True, "sleepers": False},
            wake=17,
            woken=16,
            preferences=Preferences(2, 40, 15),
            trouble={"email x@example.com": Trouble((3, 4), 5, "a hard bounce", "a rule", 6)},
            tallies={"": "mark", "abc": 3, "def": [7, 1, "1.5"], "ghi": None},
        )
        commit(store, Changes(profiles=[profile]), [profile.id])

        with store.batch() as batch:
            loaded = batch.load([profile.id], 1)

        assert loaded == {profile.id: Person(profile)}

    def test_whatever_alone_has_changed_of_a_profile_is_kept(self, store: Store) -> None:
        commit(store, Changes(profiles=[Profile("ada", {"country": "DE"})]))
        wanted = Profile("ada", {"country": "DE"})
        for changed in (
            {"attributes": {"country": "FR"}},
            {"addresses": {"email": "ada@example.com"}},
            {"consents": {"promotional/*": 5}},
            {"suppressed": frozenset({"old@example.com"})},
            {"segments": {"vip": True}},
            {"preferences": Preferences(2, None, 7)},
        ):
            with store.batch() as batch:
                found = batch.load(["ada"], 1)["ada"].profile
                batch.commit(Changes(profiles=[found._replace(**changed)]))
            wanted = wanted._replace(**changed)

            with store.batch() as batch:
                assert batch.load(["ada"], 1)["ada"].profile == wanted

    def test_a_profile_is_replaced_also_by_an_empty_one(self, store: Store) -> None:
        commit(store, Changes(profiles=[Profile("ada", {"country": "DE"})]))
        commit(store, Changes(profiles=[Profile("ada")]))

        with store.batch() as batch:
            assert batch.load(["ada"], 1) == {"ada": Person(Profile("ada"), known=True)}

    def test_of_two_values_with_one_id_the_later_counts(self, store: Store) -> None:
        changes = Changes(
            profiles=[Profile("ada", {"n": 1}), Profile("ada", {"n": 2})],
            runs=[run("r1", state="a", due=5), run("r1", state="b", due=9)],
            deliveries=[delivery("d1", due=5), delivery("d1", due=9)],
        )
        commit(store, changes)

        view = store.people(["ada"], [])["ada"]

        assert view.profile.attributes == {"n": 2}
        assert view.runs == [run("r1", state="b", due=9)]
        assert store.deliveries_of("ada") == [delivery("d1", due=9)]
        assert store.next_wake() == 9

    def test_ids_are_told_apart_by_case_blanks_and_nul(self, store: Store) -> None:
        names = ["ada", "Ada", "ada ", "ada\x00", "ada\x00b", "äda", "a\u0308da", ""]
        commit(store, Changes(profiles=[Profile(name, {"me": name}) for name in names]), names)

        views = store.people(names, [])

        assert [views[name].profile.attributes["me"] for name in names] == names

    def test_a_large_batch_is_one_batch(self, store: Store) -> None:
        names = [f"person {number}" for number in range(3_000)]
        store.append([event(name, name, number) for number, name in enumerate(names)])
        with store.batch() as batch:
            people = batch.due(5_000, 5_000)
            loaded = batch.load(people, 5_000)
            past = batch.history(people, ["order"])
            changes = Changes(
                profiles=[Profile(name, {"n": name}) for name in people],
                runs=[run(f"r/{name}", name, due=9_000) for name in people],
                processed=[number_of(person.pending[0]) for person in loaded.values()],
            )
            batch.commit(changes)

        assert people == list(loaded) == names
        assert all(len(past[name]["order"]) == 1 for name in names)
        assert due(store, 8_999) == []
        assert sorted(due(store, 9_000, 5_000)) == sorted(names)
        assert store.people(names, [])["person 2999"].profile.attributes == {"n": "person 2999"}

    def test_batches_of_several_threads_follow_each_other(self, store: Store) -> None:
        commit(store, Changes(profiles=[Profile("ada", {"n": 0})]))

        def count() -> None:
            for _ in range(25):
                with store.batch() as batch:
                    number = batch.load(["ada"], 1)["ada"].profile.attributes["n"]
                    batch.commit(Changes(profiles=[Profile("ada", {"n": number + 1})]))

        threads = [Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert store.people(["ada"], [])["ada"].profile.attributes == {"n": 100}
