"""What becomes of the people inside an edited journey, step by step (language reference, 4.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from dsl.changes.steps import awaited, kind_of, named_steps
from dsl.machine import Machine

__all__ = [
    "Continues",
    "Ends",
    "Fate",
    "Finishes",
    "Leaves",
    "Lost",
    "OtherKind",
    "Stays",
    "WaitsAnew",
    "fate_of",
]


@dataclass(frozen=True, slots=True)
class Stays:
    """They rest on where they are, under the name the step has now."""

    step: str


@dataclass(frozen=True, slots=True)
class WaitsAnew:
    """They rest on, and when they go on is recomputed."""

    step: str


@dataclass(frozen=True, slots=True)
class Continues:
    """Their step is gone; they go on at this one."""

    step: str


@dataclass(frozen=True, slots=True)
class Leaves:
    """Their step is gone, and so are they."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The journey is gone, or has ended."""


@dataclass(frozen=True, slots=True)
class Finishes:
    """They go through to the end of the version they entered."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Their step is gone, and nobody has said where they go: not possible."""


@dataclass(frozen=True, slots=True)
class OtherKind:
    """Their step is another kind of step now: not possible."""

    before: str
    after: str


Fate: TypeAlias = Stays | WaitsAnew | Continues | Leaves | Ends | Finishes | Lost | OtherKind


def fate_of(new: Machine | None, old: Machine | None, step: str) -> Fate:
    """What becomes of whoever is in ``step`` of the version ``old`` (None if nobody can read that
    any more) when the version ``new`` is deployed (None if the journey is not there any more).
    """
    if new is None or (new.status == "ended" and step):
        return Ends()
    if not step:  # held out, or gone already: they are measured on
        return Stays("")
    if new.inside == "stay" and old is not None and old.version != new.version:
        return Finishes()
    name = new.names_since(old).get(step, step)
    now = named_steps(new).get(name)
    if now is None:
        removed = next((one for one in new.removed if one.step == step), None)
        if removed is None:
            return Lost()
        return Leaves() if removed.then is None else Continues(removed.then)
    before = None if old is None else named_steps(old).get(step)
    if name not in new.index or (before is not None and type(before) is not type(now)):
        kind = "another step" if before is None else kind_of(before)
        return OtherKind(kind, kind_of(now))
    if before is not None and awaited(before) != awaited(now):
        return WaitsAnew(name)
    return Stays(name)
