"""Everything that a compiled part of a project looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import reduce
from operator import or_
from typing import Any

from dsl.machine import Formula, Moment, Reads, Rule

__all__ = ["reads_of", "rules_in"]


def reads_of(part: Any) -> Reads:
    """What all rules, formulas and moments inside ``part`` read, together."""
    return reduce(or_, (one.reads for one in rules_in(part)), Reads())


def rules_in(part: Any) -> Iterator[Rule | Formula | Moment]:
    """All rules, formulas and moments inside ``part``."""
    if isinstance(part, Rule | Formula | Moment):
        yield part
    elif is_dataclass(part):
        for one in fields(part):
            yield from rules_in(getattr(part, one.name))
    elif isinstance(part, tuple | list | frozenset):
        for item in part:
            yield from rules_in(item)
    elif isinstance(part, Mapping):
        for item in part.values():
            yield from rules_in(item)
