"""Follow-up findings of one cause become part of it, so that the author reads the cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dsl.diagnostics import Diagnostic

__all__ = ["fold", "fold_unclear"]


def fold(cause: Diagnostic, followers: Iterable[Diagnostic]) -> Diagnostic:
    """The cause, with the codes of what follows from it."""
    more = list(followers)
    codes = dict.fromkeys((*cause.folded, *(one.code for one in more)))
    return replace(
        cause,
        folded=tuple(codes),
        folded_error=cause.folded_error or any(one.stops for one in more),
    )


def fold_unclear(causes: Mapping[str, Diagnostic], found: list[Diagnostic]) -> None:
    """What is said about properties of steps that leave nobody knows what: that has a cause."""
    for step, cause in causes.items():
        says = f'"{step}" has no property'
        follow = [one for one in found if one.code == "N02" and one.message.startswith(says)]
        if follow:
            found[found.index(cause)] = fold(cause, follow)
            found[:] = [one for one in found if one not in follow]
