"""Telephone numbers and e-mail addresses: the part of the store that knows whose they are, and what
was said from numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeAlias

from engine.core.numbers import Said
from engine.core.signals import Arrival

__all__ = ["Numbers", "Tell"]

Tell: TypeAlias = Callable[[Said], tuple[Said, Sequence[Arrival]]]
"""From what was said from a number before to what has been said now, and what arrives with that."""


class Numbers(Protocol):
    """Numbers are those of ``engine.core.numbers``. What was said is kept by channel, and stays
    when the person is forgotten; whose a number is does not.
    """

    def people(self, number: str) -> list[str]:
        """Everybody who has the number, or the e-mail address, in the order of their names."""
        ...

    def said(self, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], Said]:
        """What was said from these numbers (channel, number), if anything."""
        ...

    def hear(self, channel: str, number: str, people: Collection[str], tell: Tell) -> int:
        """Something was said: writes down what ``tell`` makes of it and appends what it lets arrive,
        which is of ``people`` only, in one transaction. Nobody else hears the number meanwhile;
        ``tell`` asks nobody. How many arrivals were new.
        """
        ...
