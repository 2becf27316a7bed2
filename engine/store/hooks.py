"""Subscriptions: the part of the store that keeps them, and what they are told of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeAlias

from engine.core.hooks import Happening, Hook, Mark

__all__ = ["REACH", "Hooks", "Keep"]

REACH = 20_000
"""How many numbers one look goes through, at most."""

Keep: TypeAlias = Callable[[Sequence[Hook]], Iterable[Hook]]
"""From all subscriptions to those that are new or different then."""


class Hooks(Protocol):
    """What happened is read from where it stands anyhow, behind a mark: nothing is written for the
    sake of being told, but that somebody was forgotten, of whom nothing else is left.
    """

    def known(self) -> list[Hook]:
        """In the order in which they were made."""
        ...

    def turn(self, change: Keep) -> None:
        """Makes subscriptions or changes them, by their ids. Nobody else changes one of those that
        ``change`` is shown meanwhile.
        """
        ...

    def remove(self, hook: str) -> None:
        """Takes one away, with what it has not been told."""
        ...

    def end(self) -> Mark:
        """How far everything has happened: a new subscription begins there."""
        ...

    def horizon(self) -> Mark:
        """How far nothing more can come in between: what has a lower number is there to be read, or
        will never be.
        """
        ...

    def happened(self, hook: Hook, horizon: Mark, limit: int) -> tuple[list[Happening], Mark]:
        """Up to ``limit`` things that a subscription is about, behind its mark, in the order of
        each kind; and how far that is.
        """
        ...

    def forget_words(self, hook: str, through: int) -> None:
        """Lets go of the words about people who are no longer here, once they have been told."""
        ...
