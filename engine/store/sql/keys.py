"""Keys in a database."""

from __future__ import annotations

from engine.core.keys import Key
from engine.store import codec
from engine.store.keys import Keep
from engine.store.sql.database import Database
from engine.store.sql.statements import Add, Set

__all__ = ["SqlKeys"]

_KNOWN = "select document from keys order by created, hash{}"
_ADD = Add("keys", "hash", "name", "created", "document")
_CHANGE = Set("keys", "name", "created", "document", key="hash")


class SqlKeys:
    """The part of a store in a database that is about keys. ``lock`` is what lets nobody else
    change a row that is read.
    """

    def __init__(self, database: Database, lock: str = "") -> None:
        self._database = database
        self._lock = lock

    def known(self) -> list[Key]:
        with self._database.reading() as session:
            return [codec.read_key(document) for (document,) in session.rows(_KNOWN.format(""))]

    def turn(self, change: Keep) -> None:
        with self._database.writing() as session:
            rows = session.rows(_KNOWN.format(self._lock))
            known = [codec.read_key(document) for (document,) in rows]
            there = {key.hash for key in known}
            changed = list(change(known))
            fresh = [key for key in changed if key.hash not in there]
            session.many(_ADD, [(k.hash, k.name, k.created, codec.key_document(k)) for k in fresh])
            session.many(
                _CHANGE,
                [
                    (k.name, k.created, codec.key_document(k), k.hash)
                    for k in changed
                    if k.hash in there
                ],
            )
