"""One person while their signals are folded: what is known, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias, assert_never

from dsl.calendar import Instant
from dsl.expr.context import Happened
from dsl.machine import Machine
from engine.core.bars import Bar, Destination, bars_of
from engine.core.changes import Changes
from engine.core.decision import Decision, What
from engine.core.effects import Delivery, EmitEvent, Emitted, StartJourney
from engine.core.learning import NO_SNAPSHOTS, Snapshot
from engine.core.numbers import Said
from engine.core.passage import Passage
from engine.core.profile import Profile
from engine.core.program import Program
from engine.core.rating import rated
from engine.core.run import Run
from engine.core.signals import EventArrived, StartAsked
from engine.core.standing import Standing
from engine.core.tallying import without_tallies

__all__ = ["NO_DELIVERIES", "Books", "Made"]

Made: TypeAlias = EventArrived | StartAsked
"""An input that the person's own runs have made."""

NO_DELIVERIES: Mapping[str, Delivery] = MappingProxyType({})
NOTHING_SAID: Mapping[tuple[str, str], Said] = MappingProxyType({})
NOTHING_BARRED: Mapping[Destination, Bar] = MappingProxyType({})
_NOBODY = Profile("")


class Books:
    """Keeps runs and decisions of one person after the other. Moves along as signals are folded, so
    it is mutable on purpose; whatever changes goes to ``changes``, and runs to ``changed`` as they
    are last.
    """

    __slots__ = (
        "bars",
        "changed",
        "changes",
        "closed",
        "computing",
        "deliveries",
        "history",
        "judged",
        "known",
        "known_deliveries",
        "machines",
        "moved",
        "number",
        "program",
        "said",
        "standing",
    )

    def __init__(
        self,
        program: Program,
        changes: Changes,
        number: Callable[[], int],
        deliveries: Mapping[str, Delivery] = NO_DELIVERIES,
        snapshots: Mapping[str, Snapshot] = NO_SNAPSHOTS,
        said: Mapping[tuple[str, str], Said] = NOTHING_SAID,
        bars: Mapping[Destination, Bar] = NOTHING_BARRED,
    ) -> None:
        self.program = program
        self.machines = program.project.machines
        self.computing = program.computing
        self.standing = Standing(program, _NOBODY, {}, {}, snapshots=snapshots)
        self.deliveries = deliveries
        self.number = number
        self.said = said
        self.bars = bars
        self.changes = changes

    def turn_to(
        self,
        profile: Profile,
        runs: Sequence[Run],
        history: dict[str, list[Happened]],
        closed: Sequence[Run] = (),
        *,
        known: bool = True,
    ) -> None:
        """From here on it is about this person, as they were loaded."""
        self.standing.turn_to(profile, {run.id: run for run in runs}, history)
        self.history = history
        self.closed = closed
        self.known_deliveries = self.deliveries
        self.known = known
        self.changed: dict[str, Run] = {}
        self.judged = profile  # as the person was when their segments were last asked about
        self.moved = False  # whether a run has changed since then

    def part(self) -> None:
        """Nobody comes any more: lets go of what only the cycle collector could take apart."""
        self.standing.part()

    def burn(self, number: int, at: Instant) -> None:
        """Forgets the person, whose runs have left with that: nothing of them is to be kept, but
        what holds against their addresses.
        """
        person = self.standing.profile.id
        self.changes.forget(person, number)
        left = bars_of(self.standing.profile, tuple(self.program.policy.channels), at)
        for destination, bar in left.items():
            self.changes.bar(destination, bar)
        self.standing.runs.clear()
        self.standing.become(Profile(person))
        self.history.clear()
        self.changed.clear()
        self.closed = ()
        self.known_deliveries = NO_DELIVERIES
        self.known = False

    def compute(self) -> None:
        """Has what is computed of the person by the formulas of this project."""
        profile = self.standing.profile
        if self.computing is None:
            self.standing.become(without_tallies(profile))
        elif not self.computing.is_of(profile):
            self.standing.become(self.computing.anew(profile, self.history))

    def rate(self, now: Instant) -> None:
        """Has the scores that the person has now."""
        scoring, standing = self.program.scoring, self.standing
        if scoring is not None:
            standing.become(rated(standing.profile, scoring, standing.snapshots, now))

    def passage(self, machine: Machine, run: Run, now: Instant) -> tuple[Passage, list[Emitted]]:
        emitted: list[Emitted] = []
        return Passage(machine, run, self.standing, now, self.changes, emitted), emitted

    def made(self, emitted: list[Emitted], run: Run, now: Instant) -> list[Made]:
        """What a run emitted, numbered, to be processed as inputs of their own."""
        made: list[Made] = []
        for each in emitted:
            match each:
                case EmitEvent(named, name, values):
                    happened = Happened(name, now, now, self.number(), values)
                    made.append(EventArrived(named, run.person, happened))
                case StartJourney(named, journey, values):
                    made.append(
                        StartAsked(
                            named, run.person, now, self.number(), journey, values, run.journey
                        )
                    )
                case _ as unreachable:
                    assert_never(unreachable)
        return made

    def keep(self, run: Run, before: Run | None = None) -> None:
        if run is before:
            return
        self.moved = True
        self.changed[run.id] = run
        if run.status == "closed":
            self.standing.runs.pop(run.id, None)
            self.closed = (*self.closed, run)
        else:
            self.standing.runs[run.id] = run

    def decide(self, run: Run, now: Instant, what: What, reason: str) -> None:
        self.changes.decisions.append(Decision(run.person, now, what, reason, run.journey, run.id))

    def end_orphan(self, run: Run, now: Instant) -> None:
        """A journey that is no longer deployed: everybody leaves."""
        if run.status == "live":
            self.decide(run, now, "left", "ended")
        self.keep(run._replace(status="closed", due=None, left=run.left or now, outcome="ended"))
