"""A run: one person's passage through one journey, always at rest when stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from dsl.calendar import Instant
from dsl.expr.context import Happened, StepRecord

__all__ = ["Run", "RunStatus"]

RunStatus = Literal["live", "watched", "closed"]
"""``watched``: has left, but its goal is still counted until ``watch_until``."""


_new = tuple.__new__  # what a NamedTuple does at last, without its own function in between
_NOTHING: Mapping[str, Any] = {}  # never written to; a dict, because those are written fastest


class Run(NamedTuple):
    """Where a person is in a journey. Every live run rests in a state, and has a timer or listens.

    ``since`` is when the state was reached; ``due`` when to wake it: at the ``timer`` of its state,
    or earlier if a guard may change by itself before; ``collected`` that the send it
    rests in has been through arbitration; ``done`` the channels of ``to all of`` already decided.
    """

    id: str
    person: str
    journey: str
    version: str
    key: str
    entered: Instant
    trigger: Happened | None
    arm: Literal["live", "holdout"] = "live"
    status: RunStatus = "live"
    state: str = ""
    since: Instant = 0
    due: Instant | None = None
    collecting: bool = False
    collected: bool = False
    done: tuple[str, ...] = ()
    variables: Mapping[str, Any] = _NOTHING
    steps: Mapping[str, StepRecord] = _NOTHING
    left: Instant | None = None
    outcome: str = ""
    converted: Instant | None = None
    watch_until: Instant | None = None
    entry: int = 1  # the person's how-manieth entry into the journey
    awaiting: str = ""  # the delivery whose receipt, or the question whose answer takes it on
    timer: Instant | None = None  # of the state it rests in; ``due`` may be earlier, see above
    frozen: Instant | None = None  # since when a paused journey has withheld something from it
    unit: str = ""  # by which it is drawn, if the person has become one with another since

    def resting(
        self, state: str, since: Instant, due: Instant | None, steps: Mapping[str, StepRecord]
    ) -> Run:
        """The run at rest in a state. Spelled out, because every step comes by here."""
        values = (
            self.id,
            self.person,
            self.journey,
            self.version,
            self.key,
            self.entered,
            self.trigger,
            self.arm,
            self.status,
            state,
            since,
            due,
            False,
            False,
            (),
            self.variables,
            steps,
            self.left,
            self.outcome,
            self.converted,
            self.watch_until,
            self.entry,
            "",
            due,
            None,
            self.unit,
        )
        return _new(Run, values)

    def leaving(
        self,
        status: RunStatus,
        until: Instant | None,
        steps: Mapping[str, StepRecord],
        now: Instant,
        outcome: str,
    ) -> Run:
        """The run that has left, watched or not. Spelled out like ``resting``."""
        values = (
            self.id,
            self.person,
            self.journey,
            self.version,
            self.key,
            self.entered,
            self.trigger,
            self.arm,
            status,
            self.state,
            self.since,
            until,
            False,
            self.collected,
            self.done,
            self.variables,
            steps,
            now,
            outcome,
            self.converted,
            until,
            self.entry,
            self.awaiting,
            self.timer,
            self.frozen,
            self.unit,
        )
        return _new(Run, values)
