"""Entries and items cut out of a file that is in canonical form, with the comments about them.

A comment above an entry goes with it. Above several that stand together it is their heading, and
goes with the last of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dsl.source import Source, Text
from dsl.yaml import Items, Map, Node

__all__ = ["Cutting"]


class Cutting:
    """One file and what is cut out of it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lines = source.text.rstrip("\n").split("\n")
        self._gone: set[int] = set()  # lines, from 0
        self._stretches: list[tuple[int, int, str]] = []  # in brackets: from, to, what stays

    def cut(self, parent: Map | Items, doomed: Collection[int]) -> None:
        """Cuts the entries or items with these numbers. Not all of them: then cut the parent."""
        assert 0 < len(doomed) < len(parent)
        starts = [_start(child) for child in _children(parent)]
        if self._is_in_brackets(parent):
            self._in_brackets(parent, starts, doomed)
            return
        first = [self._source.position(start)[0] - 1 for start in starts]
        ends = [self._end(line) for line in first]
        for number in doomed:
            self._gone.update(range(first[number], ends[number]))
        for number, line in enumerate(first):
            group = self._group(number, first, ends)
            if all(each in doomed for each in group):
                self._gone.update(self._comments(line))

    def text(self) -> str:
        """What is left, with at most one empty line in a row."""
        kept: list[str] = []
        for line, text in enumerate(self._rewritten()):
            if line in self._gone or (not text.strip() and kept and not kept[-1].strip()):
                continue
            kept.append(text)
        return "\n".join(kept).rstrip("\n") + "\n"

    def _rewritten(self) -> list[str]:
        text = self._source.text.rstrip("\n")
        for start, end, instead in sorted(self._stretches, reverse=True):
            text = text[:start] + instead + text[end:]
        return text.split("\n")

    def _is_in_brackets(self, parent: Map | Items) -> bool:
        start = self._source.starts[parent.start.line - 1] + parent.start.column - 1
        return self._source.text[start] in "{["

    def _in_brackets(
        self, parent: Map | Items, starts: Sequence[int], doomed: Collection[int]
    ) -> None:
        """What stands in one line stays in one line."""
        text = self._source.text
        stops = [*starts[1:], parent.end - 1]
        pieces = [
            text[start:stop].strip().removesuffix(",")
            for number, (start, stop) in enumerate(zip(starts, stops, strict=True))
            if number not in doomed
        ]
        assert "\n" not in text[starts[0] : parent.end]
        self._stretches.append((starts[0], parent.end - 1, ", ".join(pieces)))

    def _indent(self, line: int) -> int:
        text = self._lines[line]
        return len(text) - len(text.lstrip(" "))

    def _is_comment(self, line: int) -> bool:
        return self._lines[line].lstrip().startswith("#")

    def _end(self, line: int) -> int:
        """The line behind everything that belongs to what begins at ``line``."""
        indent = self._indent(line)
        end = line + 1
        for number in range(line + 1, len(self._lines)):
            if not self._lines[number].strip():
                continue
            if self._indent(number) > indent:
                end = number + 1
            elif not self._is_comment(number):
                break
        return end

    def _comments(self, line: int) -> range:
        """The comments right above a line."""
        first = line
        while (
            first and self._is_comment(first - 1) and self._indent(first - 1) == self._indent(line)
        ):
            first -= 1
        return range(first, line)

    def _group(self, number: int, first: Sequence[int], ends: Sequence[int]) -> range:
        """The children that the comment above one of them speaks of."""
        above = self._comments(first[number])
        heading = not above or above.start == 0 or not self._lines[above.start - 1].strip()
        if not heading and number:
            return range(number, number + 1)
        last = number + 1
        while last < len(first) and first[last] == ends[last - 1]:
            last += 1
        return range(number, last)


def _children(parent: Map | Items) -> Sequence[Node]:
    return [entry.key for entry in parent] if isinstance(parent, Map) else parent.items


def _start(node: Node) -> int:
    match node:
        case Text():
            return node.extent[0]
        case Map():
            return node.entries[0].key.extent[0]
        case Items():
            return _start(node.items[0])
