"""Attributes that are computed from events, and kept up to date by each of them.

A formula over events comes apart into *tallies*: how often, how much, the first, the last. Each
event changes a few of them, in whatever order events come, and the formula asks only them; so what
it says does not change when old events go. A tally is called by what it means: two formulas share
one, and a formula that is changed keeps those it had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, assert_never
from zoneinfo import ZoneInfo

from dsl.calendar import Instant
from dsl.expr.arithmetic import number, plus
from dsl.expr.context import Context, Happened
from dsl.fingerprint import fingerprint
from dsl.kinds import Kind, Number
from dsl.rest import at_rest

__all__ = ["Computed", "State", "Tally", "joined", "mark_of"]

State: TypeAlias = Any
"""What is kept of a tally, as JSON: a number, a value at rest, or [occurred, number, value]."""

How: TypeAlias = Literal["count", "sum", "lowest", "highest", "first", "last"]


@dataclass(frozen=True, slots=True)
class Tally:
    """One thing that is kept of the events of one name. ``counted`` and ``value`` ask a history of
    a single event: how often it counts, and what it adds.
    """

    key: str
    event: str
    how: How
    kind: Kind
    counted: Callable[[Context], int] = field(compare=False, repr=False)
    value: Callable[[Context], Any] = field(compare=False, repr=False)

    @property
    def start(self) -> State:
        """Before anything has happened."""
        return 0 if self.how in ("count", "sum") else None

    def after(self, state: State, event: Happened) -> State:
        """What is kept when ``event`` has happened, too. The order of events does not matter."""
        context = Context(event.occurred, _UTC, history={self.event: (event,)})
        match self.how:
            case "count" | "sum":
                return joined(self, state, at_rest(self.value(context), self.kind))
            case "lowest" | "highest":
                return joined(self, state, at_rest(self.value(context), self.kind))
            case "first" | "last":
                if not self.counted(context):
                    return state
                value = at_rest(self.value(context), self.kind)
                return joined(self, state, [event.occurred, event.number, value])
            case _ as unreachable:
                assert_never(unreachable)

    def said(self, state: State) -> Any:
        """The value at rest that the formula sees."""
        return state[2] if state is not None and self.how in ("first", "last") else state


def joined(tally: Tally, one: State, other: State) -> State:
    """What is kept of the events behind two states together, if no event is behind both."""
    if one is None or other is None:
        return other if one is None else one
    match tally.how:
        case "count" | "sum":
            return at_rest(plus(number(one) or 0, number(other) or 0), tally.kind)
        case "lowest":
            return min(one, other, key=tally_order(tally.kind))
        case "highest":
            return max(one, other, key=tally_order(tally.kind))
        case "first":
            return min(one, other, key=_place)
        case "last":
            return max(one, other, key=_place)
        case _ as unreachable:
            assert_never(unreachable)


def tally_order(kind: Kind) -> Callable[[State], Any]:
    """By what values at rest of a kind are compared: texts of numbers as numbers, dates and times
    of day as they are written.
    """
    return number if isinstance(kind, Number) else _as_it_is


def _as_it_is(state: State) -> Any:
    return state


def _place(state: State) -> tuple[Instant, int]:
    return state[0], state[1]


_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Computed:
    """An attribute and what it is computed from: ``value`` asks the tallies, which stand among the
    variables by their keys.
    """

    name: str
    text: str
    place: str
    kind: Kind
    tallies: tuple[Tally, ...]
    value: Callable[[Context], Any] = field(compare=False, repr=False)

    def of(self, states: Mapping[str, State]) -> Any:
        """The value at rest; None if it is missing."""
        said = {tally.key: tally.said(states[tally.key]) for tally in self.tallies}
        return at_rest(self.value(Context(0, _UTC, variables=said)), self.kind)


def mark_of(computed: Mapping[str, Computed]) -> str:
    """What is different as soon as any of these formulas is."""
    return fingerprint(computed)
