"""The audit log: the part of the store that is only ever added to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from dsl.calendar import Instant
from engine.core.deeds import Deed

__all__ = ["Deeds"]


class Deeds(Protocol):
    """What was done, in the order in which it was written down. Of somebody who is forgotten, or of
    whom nobody has heard, only a name stays that tells nothing without the suppression key.
    """

    def add(self, deeds: Sequence[Deed]) -> None:
        """Makes deeds durable."""
        ...

    def read(
        self, before: int | None = None, limit: int = 100, whom: str | None = None
    ) -> list[tuple[int, Deed]]:
        """The newest first, with their numbers: those below ``before``, and those about one person,
        also from before they were forgotten.
        """
        ...

    def prune(self, until: Instant, limit: int = 1_000) -> int:
        """Lets up to ``limit`` deeds from before an instant go, the oldest first. How many went."""
        ...
