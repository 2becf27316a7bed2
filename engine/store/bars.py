"""Addresses: the part of the store that knows what holds against them, whoever has them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from engine.core.bars import Bar, Destination
from engine.core.signals import Arrival

__all__ = ["Bars"]


class Bars(Protocol):
    """What is known against addresses stays when people are forgotten, and nobody can read an
    address from it without the keys.
    """

    def under(self, keys: Sequence[bytes]) -> None:
        """From now on names are made with the first of these keys, and those that were made with
        any of them are recognised. Without a key the store makes one up and keeps it itself.
        """
        ...

    def lost(self) -> int:
        """How many keys something was kept under that are not among those given."""
        ...

    def read(self, destinations: Collection[Destination]) -> dict[Destination, Bar]:
        """What is known against these addresses, if anything."""
        ...

    def tell(
        self,
        bars: Sequence[tuple[Destination, Bar]],
        arrivals: Sequence[Arrival] = (),
    ) -> None:
        """Joins something to what is known, and appends what arrives with that, in one
        transaction.
        """
        ...

    def count(self) -> int:
        """To how many addresses nothing more goes, of whomever."""
        ...
