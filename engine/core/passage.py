"""A run on the move: the working state of one ``advance``, and how it ends."""

from __future__ import annotations

from typing import Any

from dsl.calendar import Duration, Instant, add
from dsl.expr.context import StepRecord
from dsl.machine import Formula, Machine
from engine.core.changes import Changes, EdgeCount
from engine.core.decision import Decision, What
from engine.core.effects import Emitted
from engine.core.program import Flipping
from engine.core.run import Run
from engine.core.standing import Standing

__all__ = ["Passage"]

_new = tuple.__new__  # what a NamedTuple does at last, without its own function in between


class Passage:
    """Moves one run through its machine. Lives as long as one signal.

    What it decides and wants goes to ``changes`` at once; what it emits to ``emitted``, because
    that is processed as inputs of its own.
    """

    __slots__ = (
        "changes",
        "context",
        "emitted",
        "guarded",
        "machine",
        "now",
        "outcome",
        "run",
        "standing",
        "steps",
    )

    def __init__(
        self,
        machine: Machine,
        run: Run,
        standing: Standing,
        now: Instant,
        changes: Changes,
        emitted: list[Emitted],
    ) -> None:
        self.machine = machine
        self.run = run
        self.standing = standing
        self.now = now
        self.changes = changes
        self.emitted = emitted
        self.context = standing.context(now, run)
        self.steps: dict[str, StepRecord] | None = None
        self.outcome = ""  # why it is on its way out, by way of "on goal" or "on exit"
        self.guarded = False  # asked, and nothing that guards may look at has changed since

    def decide(
        self, what: What, reason: str, step: str = "", channel: str = "", detail: str = ""
    ) -> None:
        """Writes down why."""
        run = self.run
        line = (run.person, self.now, what, reason, run.journey, run.id, step, channel, detail)
        self.changes.decisions.append(_new(Decision, line))

    def count(self, source: int, target: int) -> None:
        """Counts the way from one instruction to another, for drawings."""
        run, edges = self.run, self.changes.edges
        edge = _new(EdgeCount, (run.journey, run.version, source, target))
        edges[edge] = edges.get(edge, 0) + 1

    def rounds(self, index: int) -> str:
        """The rounds of all loops around an instruction; part of the names of what it makes."""
        loops = self.machine.loops
        if not loops:
            return "0"
        around = [loop.loop for loop in loops if loop.start <= index < loop.end]
        steps = self.context.steps
        return "/".join([str(steps[name].round or 0) for name in around if name in steps]) or "0"

    def record(self, step: str, record: StepRecord) -> None:
        """Remembers what a step left behind, for the rules after it."""
        self._records()[step] = record

    def forget(self, step: str) -> None:
        """Nothing is known any more of what a step left behind."""
        if step in self.context.steps:
            del self._records()[step]

    def _records(self) -> dict[str, StepRecord]:
        """What steps have left behind, to be written to."""
        self.guarded = False
        if self.steps is None:
            self.steps = dict(self.run.steps)
            self.context.steps = self.steps
        return self.steps

    def after(self, start: Instant, length: Formula | None) -> Instant | None:
        """``start`` plus the value of a length; None if there is none or it is missing."""
        if length is None:
            return None
        value: Duration | None = length.value(self.context)
        if value is None:
            return None
        return add(start, value, self.context.zone, self.context.holidays)

    def values(self, formulas: tuple[tuple[str, Formula], ...]) -> dict[str, Any]:
        """Formulas by name, computed now."""
        if not formulas:
            return {}
        return {name: formula.value(self.context) for name, formula in formulas}

    def rest(self, state: str, due: Instant | None) -> None:
        """Comes to rest in a state just reached."""
        steps = self.run.steps if self.steps is None else self.steps
        self.steps = None
        self.run = self.run.resting(state, self.now, due, steps)

    def wake_at(self, due: Instant | None) -> None:
        """Stays in its state with another timer."""
        self.run = self.run._replace(due=due, timer=due)

    def convert(self, occurred: Instant) -> None:
        """Counts the goal, at the time of what reached it, if it is still counted then."""
        run = self.run
        within = self.after(run.entered, self.machine.goal_within)
        if run.converted is None and (within is None or occurred <= within):
            self.run = run._replace(converted=occurred)
            self.decide("converted", "goal")

    def leave(self, outcome: str, detail: str = "") -> None:
        """Ends the run. A goal that is counted for longer keeps it watched."""
        run = self.run
        watch = None
        if self.machine.goal is not None and run.converted is None:
            watch = self.after(run.entered, self.machine.goal_within)
        watched = watch is not None and watch > self.now and outcome != "restart"
        steps = run.steps if self.steps is None else self.steps
        self.steps = None
        if watched:
            self.run = run.leaving("watched", watch, steps, self.now, outcome)
        else:
            self.run = run.leaving("closed", None, steps, self.now, outcome)
        self.decide("left", outcome, step=run.state, detail=detail)

    def result(self) -> Run:
        """The run as it is to be stored."""
        if self.steps is not None:
            self.run = self.run._replace(steps=self.steps)
            self.steps = None
        run, known = self.run, self.standing.program.flipping
        flipping = known.get(self.machine.version) if known else None
        if flipping and run.status == "live" and run.arm == "live":
            due = self._wake(flipping, run)
            if due != run.due:
                self.run = run._replace(due=due)
        return self.run

    def _wake(self, flipping: Flipping, run: Run) -> Instant | None:
        """The timer of the state, or the first instant at which a rule may change by itself."""
        wakes = [] if run.timer is None else [run.timer]
        for flips in (*flipping.guards, *flipping.states.get(run.state, ())):
            flip = flips(self.context)
            if flip is not None:
                wakes.append(max(flip, self.now + 1))
        return min(wakes, default=None)
