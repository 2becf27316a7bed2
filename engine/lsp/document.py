"""One file as an editor sees it. Editors count in units of UTF-16, from 0; we count characters,
from 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types

from dsl.diagnostics import Span
from dsl.source import Source, normal_text

__all__ = ["Document", "units"]

_MARK = "\ufeff"


def units(text: str) -> int:
    """How many units of UTF-16 the text has."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text. ``source`` is the same with plain line ends and no byte order mark."""

    text: str
    source: Source

    @classmethod
    def of(cls, path: str, text: str) -> Document:
        """The file that is called ``path`` in its project."""
        return cls(text, Source(path, normal_text(text)))

    def position(self, line: int, column: int) -> types.Position:
        """Where a character stands, for an editor. Past the end of a line is its end."""
        before = units(self.source.line(line)[: column - 1])
        if line == 1 and self.text.startswith(_MARK):
            before += 1
        return types.Position(max(0, line - 1), before)

    def range(self, span: Span) -> types.Range:
        """Where a finding stands."""
        return types.Range(
            self.position(span.line, span.column),
            self.position(span.line, span.column + span.width),
        )

    def stretch(self, start: int, end: int) -> types.Range:
        """The characters from index ``start`` to ``end`` of the plain text."""
        return types.Range(
            self.position(*self.source.position(start)), self.position(*self.source.position(end))
        )

    def index(self, position: types.Position) -> int:
        """The index in the plain text of what an editor points at; the nearest one there is."""
        starts = self.source.starts
        if position.line >= len(starts):
            return len(self.source.text)
        line = self.source.line(position.line + 1)
        wanted = max(0, position.character)
        if position.line == 0 and self.text.startswith(_MARK):
            wanted = max(0, wanted - 1)
        if line.isascii():
            column = min(wanted, len(line))
        else:
            column, seen = 0, 0
            for char in line:
                seen += 2 if char > "\uffff" else 1
                if seen > wanted:
                    break
                column += 1
        return starts[max(0, position.line)] + column

    def whole(self) -> types.Range:
        """All of it."""
        last = len(self.source.starts)
        return types.Range(
            types.Position(0, 0), self.position(last, len(self.source.line(last)) + 1)
        )
