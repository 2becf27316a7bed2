"""Runs: live, watched and closed."""

from __future__ import annotations

from dsl.expr.context import Happened, StepRecord
from engine.core.run import Run
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import commit, run

__all__ = ["TestRuns"]

_FULL = Run(
    id="r1",
    person="ada",
    journey="welcome",
    version="0123456789ab",
    key="order 7",
    entered=5,
    trigger=Happened("order", 3, 4, 2, {"total": "1.10", "items": [{"sku": "x"}], "n": None}),
    arm="holdout",
    status="watched",
    state="hello",
    since=6,
    due=7,
    collecting=True,
    collected=True,
    done=("email", "push"),
    variables={"best": "mug", "limit": 5},
    steps={
        "hello": StepRecord(time=6, channel="email", round=2),
        "reply": StepRecord(values={"text": "yes"}, path="b"),
        "skip": StepRecord(skipped="capped"),
    },
    left=8,
    outcome="goal",
    converted=9,
    watch_until=10,
    entry=3,
)


def _loaded(store: Store, person: str = "ada") -> list[Run]:
    with store.batch() as batch:
        return batch.load([person], 1)[person].runs


class TestRuns:
    """What is loaded of runs, and what is not."""

    def test_a_whole_run_comes_back_as_it_was(self, store: Store) -> None:
        commit(store, Changes(runs=[_FULL]))

        (loaded,) = _loaded(store)

        assert loaded == _FULL
        assert isinstance(loaded.trigger, Happened)
        assert all(isinstance(record, StepRecord) for record in loaded.steps.values())

    def test_everything_that_can_change_is_changed(self, store: Store) -> None:
        commit(store, Changes(runs=[run("r1", journey="welcome", key="order 7", entered=5)]))
        changed = _FULL._replace(arm="live", trigger=None)
        commit(store, Changes(runs=[changed]))

        assert _loaded(store) == [changed]

    def test_live_and_watched_runs_are_loaded_in_the_order_of_entering(self, store: Store) -> None:
        runs = [
            run("r4", entered=9),
            run("r2", entered=7, status="watched"),
            run("r3", entered=7),
            run("r1", entered=8, status="closed", outcome="end", left=9),
        ]
        commit(store, Changes(runs=runs))

        assert [each.id for each in _loaded(store)] == ["r2", "r3", "r4"]

    def test_a_view_shows_closed_runs_too(self, store: Store) -> None:
        live, closed = run("r2", entered=7), run("r1", entered=8, status="closed", left=9)
        commit(store, Changes(runs=[live, closed]))

        assert store.people(["ada"], [])["ada"].runs == [live, closed]

    def test_a_run_belongs_to_its_person(self, store: Store) -> None:
        commit(store, Changes(runs=[run("r1", "ada"), run("r2", "bob")]), ["ada", "bob"])

        assert _loaded(store, "bob") == [run("r2", "bob")]

    def test_people_who_were_not_loaded_can_be_written_about(self, store: Store) -> None:
        commit(store, Changes(runs=[run("r1", due=5)]))
        with store.batch() as batch:
            batch.commit(Changes(runs=[run("r1", due=9), run("r2", entered=2)]))

        assert _loaded(store) == [run("r1", due=9), run("r2", entered=2)]

    def test_the_latest_closed_run_of_each_key_is_kept_in_mind(self, store: Store) -> None:
        closed = {"status": "closed", "outcome": "end"}
        runs = [
            run("r1", key="a", entered=1, left=9, **closed),
            run("r2", key="a", entered=2, left=8, **closed),
            run("r3", key="b", entered=3, left=7, **closed),
            run("r4", key="b", entered=4, left=7, **closed),
            run("r5", key="c", entered=5, left=7, status="closed", outcome="restart"),
            run("r6", key="d", entered=6, status="watched", outcome="end", left=7),
            run("r7", key="e", entered=7),
            run("r8", key="a", entered=8, left=9, journey="thanks", **closed),
            run("r9", key="a", entered=9, left=9, journey="other", **closed),
        ]
        commit(store, Changes(runs=runs))

        with store.batch() as batch:
            found = batch.closed_runs(["ada", "bob"], ["thanks", "welcome", "nothing"])

        assert {name: [each.id for each in runs] for name, runs in found.items()} == {
            "ada": ["r1", "r4", "r8"],
            "bob": [],
        }

    def test_a_run_that_closes_moves_to_the_closed_ones(self, store: Store) -> None:
        live = run("r1", due=5)
        commit(store, Changes(runs=[live]))
        closed = live._replace(status="closed", due=None, outcome="goal", left=9, converted=8)
        commit(store, Changes(runs=[closed]))

        with store.batch() as batch:
            assert batch.load(["ada"], 10)["ada"].runs == []
            assert batch.closed_runs(["ada"], ["welcome"]) == {"ada": [closed]}

    def test_a_closed_run_that_was_loaded_can_be_changed(self, store: Store) -> None:
        closed = run("r1", status="closed", outcome="end", left=9)
        commit(store, Changes(runs=[closed]))
        with store.batch() as batch:
            batch.closed_runs(["ada"], ["welcome"])
            batch.commit(Changes(runs=[closed._replace(converted=8)]))

        assert store.people(["ada"], [])["ada"].runs == [closed._replace(converted=8)]
