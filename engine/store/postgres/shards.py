"""People are spread over shards by a stable hash, and a shard is what one worker at a time holds.

Nobody owns a shard: a batch takes the locks of those it works on, and they go with its transaction,
or with the connection of a worker that dies.
"""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

__all__ = ["ADVANCING", "ARRIVING", "DEPLOYING", "SHARDS", "UPGRADING", "shard_of", "shards_of"]

SHARDS = 64

# The first halves of our advisory locks; the second is a shard.
ADVANCING = 0x57_41_59_01
"""Held by the batch that advances the people of a shard."""
ARRIVING = 0x57_41_59_02
"""Held while something of a shard's people is put into the log: numbers ascend as they are seen."""
DEPLOYING = 0x57_41_59_03
"""Shared by every batch, and held alone by a deploy: a batch ends under the version it began with."""
UPGRADING = 0x57_41_59_04
"""Held while the tables are made or changed."""


def shard_of(person: str) -> int:
    """The shard of a person, today and in ten years."""
    return crc32(person.encode()) % SHARDS


def shards_of(people: Iterable[str]) -> list[int]:
    """The shards of people in the order in which they are locked, so that nobody waits for
    somebody who waits for them.
    """
    return sorted({shard_of(person) for person in people})
