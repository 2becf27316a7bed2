"""Did you mean: the known word nearest to what was written."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean", "nearest"]

_LONGEST = 80  # nobody misspells a name of this length, and comparing is quadratic


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` was probably meant to be, or None."""
    if len(word) > _LONGEST:
        return None
    by_lower = {name.casefold(): name for name in sorted(known)}
    found = get_close_matches(word.casefold(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint with the nearest known word, or None."""
    found = nearest(word, known)
    return None if found is None else f'Did you mean "{found}"?'
