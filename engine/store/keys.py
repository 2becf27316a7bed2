"""Keys of the API: the part of the store that keeps what is known of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeAlias

from engine.core.keys import Key

__all__ = ["Keep", "StoredKeys"]

Keep: TypeAlias = Callable[[Sequence[Key]], Iterable[Key]]
"""From all keys to those that are new or different then."""


class StoredKeys(Protocol):
    """All keys there ever were: none is taken away, so the door never opens by itself again."""

    def known(self) -> list[Key]:
        """In the order in which they were made."""
        ...

    def turn(self, change: Keep) -> None:
        """Makes keys or changes them, by their hashes. Nobody else changes one of those that
        ``change`` is shown meanwhile.
        """
        ...
