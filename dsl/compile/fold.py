"""Follow-up findings of one cause become part of it, so that the author reads the cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dsl.diagnostics import Diagnostic

__all__ = ["fold"]


def fold(cause: Diagnostic, followers: Iterable[Diagnostic]) -> Diagnostic:
    """The cause, with the codes of what follows from it."""
    more = list(followers)
    codes = dict.fromkeys((*cause.folded, *(one.code for one in more)))
    return replace(
        cause,
        folded=tuple(codes),
        folded_error=cause.folded_error or any(one.stops for one in more),
    )
