"""What the checker says: a code, a place, everyday words and what to write instead.

Diagnostics are collected, never raised: one pass over a project finds everything it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Diagnostic", "Severity", "Span"]


class Severity(StrEnum):
    """An error stops a deploy; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one line. Lines and columns count from 1; ``width`` is at least 1."""

    path: str
    line: int
    column: int
    width: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. ``folded`` holds the codes of follow-up errors of the same cause."""

    severity: Severity
    code: str
    span: Span
    message: str
    hint: str | None = None
    folded: tuple[str, ...] = ()
