"""Two blanks for each level, and one behind a dash.

Keys and items are moved to the column of their level; whatever hangs on them, the lines of a
folded text and of brackets, moves with them. A comment keeps to the line it stood level with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dsl.source import Source, Text
from dsl.yaml import Items, Map, Node

__all__ = ["indented"]

_LEVEL = 2


def indented(source: Source, node: Node) -> str:
    """The text with every line in its column, and no blanks at the ends of lines."""
    work = _Indenter(source)
    work.visit(node, 0, 0)
    return work.text()


@dataclass(slots=True)
class _Indenter:
    source: Source
    columns: dict[int, tuple[int, int]] = field(default_factory=dict)  # of lines: old, new
    marks: list[tuple[int, int, int]] = field(default_factory=list)  # line, old, new column
    gaps: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # blanks after a dash
    shifts: dict[int, int] = field(default_factory=dict)  # lines that hang on another one
    texts: set[int] = field(default_factory=set)  # lines of block texts: their blanks are theirs

    def visit(self, node: Node, column: int, shift: int) -> None:
        """``node`` begins in ``column`` (from 0), or hangs on a line that moves by ``shift``."""
        match node:
            case Map() if not self._bracketed(node, "{"):
                for entry in node:
                    old = self._column(entry.key)
                    self._mark(self._line(entry.key), old, column)
                    moved = column - old
                    self._hanging(entry.key, column, moved)
                    self._value(entry.value, self._line(entry.key), column, moved)
            case Items() if not self._bracketed(node, "["):
                for item in node:
                    line, old = self._dash(node, item)
                    self._mark(line, old, column)
                    self._item(item, line, old, column)
            case Map() | Items():
                self._brackets(node, shift)
            case _:
                self._hanging(node, column, shift)

    def _value(self, value: Node, line: int, column: int, moved: int) -> None:
        start = self._line(value)
        if isinstance(value, Text) or self._flow(value):
            if start > line and not (isinstance(value, Text) and not value):
                own = self._column(value)
                self._mark(start, own, column + _LEVEL)
                moved = column + _LEVEL - own
            if isinstance(value, Text):
                self._hanging(value, column, moved)
            else:
                self._brackets(value, moved)
        else:
            self.visit(value, column + _LEVEL, moved)

    def _item(self, item: Node, line: int, old: int, column: int) -> None:
        start, own = self._line(item), self._column(item)
        if start == line:
            if own > old + 1:
                self.gaps.setdefault(line, []).append((old + 1, own))
            moved = column + _LEVEL - own
        else:
            moved = column + _LEVEL - own
            if not (isinstance(item, Text) and not item):
                self._mark(start, own, column + _LEVEL)
        if isinstance(item, Text):
            self._hanging(item, column, moved)
        elif self._flow(item):
            self._brackets(item, moved)
        else:
            self.visit(item, column + _LEVEL, moved)

    def _brackets(self, node: Map | Items, shift: int) -> None:
        """Brackets over several lines move as one."""
        first, last = node.start.line, self.source.position(node.end - 1)[0]
        for line in range(first + 1, last + 1):
            self.shifts[line] = shift

    def _hanging(self, text: Text, column: int, shift: int) -> None:
        """The further lines of a text move with it; those of a block text to the next level."""
        start, end = text.extent
        first, _ = self.source.position(start)
        last, at = self.source.position(end)
        if at == 1 and last > first:  # the end of a block text is the start of the next line
            last -= 1
        if text.style in ("|", ">"):
            lines = range(first + 1, last + 1)
            header = self.source.line(first)[self._column(text) :]
            filled = [line for line in lines if self.source.line(line).strip()]
            if filled and not re.match(r"[|>][-+]?\d", header):
                shift = column + _LEVEL - _lead(self.source.line(filled[0]))
            self.texts |= set(lines)
        else:
            lines = range(first + 1, last + 1)
        for line in lines:
            self.shifts[line] = shift

    # -- where things stand

    def _mark(self, line: int, old: int, new: int) -> None:
        self.columns.setdefault(line, (old, new))
        self.marks.append((line, old, new))

    def _line(self, node: Node) -> int:
        if isinstance(node, Text):
            return self.source.position(node.extent[0])[0]
        return node.start.line

    def _column(self, node: Node) -> int:
        if isinstance(node, Text):
            return self.source.position(node.extent[0])[1] - 1
        return node.start.column - 1

    def _bracketed(self, node: Map | Items, bracket: str) -> bool:
        index = self.source.starts[node.start.line - 1] + node.start.column - 1
        return self.source.text.startswith(bracket, index)

    def _flow(self, node: Node) -> bool:
        return isinstance(node, Map | Items) and self._bracketed(
            node, "{" if isinstance(node, Map) else "["
        )

    def _dash(self, items: Items, item: Node) -> tuple[int, int]:
        """The line and the column of the dash before an item."""
        column = items.start.column - 1
        for line in range(self._line(item), items.start.line, -1):
            text = self.source.line(line)
            if text[column : column + 1] == "-" and not text[:column].strip():
                return line, column
        return items.start.line, column

    # -- the lines anew

    def text(self) -> str:
        """All lines, moved."""
        made = []
        for number in range(1, len(self.source.starts) + 1):
            line = self.source.line(number)
            body = line.lstrip(" ")
            if number in self.shifts:
                shifted = max(0, len(line) - len(body) + self.shifts[number])
                if number in self.texts:
                    made.append(" " * shifted + body if body or shifted else "")
                    continue
                line = " " * shifted + body
            elif number in self.columns:
                line = self._moved(number, line)
            elif body.startswith("#"):
                line = " " * self._beside(number, len(line) - len(body)) + body
            made.append(line.rstrip(" \t"))
        while len(made) > 1 and not made[-1] and not made[-2]:
            made.pop()
        return "\n".join(made) if made[-1] == "" else "\n".join([*made, ""])

    def _moved(self, number: int, line: str) -> str:
        for start, end in sorted(self.gaps.get(number, ()), reverse=True):
            line = f"{line[:start]} {line[end:]}"
        old, new = self.columns[number]
        return " " * new + line[old:] if not line[:old].strip() else line

    def _beside(self, number: int, column: int) -> int:
        """The new column of a comment."""
        end_of_file = (len(self.source.starts) + 1, 0, 0)
        following = min((mark for mark in self.marks if mark[0] > number), default=end_of_file)
        if following[1] == column:
            return following[2]
        open_: list[tuple[int, int]] = []
        for line, old, new in sorted(self.marks):
            if line >= number:
                break
            while open_ and open_[-1][0] >= old:
                open_.pop()
            open_.append((old, new))
        outer = [(old, new) for old, new in open_ if old <= column]
        if not outer:
            return column
        old, new = outer[-1]
        return new + column - old


def _lead(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
