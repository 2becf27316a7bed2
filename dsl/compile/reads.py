"""Everything that a compiled part of a project looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import reduce
from operator import or_
from typing import Any

from dsl.machine import Formula, Moment, Reads, Rule

__all__ = ["reads_of"]


def reads_of(part: Any) -> Reads:
    """What all rules, formulas and moments inside ``part`` read, together."""
    return reduce(or_, _all(part), Reads())


def _all(part: Any) -> Iterator[Reads]:
    if isinstance(part, Rule | Formula | Moment):
        yield part.reads
    elif is_dataclass(part):
        for one in fields(part):
            yield from _all(getattr(part, one.name))
    elif isinstance(part, tuple | list | frozenset):
        for item in part:
            yield from _all(item)
    elif isinstance(part, Mapping):
        for item in part.values():
            yield from _all(item)
