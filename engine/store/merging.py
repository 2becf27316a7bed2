"""What a batch can do about people who become one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

from dsl.calendar import Instant
from engine.core.changes import Merge
from engine.core.identity import Union
from engine.core.merging import Behind

__all__ = ["Merging", "Names"]


class Merging(Protocol):
    """A part of every batch, and nothing where nobody becomes one with anybody."""

    def hold(self, people: Collection[str]) -> None:
        """From here on nobody else appends for these people, to whom something is handed on. To be
        called before anything is read but people themselves.
        """
        ...

    def unions(
        self, names: Collection[str], since: Instant, *, alone: bool = False
    ) -> dict[str, Union]:
        """How these names stand to others. ``alone``: nobody else finds out, or changes it, until
        the batch ends.
        """
        ...

    def behind(
        self, names: Collection[str], events: Iterable[str], journeys: Iterable[str]
    ) -> dict[str, Behind]:
        """What those who have gone into others have left behind: as ``history``, without what waits
        under their names, and as ``closed_runs``.
        """
        ...


class Names(Protocol):
    """A part of every store: under which names people are known."""

    def names(self, person: str) -> list[Merge]:
        """The merges by which others have gone into a person, directly or by way of others, in the
        order of time.
        """
        ...
