"""Who sends, as far as it matters for what is taken."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["NAMING", "TRUSTED", "Sender"]


class Sender(NamedTuple):
    """``prefix`` comes before the ids of calls: what one key has called ``m-1``, another may. A
    ``browser`` is anybody at all. ``origin`` is where what is told of people comes from. With
    ``named``, people are spoken of by any name of theirs, and not by their user ids only.
    """

    prefix: str = ""
    browser: bool = False
    origin: str = ""
    named: bool = False


TRUSTED: Final = Sender()
"""A server of one's own, or a file: ids stand as they are."""

NAMING: Final = Sender(named=True)
"""Whoever looks people up before, as our own API does."""
