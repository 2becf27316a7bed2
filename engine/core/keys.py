"""Keys: who may ask the API for what. What is kept of a key does not let anybody in.

A key is 256 random bits, so nobody finds one by trying, and SHA-256 of it is all that need be kept:
the slow functions with salts that passwords want are there because people choose passwords, and
others can guess what people choose. A fast one also lets every request be checked, and a flood of
made-up keys costs a microsecond each. Whoever steals the table has nothing to send.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from typing import Literal, NamedTuple, TypeAlias

from dsl.calendar import Instant

__all__ = ["BROWSER_RATE", "Key", "KeyKind", "Scope", "Standing", "hashed", "may", "standing_of"]

KeyKind: TypeAlias = Literal["server", "browser"]
"""A browser's key stands in a page for everybody to read: it may send events, and not all of them.
"""

Standing: TypeAlias = Literal["valid", "expired", "revoked"]

BROWSER_RATE = 1_000
"""Events in a second that all who have a browser's key may send together, if nothing else is said.
"""


class Scope(StrEnum):
    """What a key is for."""

    INGEST = "ingest"  # sending events
    READ = "read"  # reading what is known of people
    WRITE = "write"  # changing things: starting journeys, forgetting people
    ADMIN = "admin"  # everything


class Key(NamedTuple):
    """What is known of a key. ``hash`` is that of the text that is given at the door; ``id`` is the
    same for all the texts it has had, and comes before the ids of calls that are sent with it.
    ``last`` is how its text ends, for people to tell them apart. ``sites`` are the pages that a
    browser's key may stand in (``https://shop.example``), ``origin`` is where what it tells of
    people comes from, and ``rate`` how many events may be sent with it in a second; 0: any number.
    """

    hash: str
    id: str
    name: str
    kind: KeyKind
    scopes: tuple[str, ...]  # those of Scope, and whatever newer versions know
    last: str
    created: Instant
    expires: Instant | None = None
    revoked: Instant | None = None
    sites: tuple[str, ...] = ()
    origin: str = ""
    rate: int = 0


def hashed(text: str) -> str:
    """What is kept of a key."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def standing_of(key: Key, now: Instant) -> Standing:
    """Whether a key still lets anybody in."""
    if key.revoked is not None and key.revoked <= now:
        return "revoked"
    if key.expires is not None and key.expires <= now:
        return "expired"
    return "valid"


def may(key: Key, scope: Scope) -> bool:
    """Whether a key is for what needs ``scope``. One that everybody can read is for events only,
    whatever else is said of it.
    """
    if key.kind == "browser" and scope is not Scope.INGEST:
        return False
    return any(each in (scope, Scope.ADMIN) for each in key.scopes)
