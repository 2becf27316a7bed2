"""What is known where a text stands, and what was seen in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from dsl import kinds
from dsl.compile.template_guards import Path
from dsl.expr.scope import Withheld
from dsl.kinds import Kind

__all__ = ["Part", "Root", "Seen", "Unsure", "is_open"]


class Root(NamedTuple):
    """A name a text can begin with. ``kind`` None: nothing is known about it."""

    kind: Kind | None
    sure: bool = True  # never missing
    unsure_fields: frozenset[str] = frozenset()  # fields that can be missing
    withheld: Withheld | None = None  # of attributes and the profile: what may not be said


class Unsure(NamedTuple):
    """A value that is printed and can be missing."""

    name: str
    start: int
    end: int


@dataclass(slots=True)
class Seen:
    """What a text uses."""

    kinds: dict[str, Kind]
    fields: set[Path]  # of "profile": the attributes it reads
    unsure: list[Unsure]
    tags: list[int]  # where "if", "for" and "set" stand
    names: set[str] = field(default_factory=set)  # that it begins with


class Part(NamedTuple):
    """A part of a text: its kind, what may be missing in it, and its path if it is one."""

    kind: Kind | None = None
    unsure: Unsure | None = None
    path: Path = ()
    wrong: bool = False  # there is a finding for it already


def is_open(kind: Kind | None) -> bool:
    """Whether a kind says nothing about its fields: ``record``, ``list of record``."""
    while isinstance(kind, kinds.ListOf):
        kind = kind.item
    return kind is None or kind == kinds.Record(())
