"""Text that remembers where it stands in a file, however YAML wrapped, quoted or folded it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from dsl.diagnostics import Span

__all__ = ["Layout", "Source", "Text", "normal_text"]

_HEX_ESCAPES = {"x": 4, "u": 6, "U": 10}


def normal_text(text: str) -> str:
    """The text without a byte order mark and with plain line ends."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


@dataclass(slots=True)
class Source:
    """One file as it was read: plain line ends, no byte order mark."""

    path: str
    text: str
    _starts: list[int] = field(default_factory=list, init=False, repr=False)

    @property
    def starts(self) -> list[int]:
        """The index of the first character of each line."""
        if not self._starts:
            index = -1
            self._starts.append(0)
            while (index := self.text.find("\n", index + 1)) >= 0:
                self._starts.append(index + 1)
        return self._starts

    def position(self, index: int) -> tuple[int, int]:
        """Line and column, both from 1, of the character at ``index``."""
        line = bisect_right(self.starts, index)
        return line, index - self.starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Line ``number`` (from 1) without its end, or nothing past the end of the file."""
        if not 1 <= number <= len(self.starts):
            return ""
        start = self.starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    def span(self, start: int, end: int) -> Span:
        """The stretch from ``start`` to ``end``, cut at the end of its first line."""
        line, column = self.position(start)
        stop = self.text.find("\n", start)
        end = min(end, len(self.text) if stop < 0 else stop)
        return Span(self.path, line, column, max(1, end - start))


@dataclass(slots=True)
class Layout:
    """How one scalar is laid out: its style, and where it begins and ends in its file."""

    source: Source
    start: int
    end: int
    style: str  # "", ', ", | or >
    _indexes: list[int] = field(default_factory=list, init=False, repr=False)

    def index(self, value: str, offset: int) -> int:
        """The index in the file of the character at ``offset`` of ``value``."""
        first = self.start + (self.style in {"'", '"'} and self.end > self.start)
        if self.style not in {"|", ">"} and self.source.text.startswith(value, first):
            return first + offset
        if not self._indexes:
            self._indexes = _align(value, self.source.text, first, self.end, self.style)
        return self._indexes[min(offset, len(value))]


class Text(str):
    """A scalar as the author wrote it. The key it belongs to decides how it is read.

    ``path``, ``line`` and ``column`` (from 1) are where its first character stands.
    """

    __slots__ = ("_layout", "_offset", "_whole", "column", "line", "path")

    path: str
    line: int
    column: int
    _layout: Layout | None
    _whole: str  # the scalar this is a part of
    _offset: int  # where in it

    @classmethod
    def of(cls, text: str, path: str = "rule", line: int = 1, column: int = 1) -> Text:
        """``text`` as if it stood there on one line."""
        made = cls(text)
        made.path, made.line, made.column = path, line, column
        made._layout, made._whole, made._offset = None, made, 0
        return made

    @classmethod
    def laid_out(cls, value: str, layout: Layout) -> Text:
        """``value`` as it was read from a scalar laid out like this."""
        made = cls(value)
        made.path = layout.source.path
        made.line, made.column = layout.source.position(layout.index(value, 0))
        made._layout, made._whole, made._offset = layout, value, 0
        return made

    @property
    def place(self) -> str:
        """``file:line``, for decisions and error messages."""
        return f"{self.path}:{self.line}"

    @property
    def quoted(self) -> bool:
        """Whether the author put quotation marks around all of it."""
        return self._layout is not None and self._layout.style in {"'", '"'}

    @property
    def extent(self) -> tuple[int, int]:
        """Where in its file the whole scalar begins and ends, quotation marks and all; nowhere
        (0, 0) if it came from no file.
        """
        return (0, 0) if self._layout is None else (self._layout.start, self._layout.end)

    @property
    def style(self) -> str:
        """How the whole scalar is written: nothing for a plain one, ``'``, ``"``, ``|`` or ``>``."""
        return "" if self._layout is None else self._layout.style

    def stands_at(self, offset: int) -> int:
        """Where in its file the character at ``offset`` stands."""
        if self._layout is None:
            return offset
        return self._layout.index(self._whole, self._offset + offset)

    def part(self, start: int, end: int | None = None) -> Text:
        """The characters from ``start`` to ``end``, which keep their place in the file."""
        stop = len(self) if end is None else min(end, len(self))
        made = Text(self[start:stop])
        made.path = self.path
        made._layout, made._whole, made._offset = self._layout, self._whole, self._offset + start
        if self._layout is None:
            made.line, made.column = self.line, self.column + start
        else:
            index = self._layout.index(self._whole, made._offset)
            made.line, made.column = self._layout.source.position(index)
        return made

    def trimmed(self) -> Text:
        """The same without white space around it."""
        start = len(self) - len(self.lstrip())
        return self.part(start, max(start, len(self.rstrip())))

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Where the characters from ``start`` to ``end`` stand, cut at the end of the line."""
        stop = len(self) if end is None else end
        if self._layout is None:
            return Span(self.path, self.line, self.column + start, max(1, stop - start))
        first = self._layout.index(self._whole, self._offset + start)
        if stop <= start:
            return self._layout.source.span(first, first)
        last = self._layout.index(self._whole, self._offset + stop - 1)
        return self._layout.source.span(first, max(first, last) + 1)


def _align(value: str, raw: str, start: int, end: int, style: str) -> list[int]:
    """The index in ``raw`` of each character of ``value``, and of its end.

    YAML folds lines, doubles quotes and knows escapes, but it never changes the order of what is
    printed, so the two are walked side by side; a run of white space answers to a run of it.
    """
    at = start
    if style in {"|", ">"}:  # the line of the indicator is not part of the text
        at = min(end, raw.find("\n", start, end) + 1 or end)
    found: list[int] = []
    blank = False  # the last character was white space that answers to a run in the file
    for char in value:
        if style == '"':
            at, escaped = _past_line_joins(raw, at, end)
            if escaped:
                found.append(at)
                at += _HEX_ESCAPES.get(raw[at + 1 : at + 2], 2)
                blank = False
                continue
        if char.isspace() and at < end and not raw[at].isspace() and blank:
            found.append(at - 1)
            continue
        if char.isspace():
            found.append(at)
            if not blank:
                at = _past_blanks(raw, at, end)
            blank = True
            continue
        at = _past_blanks(raw, at, end)
        found.append(at)
        at += 2 if style == "'" and char == "'" else 1
        blank = False
    found.append(min(at, end))
    return [min(index, end) for index in found]


def _past_blanks(raw: str, at: int, end: int) -> int:
    while at < end and raw[at].isspace():
        at += 1
    return at


def _past_line_joins(raw: str, at: int, end: int) -> tuple[int, bool]:
    """Past every backslash at the end of a line, and whether an escape stands there."""
    while raw.startswith("\\\n", at) and at < end:
        at = _past_blanks(raw, at + 1, end)
    return at, raw.startswith("\\", at) and at < end
