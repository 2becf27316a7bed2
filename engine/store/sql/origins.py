"""Where attributes and addresses come from, in a database: read and written only with changes of
profiles, all of a batch at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from engine.core.origins import Origin
from engine.store import codec
from engine.store.sql.session import Row, Session
from engine.store.sql.statements import Add, Set

__all__ = ["OF_ONE", "add", "of_one", "origins"]

_OF = "select person, document from origins where person in ({})"
OF_ONE = "select document from origins where person = ?"
_ADD = Add("origins", "person", "document")
_CHANGE = Set("origins", "document", key="person")


def add(session: Session, origins: Mapping[int, Mapping[str, Origin]]) -> None:
    """Writes down origins of people, by their numbers, over those of the same names."""
    before: dict[int, bytes] = dict(session.among(_OF, list(origins)))
    fresh: list[Row] = []
    known: list[Row] = []
    for person, told in origins.items():
        document = before.get(person)
        if document is None:
            fresh.append((person, codec.origins_document(told)))
            continue
        after = codec.origins_document({**_read(document), **told})
        if after != document:
            known.append((after, person))
    session.many(_ADD, fresh)
    session.many(_CHANGE, known)


def origins(
    session: Session, people: Mapping[int, str], damage: Callable[[int, Exception], None]
) -> dict[str, dict[str, Origin]]:
    """Those of people, by their numbers. ``damage`` is told of whom they cannot be read."""
    found: dict[str, dict[str, Origin]] = {}
    for person, document in session.among(_OF, list(people)):
        try:
            found[people[person]] = codec.read_origins(document)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is about them alone
            damage(person, error)
    return found


def of_one(session: Session, person: int) -> dict[str, Origin]:
    """Those of one person."""
    for (document,) in session.rows(OF_ONE, (person,)):
        return codec.read_origins(document)
    return {}


def _read(document: bytes) -> dict[str, Origin]:
    """What cannot be read any more is written anew: nobody is stopped by it."""
    try:
        return codec.read_origins(document)
    except msgspec.DecodeError:
        return {}
