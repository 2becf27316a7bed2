"""The laws there are, and those that a company keeps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from dsl.laws.tables import shipped
from dsl.laws.texts import digest
from dsl.policy import Laws

__all__ = ["book", "laws_of"]


@lru_cache(maxsize=1)
def book() -> Laws:
    """All laws there are: those that are shipped, or as they are written if they were changed."""
    laws = shipped(digest())
    if laws is None:
        from dsl.laws.reading import laws_as_written  # noqa: PLC0415 - what takes long to load

        laws = laws_as_written()
    return laws


def laws_of(names: Iterable[str], state: str) -> Laws:
    """The laws of these countries (``us``, ``in``), for people whose attribute ``state`` says in
    which state they live; empty: nothing is known of that.
    """
    kept = tuple(sorted(set(names)))
    if not kept:
        return Laws()
    whole = book()
    entries = tuple(law for law in whole.entries if law.country.lower() in kept)
    return replace(whole, countries=kept, state=state, entries=entries)
