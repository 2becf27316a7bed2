"""What was learnt: assignments are judged once, counts add up, snapshots are numbered and stay."""

from __future__ import annotations

from dsl.calendar import Instant
from engine.core.learning import Assignment, Counted, Snapshot
from engine.core.profile import Profile
from engine.core.signals import Erased
from engine.store.learnt import Verdict
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import NUMBERLESS, commit

__all__ = ["TestLearnt"]


def _assigned(identity: str, known: Instant, person: str = "ada", path: str = "a") -> Assignment:
    return Assignment(
        id=identity,
        person=person,
        journey="welcome",
        run="r1",
        step="offer",
        scope="welcome/offer",
        path=path,
        snapshot=3,
        probability=0.123456789,
        at=5,
        known=known,
    )


def _assign(store: Store, *assignments: Assignment) -> None:
    people = [each.person for each in assignments]
    profiles = [Profile(name) for name in people]
    commit(store, Changes(profiles=profiles, assignments=list(assignments)), people)


class TestLearnt:
    """What is kept of what is learnt."""

    def test_assignments_come_when_they_are_known_first_first(self, store: Store) -> None:
        late, early, other = (_assigned("x", 30), _assigned("y", 10), _assigned("z", 10, "bob"))
        _assign(store, late, early, other)

        assert store.learnt.due(9, 10) == []
        assert store.learnt.due(10, 10) == [early, other]
        assert store.learnt.due(30, 2) == [early, other]
        assert store.learnt.due(30, 10) == [early, other, late]
        assert store.learnt.assignments("welcome/offer") == [late, early, other]
        assert store.learnt.assignments("welcome/other") == []

    def test_an_assignment_that_is_there_already_stays_as_it_is(self, store: Store) -> None:
        first = _assigned("x", 10)
        _assign(store, first)
        _assign(store, _assigned("x", 20, path="b"), _assigned("x", 30, path="c"))

        assert store.learnt.assignments("welcome/offer") == [first]

    def test_a_batch_that_is_left_has_assigned_nobody(self, store: Store) -> None:
        with store.batch() as batch:
            batch.load(["ada"], 10)

        assert store.learnt.due(100, 10) == []
        assert store.learnt.counts(["s"]) == {"s": {}}

    def test_what_became_of_it_is_counted_once(self, store: Store) -> None:
        """Two who judge the same one, or one who was interrupted and judges again."""
        _assign(store, _assigned("x", 10), _assigned("y", 10))
        reached, missed = Counted("s", "reached a"), Counted("s", "missed a")

        assert store.learnt.judge([Verdict("x", "reached", 10, reached)]) == 1
        again = [Verdict("x", "missed", 10, missed), Verdict("y", "reached", 10, reached)]
        assert store.learnt.judge([*again, *again]) == 1

        assert store.learnt.counts(["s", "t"]) == {"s": {"reached a": 2}, "t": {}}
        assert store.learnt.due(100, 10) == []
        assert [each.fate for each in store.learnt.assignments("welcome/offer")] == [
            "reached",
            "reached",
        ]

    def test_one_that_cannot_be_told_counts_for_nothing(self, store: Store) -> None:
        _assign(store, _assigned("x", 10))

        assert store.learnt.judge([Verdict("x", "void", 10), Verdict("unknown", "void", 1)]) == 1
        assert store.learnt.due(100, 10) == []

    def test_one_that_is_known_later_comes_again(self, store: Store) -> None:
        _assign(store, _assigned("x", 10))

        assert store.learnt.judge([Verdict("x", "open", 40)]) == 0

        assert store.learnt.due(39, 10) == []
        assert store.learnt.due(40, 10) == [_assigned("x", 40)]

    def test_counts_of_batches_add_up(self, store: Store) -> None:
        for number in (2, 3):
            commit(store, Changes(counts={Counted("s", "9"): number, Counted("t", "x"): 1}))

        assert store.learnt.counts(["t", "s"]) == {"s": {"9": 5}, "t": {"x": 2}}

    def test_snapshots_are_numbered_per_subject_and_stay(self, store: Store) -> None:
        """Of one hour there is one, whoever comes second."""
        store.learnt.keep(10, {"s": {"a": [600_000, 3, 5]}})
        store.learnt.keep(20, {"s": {"a": [700_000, 4, 6]}, "t": {"hours": [0, 1]}})
        store.learnt.keep(20, {"s": {"a": [1, 1, 1]}})

        first = Snapshot("s", 1, 10, {"a": [600_000, 3, 5]})
        second = Snapshot("s", 2, 20, {"a": [700_000, 4, 6]})
        other = Snapshot("t", 1, 20, {"hours": [0, 1]})
        assert store.learnt.snapshots(["s", "t"], 9) == {}
        assert store.learnt.snapshots(["s", "t"], 19) == {"s": first}
        assert store.learnt.snapshots(["s", "t", "u"], 20) == {"s": second, "t": other}
        with store.batch() as batch:
            assert batch.snapshots(["s"], 10) == {"s": first}
            assert batch.snapshots(["s"], 1_000) == {"s": second}
            assert batch.snapshots([], 1_000) == {}

    def test_the_hour_that_was_learnt_never_goes_back(self, store: Store) -> None:
        assert store.learnt.until() is None

        store.learnt.keep(200, {})
        store.learnt.keep(90, {})

        assert store.learnt.until() == 200

    def test_who_is_forgotten_was_never_assigned(self, store: Store) -> None:
        """What was counted stays: it is about nobody."""
        _assign(store, _assigned("x", 10), _assigned("y", 10, "bob"), _assigned("z", 99))
        store.learnt.judge([Verdict("x", "reached", 10, Counted("s", "reached a"))])
        store.append([Erased("e1", "ada", 20, NUMBERLESS)])

        with store.batch() as batch:
            (pending,) = batch.load(["ada"], 1_000)["ada"].pending
            assert isinstance(pending, Erased)
            batch.commit(Changes(processed=[pending.number], erased={"ada": pending.number}))

        assert [each.person for each in store.learnt.assignments("welcome/offer")] == ["bob"]
        assert store.learnt.judge([Verdict("z", "reached", 99, Counted("s", "reached a"))]) == 0
        assert store.learnt.counts(["s"]) == {"s": {"reached a": 1}}
