"""Addresses: the part of the store that knows what holds against them, whoever has them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from dsl.calendar import Instant
from engine.core.bars import Bar, Destination
from engine.core.signals import Arrival

__all__ = ["Bars", "Recalled"]


class Recalled(NamedTuple):
    """To how many addresses more nothing goes now, and whether there is ``more`` to be looked at."""

    told: int = 0
    more: bool = False


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

    def recall(
        self, channels: Collection[str], at: Instant, limit: int = 500, *, again: bool = False
    ) -> Recalled:
        """Looks at up to ``limit`` more people for suppressions from before they were kept by
        address, and makes them hold for whoever has the address. It goes on where it stopped. The
        second time round, for what processes of an older version have still written beside, needs
        ``again``; then it is done for ever.
        """
        ...

    def count(self) -> int:
        """To how many addresses nothing more goes, of whomever."""
        ...
