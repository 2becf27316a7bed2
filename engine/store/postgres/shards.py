"""People are spread over shards by a stable hash, and a shard is what one worker at a time holds.

Nobody owns a shard: a batch takes the locks of those it works on, and they go with its transaction,
or with the connection of a worker that dies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final
from zlib import crc32

from engine.store.postgres import statements as own
from engine.store.postgres.session import PostgresSession
from engine.store.sql.session import Session

__all__ = [
    "ADVANCING",
    "ARRIVING",
    "DEPLOYING",
    "MERGING",
    "SHARDS",
    "UPGRADING",
    "hold_everybody",
    "shard_of",
    "shards_of",
    "share",
    "take",
]

SHARDS = 64

# The first halves of our advisory locks; the second is a shard.
ADVANCING = 0x57_41_59_01
"""Held by the batch that advances the people of a shard."""
ARRIVING = 0x57_41_59_02
"""Held while something of a shard's people is put into the log: numbers ascend as they are seen."""
DEPLOYING = 0x57_41_59_03
"""Shared by every batch, and held alone by a deploy: a batch ends under the version it began with."""
MERGING = 0x57_41_59_05
"""Held while two names of one kind become one: so that no circle is made from two sides."""
UPGRADING = 0x57_41_59_04
"""Held while the tables are made or changed."""

_CALLED: Final[Mapping[int, str]] = MappingProxyType(
    {ADVANCING: "advancing", ARRIVING: "arriving", DEPLOYING: "deploying", MERGING: "merging"}
)


def take(session: Session, lock: int, shards: Sequence[int]) -> None:
    """Takes locks until the transaction ends, waiting for whoever has them."""
    assert isinstance(session, PostgresSession)
    with session.waits.timed(_CALLED[lock]):
        session.rows(own.TAKE_SHARDS, (lock, shards))


def hold_everybody(session: Session) -> None:
    """Lets nobody be advanced, and nothing be deployed, until the transaction ends."""
    take(session, DEPLOYING, [0])
    take(session, ADVANCING, list(range(SHARDS)))


def share(session: Session, lock: int) -> None:
    """Takes a lock together with all others who share it."""
    assert isinstance(session, PostgresSession)
    with session.waits.timed(_CALLED[lock]):
        session.rows(own.SHARE, (lock,))


def shard_of(person: str) -> int:
    """The shard of a person, today and in ten years."""
    return crc32(person.encode()) % SHARDS


def shards_of(people: Iterable[str]) -> list[int]:
    """The shards of people in the order in which they are locked, so that nobody waits for
    somebody who waits for them.
    """
    return sorted({shard_of(person) for person in people})
