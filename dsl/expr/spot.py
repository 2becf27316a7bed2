"""The place where reading a rule got stuck, and what stands before it."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["PIECE", "Mistake", "Piece", "Spot", "lost", "pieces", "same_level", "unclosed"]

PIECE = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|[^\W\d]\w*|\d+(?:[.:]\d+)*|[<>=!]+|&&|\|\||\S")


class Mistake(NamedTuple):
    """One mistake, from ``start`` up to ``end`` of the text."""

    code: str
    start: int
    end: int
    message: str
    hint: str | None = None


class Piece(NamedTuple):
    """A word, a number, a text or a sign, in lower case."""

    text: str
    start: int


class Spot(NamedTuple):
    """The word that does not fit, and what stands before it on the same level of brackets."""

    text: str
    at: int
    word: str  # lower case
    end: int
    before: tuple[str, ...]  # lower case
    start: str


def pieces(text: str) -> list[Piece]:
    """The text in pieces."""
    return [Piece(piece[0].lower(), piece.start()) for piece in PIECE.finditer(text)]


def unclosed(text: str) -> int | None:
    """Where a bracket is opened that is never closed, or None."""
    opened: list[int] = []
    for piece in pieces(text):
        if piece.text == "(":
            opened.append(piece.start)
        elif piece.text == ")" and opened:
            opened.pop()
    return opened[-1] if opened else None


def same_level(before: str) -> tuple[str, ...]:
    """The words before, back to the bracket that is open, without what stands in brackets."""
    levels: list[list[str]] = [[]]
    for piece in pieces(before):
        if piece.text == "(":
            levels.append([])
        elif piece.text == ")":
            if len(levels) > 1:
                levels.pop()
            levels[-1].append("()")
        else:
            levels[-1].append(piece.text)
    return tuple(levels[-1])


def lost(word: str) -> str:
    """The sentence for a word that says nothing here."""
    shown = word if word.startswith(("'", '"')) else f'"{word}"'
    return f"I do not understand {shown} here."
