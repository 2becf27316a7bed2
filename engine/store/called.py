"""Whom a name stands for now, and who has an address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from engine.core.identity import IDENTIFIED, identifying
from engine.core.numbers import found_in
from engine.store.numbers import Numbers
from engine.store.view import PersonView

__all__ = ["Finding", "People", "who_has", "who_is"]


class People(Protocol):
    """Where people can be looked up: a store, or what a simulation has left."""

    def people(self, ids: Sequence[str], events: Iterable[str]) -> dict[str, PersonView]: ...


class Finding(People, Protocol):
    """Where people can be looked up by their addresses as well."""

    @property
    def numbers(self) -> Numbers: ...


def who_is(people: People, name: str) -> str:
    """The person that a name has gone into at last; itself, if it has gone into nobody."""
    seen = {""}
    while name not in seen and (view := people.people([name], ()).get(name)) is not None:
        merged = view.profile.identity.merged
        seen.add(name)
        name = merged or name
    return name


def who_has(people: Finding, address: str) -> list[str]:
    """Everybody who has an e-mail address or a telephone number, or is known by it, however it is
    written; nobody, if it is neither.
    """
    found = found_in(address)
    if found is None:
        return []
    known = people.numbers.people(found)
    names = [name for kind in IDENTIFIED if (name := identifying(kind, found)) is not None]
    there = people.people(names, ())
    return sorted({*known, *(who_is(people, name) for name in there)})
