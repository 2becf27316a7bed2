"""Text that remembers where it stands in a file."""

from __future__ import annotations

from dsl.diagnostics import Span

__all__ = ["Text"]


class Text(str):
    """A scalar as the author wrote it. The key it belongs to decides how it is read.

    ``path``, ``line`` and ``column`` (from 1) are where its first character stands.
    """

    __slots__ = ("column", "line", "path")

    path: str
    line: int
    column: int

    @classmethod
    def of(cls, text: str, path: str = "rule", line: int = 1, column: int = 1) -> Text:
        """``text`` as if it stood there on one line."""
        made = cls(text)
        made.path, made.line, made.column = path, line, column
        return made

    @property
    def place(self) -> str:
        """``file:line``, for decisions and error messages."""
        return f"{self.path}:{self.line}"

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Where the characters from ``start`` to ``end`` stand."""
        width = max(1, (len(self) if end is None else end) - start)
        return Span(self.path, self.line, self.column + start, width)
