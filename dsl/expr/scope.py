"""The names a rule may use, by where it stands (language reference, section 2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

from dsl.kinds import Instant, Kind, Record, Text, Whole
from dsl.plan import TrackingPlan

__all__ = ["Names", "Scope", "StepName", "StepPart", "parts_of"]

StepSort: TypeAlias = Literal["send", "wait", "split", "repeat", "webhook", "other"]
StepPart: TypeAlias = Literal["time", "channel", "path", "round"]
"""What the engine itself remembers of a step."""


@dataclass(frozen=True, slots=True)
class StepName:
    """A step that comes before the rule. ``record`` is what it leaves behind, if anything;
    ``key`` what it is remembered by, where that is not its name (steps of a fragment).
    """

    sort: StepSort
    record: Record | None = None
    key: str = ""


def parts_of(step: StepName) -> Mapping[StepPart, Kind]:
    """What can be asked of a step beside its record."""
    match step.sort:
        case "send":
            return {"channel": Text(), "time": Instant()}
        case "split":
            return {"path": Text(), "time": Instant()}
        case "repeat":
            return {"round": Whole()}
        case "wait" | "webhook" | "other":
            return {"time": Instant()}


@dataclass(frozen=True, slots=True)
class Names:
    """What a whole project defines, for ``in segment x`` and the like."""

    segments: frozenset[str] = frozenset()
    journeys: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    messages: frozenset[str] = frozenset()


def _nothing() -> Mapping[str, Kind]:
    return MappingProxyType({})


def _no_steps() -> Mapping[str, StepName]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Scope:
    """One place's names. ``trigger`` None means that ``trigger`` and ``entry`` are not known here
    unless ``entry`` says otherwise; ``variables`` are let variables, loop items and inputs, read
    from ``Context.variables``. ``owner`` is how messages call the place: "A segment".
    """

    plan: TrackingPlan
    names: Names = field(default_factory=Names)
    currency: str = "EUR"
    trigger: Record | None = None
    entry: bool = False
    variables: Mapping[str, Kind] = field(default_factory=_nothing)
    steps: Mapping[str, StepName] = field(default_factory=_no_steps)
    owner: str = "This rule"

    def with_variables(self, more: Mapping[str, Kind]) -> Scope:
        """The same place with further variables."""
        return replace(self, variables=MappingProxyType({**self.variables, **more}))

    def with_step(self, name: str, step: StepName) -> Scope:
        """The same place after a further step."""
        return replace(self, steps=MappingProxyType({**self.steps, name: step}))
