"""What is the same with every peer: the people, the rule, the texts, and how long one waits.

One step is from rest to rest, as with ours: somebody signs up and waits; wakes, is checked by the
rule, is written a message and waits; wakes and is written another. To send is to put a message
where a dispatcher would find it, as with ours; nobody hands anything over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from benchmarks.floor import BIG_SPENDER, FILLER, profile_document

__all__ = [
    "LOOK",
    "MESSAGES_EACH",
    "STEPS_EACH",
    "TABLES",
    "WAIT",
    "WRITE",
    "body",
    "is_big_spender",
    "names",
    "profiles",
]

STEPS_EACH, MESSAGES_EACH = 3, 2
WAIT = 1.0  # seconds, for an hour and for a day: none of them can be told what time it is

TABLES = (
    "create table profiles (person text primary key, document bytea not null)",
    "create table messages (number bigserial primary key, person text, step text, body text)",
)
"""What somebody with PostgreSQL keeps people and messages in."""

LOOK = "select document from profiles where person = %s"
WRITE = "insert into messages (person, step, body) values (%s, %s, %s)"


def names(users: int) -> list[str]:
    """Everybody."""
    return [f"customer-{number:06d}" for number in range(users)]


def profiles(users: int) -> Iterator[tuple[str, bytes]]:
    """Everybody with a profile of 400 bytes, of which the rule is true."""
    for number, name in enumerate(names(users)):
        yield name, profile_document(number)


def is_big_spender(document: bytes) -> bool:
    """The rule."""
    profile = orjson.loads(document)
    spent: int = profile["lifetime_value"]
    return spent > BIG_SPENDER and profile["country"].strip().casefold() == "de"


def body(document: bytes) -> str:
    """The message."""
    profile: dict[str, Any] = orjson.loads(document)
    return f"Hello {profile['first_name']}! {FILLER}"
