"""Gates that all who share a store go through: the part of the store that keeps them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Protocol, TypeAlias

from dsl.calendar import Instant
from engine.core.gates import Gate

__all__ = ["Change", "Gates"]

Change: TypeAlias = Callable[[Mapping[str, Gate]], Mapping[str, Gate]]
"""From gates as they are to those that are different then."""


class Gates(Protocol):
    """Gates by name. One that nobody has changed is a new one."""

    def read(self, names: Collection[str]) -> dict[str, Gate]:
        """These gates as they are."""
        ...

    def known(self, now: Instant) -> dict[str, Gate]:
        """All that still matter."""
        ...

    def turn(self, names: Collection[str], change: Change) -> None:
        """Changes some gates. Nobody else changes any of them meanwhile; ``change`` asks nobody
        else, and looks at no others.
        """
        ...

    def prune(self, now: Instant) -> None:
        """Forgets gates that are as good as new."""
        ...
