"""Who is due, in which order, and when to wake next."""

from __future__ import annotations

from engine.core.profile import Profile
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import commit, delivery, due, event, process, run

__all__ = ["TestDue"]


class TestDue:
    """Longest overdue first, arrivals and timers together."""

    def test_an_empty_store_wakes_nobody(self, store: Store) -> None:
        assert due(store, 10**18) == []
        assert store.next_wake() is None

    def test_arrivals_and_timers_stand_in_one_line(self, store: Store) -> None:
        store.append([event("e1", "bob", 20), event("e2", "eve", 40)])
        commit(store, Changes(runs=[run("r1", "ada", due=30), run("r2", "dan", due=10)]))

        assert due(store, 40) == ["dan", "bob", "ada", "eve"]
        assert due(store, 39) == ["dan", "bob", "ada"]
        assert due(store, 40, limit=2) == ["dan", "bob"]
        assert due(store, 9) == []

    def test_a_person_counts_once_by_what_is_longest_overdue(self, store: Store) -> None:
        store.append([event("e1", "ada", 30), event("e2", "ada", 10), event("e3", "bob", 20)])
        commit(store, Changes(runs=[run("r1", "bob", due=5), run("r2", "bob", due=6)]))

        assert due(store, 50) == ["bob", "ada"]
        assert due(store, 50, limit=1) == ["bob"]

    def test_a_limit_counts_people_not_what_they_wait_for(self, store: Store) -> None:
        store.append([event(f"e{number}", "ada", number) for number in range(50)])
        store.append([event("last", "bob", 60)])

        assert due(store, 60, limit=2) == ["ada", "bob"]

    def test_many_who_are_due_at_one_instant_come_batch_after_batch(self, store: Store) -> None:
        names = {f"person {number}" for number in range(9)}
        waiting = [run(f"of {name}", name, due=10) for name in sorted(names)]
        commit(store, Changes(runs=waiting))
        store.append([event("e1", "late", 11)])
        seen: list[str] = []
        while "late" not in (first := due(store, 11, limit=4)):
            assert len(first) == 4
            seen += first
            gone = [each._replace(due=None) for each in waiting if each.person in first]
            commit(store, Changes(runs=gone))

        assert sorted([*seen, *first]) == sorted([*names, "late"])
        assert first[-1] == "late"

    def test_a_timer_that_was_moved_is_due_at_its_new_time_only(self, store: Store) -> None:
        first = run("r1", due=10)
        commit(store, Changes(runs=[first]))
        commit(store, Changes(runs=[first._replace(due=30)]))

        assert due(store, 29) == []
        assert due(store, 30) == ["ada"]

        commit(store, Changes(runs=[first._replace(due=10)]))

        assert due(store, 10) == ["ada"]

        commit(store, Changes(runs=[first._replace(due=None)]))

        assert due(store, 100) == []
        assert store.next_wake() is None

    def test_a_run_written_without_a_change_stays_due(self, store: Store) -> None:
        for _ in range(3):
            with store.batch() as batch:
                batch.load(batch.due(10, 1), 10)
                batch.commit(Changes(runs=[run("r1", due=10)]))

        assert due(store, 10) == ["ada"]

    def test_watched_runs_wake_and_closed_ones_never(self, store: Store) -> None:
        first = run("r1", due=10)
        commit(store, Changes(runs=[first]))
        commit(store, Changes(runs=[first._replace(status="watched", due=20)]))

        assert due(store, 19) == []
        assert due(store, 20) == ["ada"]

        commit(store, Changes(runs=[first._replace(status="closed", due=20, outcome="end")]))

        assert due(store, 100) == []
        assert store.next_wake() is None

    def test_a_persons_own_calendar_wakes_them_too(self, store: Store) -> None:
        commit(store, Changes(profiles=[Profile("ada", wake=30)], runs=[run("r1", due=40)]))

        assert due(store, 29) == []
        assert due(store, 30) == ["ada"]
        assert store.next_wake() == 30

        commit(store, Changes(profiles=[Profile("ada", wake=50, woken=30)]))

        assert due(store, 39) == []
        assert due(store, 40) == ["ada"]

        commit(store, Changes(profiles=[Profile("ada")], runs=[run("r1")]))

        assert store.next_wake() is None

    def test_everybody_with_a_profile_can_be_woken(self, store: Store) -> None:
        profiles = [Profile("ada", {"n": 1}), Profile("bob", wake=5), Profile("dan", wake=99)]
        runs = [run("r1", "ada", due=20), run("r2", "dan", due=60), run("r3", "eve", due=50)]
        commit(store, Changes(profiles=profiles, runs=runs), ["ada", "bob", "dan", "eve"])
        store.wake_everyone(30)

        assert due(store, 29) == ["ada"]
        assert due(store, 30) == ["ada", "bob", "dan"]
        assert due(store, 50) == ["ada", "bob", "dan", "eve"]
        assert store.people(["ada"], [])["ada"].profile == Profile("ada", {"n": 1}, wake=30)

    def test_being_asked_changes_nothing(self, store: Store) -> None:
        store.append([event("e1", "ada", 1), event("e2", "bob", 2)])

        with store.batch() as batch:
            assert batch.due(10, 1) == ["ada"]
            assert batch.due(10, 5) == ["ada", "bob"]
        assert due(store, 10) == ["ada", "bob"]

    def test_the_next_wake_is_the_earliest_of_all_that_waits(self, store: Store) -> None:
        commit(store, Changes(deliveries=[delivery("d1", due=50)]))
        assert store.next_wake() == 50

        commit(store, Changes(runs=[run("r1", due=40)]))
        assert store.next_wake() == 40

        store.append([event("e1", received=30)])
        assert store.next_wake() == 30

        process(store, 30)
        assert store.next_wake() == 40

    def test_a_claimed_delivery_wakes_at_the_end_of_its_lease(self, store: Store) -> None:
        commit(store, Changes(deliveries=[delivery("d1", due=50)]))
        store.claim(50, 1, lease=90)

        assert store.next_wake() == 90

    def test_times_before_1970_and_far_ahead_are_times(self, store: Store) -> None:
        commit(store, Changes(runs=[run("r1", "ada", due=253_402_300_799_999_999)]))
        store.append([event("e1", "bob", -5)])

        assert store.next_wake() == -5
        assert due(store, 0) == ["bob"]
        assert due(store, 253_402_300_799_999_999) == ["bob", "ada"]
