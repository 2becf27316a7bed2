"""Names under which a store keeps what stays when a person is forgotten.

They are made with keys that are not in the database, so that whoever has got hold of it cannot find
addresses by trying. Where no key is given the store makes one up and keeps it itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from secrets import token_hex

from engine.core.bars import Destination, veiled
from engine.core.numbers import place_of
from engine.store.sql.session import Session

__all__ = ["Veil"]

_KEEP_SECRET = """
    insert into meta (name, value) values ('numbers', ?) on conflict (name) do nothing
"""  # noqa: S105 - a statement
_SECRET = "select value from meta where name = 'numbers'"  # noqa: S105 - a statement
_REMEMBER = "insert into meta (name, value) values (?, '') on conflict (name) do nothing"
_KEYS = "select name from meta where name >= 'veil ' and name < 'veil!'"


class Veil:
    """The keys of one process, and the one of the store."""

    def __init__(self) -> None:
        self._keys: tuple[bytes, ...] = ()

    def under(self, keys: Sequence[bytes]) -> None:
        """Takes these keys."""
        self._keys = tuple(keys)

    def names(
        self, session: Session, kind: str, destinations: Collection[Destination]
    ) -> dict[str, Destination]:
        """Every name that something may be kept under."""
        secret = _secret(session)
        found = {_name(kind, key, each): each for key in self._keys for each in destinations}
        if secret:
            found |= {_own_name(kind, secret, each): each for each in destinations}
        return found

    def name(self, session: Session, kind: str, destination: Destination) -> str:
        """The name to keep something under; with that the key is in use."""
        if self._keys:
            session.execute(_REMEMBER, (_mark(self._keys[0]),))
            return _name(kind, self._keys[0], destination)
        session.execute(_KEEP_SECRET, (token_hex(32),))
        return _own_name(kind, _secret(session), destination)

    def lost(self, session: Session) -> int:
        """How many keys were in use that are not here."""
        here = {_mark(key) for key in self._keys}
        return sum(mark not in here for (mark,) in session.rows(_KEYS))


def _name(kind: str, key: bytes, destination: Destination) -> str:
    return kind + veiled(key, kind, destination)


def _own_name(kind: str, secret: bytes, destination: Destination) -> str:
    channel, address = destination
    return kind + place_of(secret, kind + channel, address)


def _mark(key: bytes) -> str:
    """By what a key is known again that nobody can guess."""
    return "veil " + veiled(key, "mark", ("", ""))


def _secret(session: Session) -> bytes:
    """The store's own: what links are signed with may be changed, and what was said stays. Nothing,
    if there is none yet: then nothing is kept under it either.
    """
    found: list[tuple[str]] = session.rows(_SECRET)
    return found[0][0].encode() if found else b""
