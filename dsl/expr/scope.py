"""The names a rule may use, by where it stands (language reference, section 2.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, TypeAlias, TypeVar

from dsl.kinds import Instant, Kind, Record, Text, Whole
from dsl.plan import TrackingPlan

__all__ = ["NOTHING_WITHHELD", "Names", "Scope", "StepName", "StepPart", "Withheld", "parts_of"]

_Named = TypeVar("_Named")

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


@dataclass(frozen=True, slots=True)
class Withheld:
    """What a promotional journey may not use: sensitive attributes that the policy does not allow
    there, and what is made of them, each with the attribute that is the reason.
    """

    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    segments: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __bool__(self) -> bool:
        return bool(self.attributes)

    def refusal(self, name: str, *, segment: bool = False) -> tuple[str, str, str] | None:
        """Code, words and hint of the finding where something withheld is used; or nothing."""
        reason = (self.segments if segment else self.attributes).get(name)
        if reason is None:
            return None
        said = f'"{name}" is sensitive' if name == reason else f'"{name}" is made of "{reason}"'
        if segment:
            said = f'The segment "{name}" is made of "{reason}"'
        more = "" if name == reason and not segment else ", which is sensitive"
        message = f"{said}{more}: nothing promotional may use it."
        hint = f"If it is meant to be used, say so in the policy: sensitive allowed: {reason}"
        return "E150", message, hint


NOTHING_WITHHELD = Withheld()


def _nothing() -> Mapping[str, Kind]:
    return MappingProxyType({})


def _no_steps() -> Mapping[str, StepName]:
    return MappingProxyType({})


class _Grown(Mapping[str, _Named]):
    """A mapping to which more is added without copying all of it: a journey of ten thousand steps
    has as many scopes.

    It is a few layers, each at least twice as large as the one above it.
    """

    __slots__ = ("_layers",)

    def __init__(self, layers: tuple[Mapping[str, _Named], ...]) -> None:
        self._layers = layers

    @classmethod
    def of(cls, names: Mapping[str, _Named]) -> _Grown[_Named]:
        return names if isinstance(names, _Grown) else cls((names,))

    def plus(self, more: Mapping[str, _Named]) -> _Grown[_Named]:
        *layers, top = *self._layers, more
        while layers and len(layers[-1]) < 2 * len(top):
            top = {**layers.pop(), **top}
        return _Grown((*layers, top))

    def __getitem__(self, name: str) -> _Named:
        for layer in reversed(self._layers):
            if name in layer:
                return layer[name]
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(name in layer for layer in self._layers)

    def __iter__(self) -> Iterator[str]:
        return iter({name: None for layer in self._layers for name in layer})

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class Scope:
    """One place's names. ``trigger`` None means that ``trigger`` and ``entry`` are not known here
    unless ``entry`` says otherwise; ``variables`` are let variables, loop items and inputs, read
    from ``Context.variables``. ``owner`` is how messages call the place: "A segment"; ``withheld``
    is what may not be used there.
    """

    plan: TrackingPlan
    names: Names = field(default_factory=Names)
    currency: str = "EUR"
    trigger: Record | None = None
    entry: bool = False
    variables: Mapping[str, Kind] = field(default_factory=_nothing)
    steps: Mapping[str, StepName] = field(default_factory=_no_steps)
    owner: str = "This rule"
    withheld: Withheld = NOTHING_WITHHELD

    def with_variables(self, more: Mapping[str, Kind]) -> Scope:
        """The same place with further variables."""
        return replace(self, variables=_Grown.of(self.variables).plus(more))

    def with_step(self, name: str, step: StepName) -> Scope:
        """The same place after a further step."""
        return replace(self, steps=_Grown.of(self.steps).plus({name: step}))
