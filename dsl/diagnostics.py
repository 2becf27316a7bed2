"""What the checker says: a code, a place, everyday words and what to write instead.

Diagnostics are collected, never raised: one pass over a project finds everything it can.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Diagnostic", "Edit", "Fix", "Severity", "Span", "in_order"]


class Severity(StrEnum):
    """An error stops a deploy; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one line. Lines and columns count from 1; ``width`` is at least 1.

    Line 0 is no line: the finding is about the file as it is deployed.
    """

    path: str
    line: int
    column: int
    width: int = 1

    def __str__(self) -> str:
        if not self.line:
            return f"{self.path} (deploy)"
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """``text`` in place of ``width`` characters of one line; nothing is replaced if that is 0."""

    path: str
    line: int
    column: int
    width: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """What puts a finding right. ``safe`` says that nobody need look at it first."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. ``folded`` holds the codes of follow-up errors of the same cause."""

    severity: Severity
    code: str
    span: Span
    message: str
    hint: str | None = None
    folded: tuple[str, ...] = ()
    folded_error: bool = False  # one of the follow-ups is an error
    fix: Fix | None = None

    @property
    def stops(self) -> bool:
        """Whether it stops a deploy: an error, or a warning with an error folded into it."""
        return self.severity is Severity.ERROR or self.folded_error


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted by file and line, each finding once."""
    return sorted(
        dict.fromkeys(diagnostics), key=lambda one: (one.span, one.severity, one.code, one.message)
    )
