"""``when capped``, ``when quiet`` and ``when unreachable``, wherever they stand."""

from __future__ import annotations

from dsl.diagnostics import Diagnostic
from dsl.expr.compile import read_blocked
from dsl.machine import Blocked, Blocking
from dsl.source import Text

__all__ = ["read_blocking"]


def read_blocking(
    capped: Text | None, quiet: Text | None, unreachable: Text | None, found: list[Diagnostic]
) -> Blocking:
    """One level's answers; None where it leaves the decision to the next level."""

    def one(text: Text | None) -> Blocked | None:
        return None if text is None else read_blocked(text, found)

    return Blocking(one(capped), one(quiet), one(unreachable))
