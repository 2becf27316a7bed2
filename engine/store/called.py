"""Whom a name stands for now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from engine.store.view import PersonView

__all__ = ["People", "who_is"]


class People(Protocol):
    """Where people can be looked up: a store, or what a simulation has left."""

    def people(self, ids: Sequence[str], events: Iterable[str]) -> dict[str, PersonView]: ...


def who_is(people: People, name: str) -> str:
    """The person that a name has gone into at last; itself, if it has gone into nobody."""
    seen = {""}
    while name not in seen and (view := people.people([name], ()).get(name)) is not None:
        merged = view.profile.identity.merged
        seen.add(name)
        name = merged or name
    return name
