"""Lanes: where deliveries queue until they are handed over.

Each channel and category has a lane of its own, so whatever waits in one is in nobody else's way.
Messages that still ask web services wait apart, by what they ask; and so do those that only one
certain adapter may carry.
"""

from __future__ import annotations

from typing import NamedTuple

from channels.content import Unfinished

__all__ = ["ANY", "Lane", "lane_of", "read_lane"]

ANY = -1
"""Whichever adapter of the channel is at hand."""


class Lane(NamedTuple):
    """``by`` is the place, among the adapters of the channel, of the one that alone may carry what
    waits here; ``asks`` are the web services that are to be asked before.
    """

    channel: str
    category: str
    by: int = ANY
    asks: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it is written down: ``email/promotional``, ``email/service@1``, ``email/news?reco``."""
        by = "" if self.by == ANY else f"@{self.by}"
        asks = f"?{'+'.join(self.asks)}" if self.asks else ""
        return f"{self.channel}/{self.category}{by}{asks}"


def lane_of(channel: str, category: str, unfinished: Unfinished | None = None) -> str:
    """Where a message belongs that any adapter of its channel may carry."""
    if unfinished is None:
        return f"{channel}/{category}"
    asks = tuple(sorted({ask.service for ask in unfinished.asks}))
    return str(Lane(channel, category, asks=asks))


def read_lane(text: str) -> Lane | None:
    """The lane that was written down; None for what an older version left without one."""
    place, _, asks = text.partition("?")
    name, _, by = place.partition("@")
    channel, _, category = name.partition("/")
    if not channel or not category:
        return None
    return Lane(
        channel,
        category,
        int(by) if by.isdecimal() else ANY,
        tuple(asks.split("+")) if asks else (),
    )
