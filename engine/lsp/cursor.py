"""Where a cursor stands in a file that is being typed, and so can often not be parsed.

Lines and their indentation are read, and brackets in the line of the cursor; that is enough to know
which keys lead here and what has been written beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dsl.source import Source

__all__ = ["Cursor", "Level", "cursor_at"]

_DASHES = re.compile(r"(?:-(?:[ ]+|$))*")
_KEY = re.compile(r"""(?P<key>"[^"]*"|'[^']*'|[^\s#'"\[\]{}&*!|>%@`,-][^:#]*?)[ ]*:(?=\s|$)""")
_BLOCK = re.compile(r"[|>][-+\d]*\s*(#.*)?")


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the way down: through a key (with the keys beside it), or into a list."""

    key: str | None  # None: an item of a list
    beside: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Cursor:
    """The way to the cursor, and what it stands in.

    ``key`` is the key whose value is being written, None if a key is. ``text`` is what has been
    written of it before the cursor.
    """

    way: tuple[Level, ...]
    beside: frozenset[str]
    key: str | None
    text: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """A dash or a key, where it begins: its line from 1, its column from 0."""

    line: int
    column: int
    key: str | None
    value: str = ""


def cursor_at(source: Source, index: int) -> Cursor:
    """Where the cursor at ``index`` stands."""
    number, column = source.position(index)
    marks = list(_marks(source))
    line = source.line(number)
    before = line[: column - 1]
    own = [mark for mark in marks if mark.line == number]
    key = own[-1] if own and own[-1].key is not None else None
    if key is not None and (colon := _colon(line, key)) < len(before):
        return _in_value(marks, key, before[colon + 1 :].lstrip())
    dashes = [mark for mark in own if mark.key is None and mark.column < len(before)]
    typed = (before[dashes[-1].column + 1 :] if dashes else before).lstrip(" ")
    here = _Mark(number, len(before) - len(typed), typed)
    above = [mark for mark in marks if mark.line < number] + dashes
    parent = _parent(above, here)
    if parent is not None and parent.key is not None and parent.value:
        return _in_value(marks, parent, typed)  # a text that goes on over several lines
    way = _way(marks, above, here)
    if typed[:1] in ("{", "["):
        return _flow(typed, way, None)
    return Cursor(way, _beside(marks, here, own=key), None, typed)


def _colon(line: str, key: _Mark) -> int:
    found = _KEY.match(line, key.column)
    assert found is not None
    return found.end() - 1


def _in_value(marks: list[_Mark], key: _Mark, text: str) -> Cursor:
    above = [mark for mark in marks if (mark.line, mark.column) < (key.line, key.column)]
    way, beside = _way(marks, above, key), _beside(marks, key, own=None)
    if text[:1] in ("{", "["):
        return _flow(text, (*way, Level(key.key, beside)), key.key)
    return Cursor(way, beside, key.key, text)


def _marks(source: Source) -> Iterator[_Mark]:
    """The dashes and keys of a file, from top to bottom and from left to right."""
    inside: int | None = None  # the column of the key whose text takes the next lines
    for number in range(1, len(source.starts) + 1):
        line = source.line(number)
        bare = line.lstrip(" ")
        if not bare or bare.startswith("#"):
            continue
        column = len(line) - len(bare)
        if inside is not None and column > inside:
            continue
        inside = None
        dashes = _DASHES.match(bare)
        assert dashes is not None
        for offset, char in enumerate(dashes.group()):
            if char == "-":
                yield _Mark(number, column + offset, None)
        at = column + dashes.end()
        key = _KEY.match(line, at)
        if key is not None:
            value = line[key.end() :].strip()
            value = "" if value.startswith("#") else value
            yield _Mark(number, at, key["key"].strip("\"'"), value)
            if _BLOCK.fullmatch(value):
                inside = at


def _parent(above: list[_Mark], here: _Mark) -> _Mark | None:
    """What a mark stands in: the nearest one above that begins further left."""
    for mark in reversed(above):
        same_line_list = mark.key is not None and here.key is None and mark.column == here.column
        if mark.column < here.column or same_line_list:
            return mark
    return None


def _way(marks: list[_Mark], above: list[_Mark], here: _Mark) -> tuple[Level, ...]:
    way: list[Level] = []
    mark = here
    while (parent := _parent(above, mark)) is not None:
        if parent.key is None:
            way.append(Level(None))
        else:
            way.append(Level(parent.key, _beside(marks, parent, own=None)))
        place = (parent.line, parent.column)
        above = [one for one in above if (one.line, one.column) < place]
        mark = parent
    return tuple(reversed(way))


def _beside(marks: list[_Mark], here: _Mark, own: _Mark | None) -> frozenset[str]:
    """The keys that stand in one map with ``here``, which is not one of them."""
    found: set[str] = set()
    place = (here.line, here.column)
    before = [one for one in marks if (one.line, one.column) < place]
    after = [one for one in marks if (one.line, one.column) > place]
    for some in (reversed(before), iter(after)):
        for mark in some:
            if mark.column < here.column or (mark.key is None and mark.column == here.column):
                break
            if mark.column == here.column and mark.key is not None and mark is not own:
                found.add(mark.key)
    return frozenset(found)


def _flow(text: str, way: tuple[Level, ...], key: str | None) -> Cursor:
    """Where the end of a text in brackets stands."""
    stack: list[tuple[str, set[str], str | None]] = []
    word, quote = "", ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
            word += char
        elif char in "\"'" and not word.strip():
            quote = char
            word += char
        elif char in "{[":
            stack.append((char, set(), None))
            word = ""
        elif char in "}]" and stack:
            stack.pop()
            word = ""
        elif char == "," and stack:
            bracket, keys, _ = stack.pop()
            stack.append((bracket, keys, None))
            word = ""
        elif char == ":" and stack and stack[-1][0] == "{" and stack[-1][2] is None:
            bracket, keys, _ = stack.pop()
            written = word.strip().strip("\"'")
            stack.append((bracket, {*keys, written}, written))
            word = ""
        else:
            word += char
    if not stack:
        return Cursor(way, frozenset(), key or "", "")
    for outer, around, through in stack[:-1]:
        way = (*way, Level(through, frozenset(around)) if outer == "{" else Level(None))
    bracket, keys, name = stack[-1]
    if bracket == "[":
        return Cursor((*way, Level(None)), frozenset(), "", word.lstrip())
    beside = frozenset(key for key in keys if key != name)
    return Cursor(way, beside, name, word.lstrip())
