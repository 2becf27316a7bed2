"""Splits: which path a person takes (language reference, section 4.9)."""

from __future__ import annotations

from decimal import Decimal

from dsl.expr.context import StepRecord
from dsl.machine import Learning, Path, Split
from engine.core.ids import assignment_id
from engine.core.learning import Assignment, Snapshot, shares
from engine.core.lessons import learning_splits
from engine.core.passage import Passage
from engine.core.split import choose

__all__ = ["divide"]


def divide(passage: Passage, split: Split, index: int) -> int:
    """Where a person goes on: who has been given a path in this run keeps it, in every round of a
    loop and whatever has become of the shares.
    """
    path = _path_so_far(passage, split)
    if split.learning is not None:
        return (path or _learnt(passage, split, split.learning, index)).then
    if path is None:
        path = choose(split, _unit(passage, split))
    passage.record(split.id, StepRecord(path=path.name, time=passage.now))
    return path.then


def _path_so_far(passage: Passage, split: Split) -> Path | None:
    record = passage.context.steps.get(split.id)
    if record is None:
        return None
    return next((path for path in split.paths if path.name == record.path), None)


def _unit(passage: Passage, split: Split) -> str:
    run = passage.run
    unit = run.unit or passage.standing.profile.unit
    return f"{unit}#{run.entry}" if split.every_time and run.entry > 1 else unit


def _learnt(passage: Passage, split: Split, learning: Learning, index: int) -> Path:
    """A path by the shares of the snapshot, written down so that what comes of it can be learnt
    from, and reweighted.
    """
    snapshot = _snapshot(passage, split)
    drawn = shares(split, learning, snapshot)
    path = choose(split, _unit(passage, split), drawn)
    share = drawn[split.paths.index(path)]
    version = 0 if snapshot is None else snapshot.number
    record = StepRecord(
        path=path.name, time=passage.now, snapshot=version, probability=float(share)
    )
    passage.record(split.id, record)
    passage.decide("assigned", path.name, split.id, detail=_words(share, snapshot))
    _expect(passage, split, learning, record, index)
    return path


def _snapshot(passage: Passage, split: Split) -> Snapshot | None:
    """The latest one; in the hour after it got another name, that of the name before."""
    known = passage.standing.snapshots
    learner = next(each for each in learning_splits(passage.machine) if each.split is split)
    found = (known.get(subject) for subject in (learner.subject, *learner.earlier))
    return next((snapshot for snapshot in found if snapshot is not None), None)


def _expect(
    passage: Passage, split: Split, learning: Learning, record: StepRecord, index: int
) -> None:
    """What comes of it will be known when the last window has ended, and what came late is there.
    Nothing can be learnt from somebody for whom a window has no beginning.
    """
    ends = [end.value(passage.context) for end in learning.ends]
    if None in ends:
        return
    run, late = passage.run, passage.standing.program.policy.accept_for_waits.longest
    passage.changes.assignments.append(
        Assignment(
            id=assignment_id(run.id, split.id, passage.rounds(index)),
            person=run.person,
            journey=run.journey,
            run=run.id,
            step=split.id,
            scope=split.scope,
            path=record.path or "",
            snapshot=record.snapshot or 0,
            probability=record.probability or 0.0,
            at=passage.now,
            known=max(ends) + late,
        )
    )


def _words(share: Decimal, snapshot: Snapshot | None) -> str:
    percent = f"{share * 100:.1f}".removesuffix(".0")
    if snapshot is None:
        return f"{percent} %, nothing learnt yet"
    return f"learnt: {percent} % at snapshot {snapshot.number}"
