"""What became of people whom a split that learns has given a path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dsl.calendar import Instant
from dsl.expr.context import Happened, StepRecord
from engine.core.learning import Assignment, Counted, Fate
from engine.core.lessons import LearningSplit, learning_splits
from engine.core.profile import Profile
from engine.core.program import Program
from engine.core.run import Run
from engine.core.standing import Standing

__all__ = ["Outcome", "tell"]


class Outcome(NamedTuple):
    """``known`` is when it was known, or will be; ``counted`` what it counts for."""

    fate: Fate
    known: Instant
    counted: Counted | None = None


def tell(
    program: Program,
    assignment: Assignment,
    profile: Profile,
    runs: Sequence[Run],
    history: Mapping[str, Sequence[Happened]],
    hour: Instant,
) -> Outcome:
    """What became of an assignment, by what was received before ``hour``.

    It is asked by the journey as it is now: of a new target with a longer window it is
    not known yet, and where the split learns no more, or has been drawn anew, it does not count.
    The run may have left long ago.
    """
    run = next((each for each in runs if each.id == assignment.run), None)
    learner = None if run is None else _learner(program, assignment, run)
    if run is None or learner is None:
        return Outcome("void", assignment.known)
    record = StepRecord(
        path=assignment.path,
        time=assignment.at,
        snapshot=assignment.snapshot,
        probability=assignment.probability,
    )
    run = run._replace(steps={**run.steps, learner.split.id: record})
    standing = Standing(
        program,
        profile,
        {each.id: each for each in runs if each.status != "closed"},
        {
            name: [event for event in events if event.received < hour]
            for name, events in history.items()
        },
    )
    context = standing.context(assignment.at, run)
    ends = [end.value(context) for end in learner.learning.ends]
    if None in ends:
        outcome = Outcome("void", assignment.known)
    elif (known := max(ends) + program.policy.accept_for_waits.longest) > hour:
        outcome = Outcome("open", known)
    else:
        context.now = max(ends)
        fate: Fate = "reached" if learner.learning.target.holds(context) else "missed"
        counted = Counted(learner.subject, f"{fate} {assignment.path}")
        outcome = Outcome(fate, known, counted)
    standing.part()
    return outcome


def _learner(program: Program, assignment: Assignment, run: Run) -> LearningSplit | None:
    """The split as it is now, whatever it is called; in the version that the run goes through."""
    machine = program.machine_of(run)
    learners = () if machine is None else learning_splits(machine)
    return next((each for each in learners if assignment.scope in each.scopes), None)
