"""What is written anew: stretches of one file, each with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

__all__ = ["Change", "Why", "applied"]

Why: TypeAlias = Literal["key", "quotes", "id"]


class Change(NamedTuple):
    """``text`` in place of the characters from ``start`` to ``end``.

    ``about`` is where what it is about stands: the scalar around a quotation mark, the verb of a
    step without an id.
    """

    start: int
    end: int
    text: str
    why: Why
    about: tuple[int, int]


def applied(text: str, changes: Iterable[Change]) -> str:
    """``text`` with the changes; of two that overlap, the first one."""
    pieces: list[str] = []
    done = 0
    for one in sorted(changes):
        if one.start < done:
            continue
        pieces += [text[done : one.start], one.text]
        done = one.end
    return "".join([*pieces, text[done:]])
