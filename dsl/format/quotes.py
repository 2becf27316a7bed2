"""Typographic quotation marks in rules, straightened.

Only marks that stand for quotation marks: one inside a quoted text belongs to the text and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsl.format.change import Change
from dsl.source import Text

__all__ = ["straight", "straighten_rule", "straighten_text"]

_DOUBLE = "\u201c\u201d\u201e\u201f\u00ab\u00bb"
_SINGLE = "\u2018\u2019\u201a\u201b\u2039\u203a"
_CLASSES = {**dict.fromkeys(_DOUBLE, '"'), **dict.fromkeys(_SINGLE, "'")}
_ALIKE = {'"': _DOUBLE + '"', "'": _SINGLE + "'"}
_FORMULA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_ALL_STRAIGHT = str.maketrans(_CLASSES)


def straight(text: str) -> str:
    """``text`` with every typographic quotation mark as its straight twin."""
    return text.translate(_ALL_STRAIGHT)


def straighten_rule(rule: Text) -> list[Change]:
    """The changes that give a rule straight quotation marks; nothing if that cannot be done."""
    return _changes(rule, list(_marks(rule, 0, len(rule))))


def straighten_text(text: Text) -> list[Change]:
    """The same for what stands between ``{{`` and ``}}``."""
    marks = [
        mark
        for part in _FORMULA.finditer(text)
        for mark in _marks(text, part.start() + 2, part.end() - 2)
    ]
    return _changes(text, marks)


def _marks(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Where typographic marks stand that quote something, and their straight twins."""
    at = start
    while at < end:
        char = text[at]
        kind = _CLASSES.get(char, char)
        if kind not in _ALIKE:
            at += 1
            continue
        closing = _ALIKE[kind] if char in _CLASSES else kind
        close = next((n for n in range(at + 1, end) if text[n] in closing), None)
        if close is None:
            return
        for place in (at, close):
            if text[place] in _CLASSES:
                yield place, kind
        at = close + 1


def _changes(text: Text, marks: list[tuple[int, str]]) -> list[Change]:
    made = []
    for offset, mark in marks:
        index = text.stands_at(offset)
        if text.style == "" and index == text.extent[0]:
            return []  # a value cannot start with a quotation mark
        written = mark
        if mark == text.style:
            written = "''" if mark == "'" else '\\"'
        made.append(Change(index, index + 1, written, "quotes", text.extent))
    return made
