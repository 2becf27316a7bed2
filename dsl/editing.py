"""What a journey says of people who are inside while it is edited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Removed", "names_since"]


@dataclass(frozen=True, slots=True)
class Removed:
    """A step of an earlier version: who is in it goes on at the step ``then``; None: leaves."""

    step: str
    then: str | None


def names_since(
    renamed: Iterable[tuple[str, str]],
    before: Iterable[tuple[str, str]],
    known: Iterable[str | None],
) -> dict[str, str]:
    """The new ids of steps that a version has renamed. What the version ``before`` had renamed
    gets its old name back where the one that follows knows it, and not the other: so that going
    back needs no word about it.
    """
    names = dict(renamed)
    there = set(known)
    for old, new in before:
        if new not in there and old in there:
            names.setdefault(new, old)
    return names
