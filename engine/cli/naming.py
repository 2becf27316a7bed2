"""Whom somebody means who names a person: by a name of theirs, or by an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.config import Settings
    from engine.store.protocol import Store

__all__ = ["only_one", "person_meant"]


def person_meant(store: Store, settings: Settings, what: str, person: str) -> str:
    """The one whom ``person`` means, of whom an operator is to be told; that is written down. Raises
    ``OperatorError`` if several have the address.
    """
    from engine.access.trail import witness
    from engine.store.called import who_has

    known = [person] if store.people([person], ()) else who_has(store, person)
    for name in known or [person]:
        witness(store, settings, what, name)
    return only_one(person, known)


def only_one(person: str, known: Sequence[str]) -> str:
    """The one person of those who have an address, or are called so; whoever was asked for, if nobody
    has it and nobody is.
    """
    from engine.config import OperatorError

    if len(known) > 1:
        some = ", ".join(known[:5]) + (" and others" if len(known) > 5 else "")
        raise OperatorError(
            f"{len(known)} people have the address {person}: {some}. Say which one, by their id."
        )
    return known[0] if known else person
