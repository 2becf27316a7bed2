"""Splits: paths that people are divided over, by chance or by what is learnt."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from dsl.rules import Formula, Rule

__all__ = [
    "Learning",
    "Path",
    "Split",
]


@dataclass(frozen=True, slots=True)
class Path:
    """One path of a split; ``share`` of 1, all shares together are 1. Without meaning where the
    split learns.
    """

    name: str
    share: Decimal
    then: int


@dataclass(frozen=True, slots=True)
class Learning:
    """``optimise for``: what a path is good for. It can be told of a person when the last of
    ``ends`` has come. ``exploring`` is the share that is divided equally, whatever is known.
    """

    target: Rule
    ends: tuple[Formula, ...]
    exploring: Decimal


@dataclass(frozen=True, slots=True)
class Split:
    """``split``: a path by hash of (scope, person), recorded under ``id``."""

    id: str
    paths: tuple[Path, ...]
    scope: str
    every_time: bool = False  # "reassign: every time"
    learning: Learning | None = None
