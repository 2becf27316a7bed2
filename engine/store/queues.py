"""Where the memory store queues deliveries: a heap for each lane.

An entry of a heap counts only while its delivery still says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from typing import TypeAlias

from dsl.calendar import Instant
from engine.core.effects import Delivery

__all__ = ["Queues"]

_Entry: TypeAlias = tuple[Instant, int, str]  # due, in the order of decision


class Queues:
    """Queued ones among ``deliveries``. Not for several threads at once."""

    def __init__(self, deliveries: Mapping[str, Delivery]) -> None:
        self._deliveries = deliveries
        self._lanes: dict[str, list[_Entry]] = {}

    def put(self, delivery: Delivery, serial: int) -> None:
        """Lets a delivery wait in its lane until it is due."""
        heappush(self._lanes.setdefault(delivery.lane, []), (delivery.due, serial, delivery.id))

    def due(self, now: Instant) -> list[str]:
        """The lanes in which something is due, in the order of their names."""
        heads = ((lane, self._head(lane)) for lane in sorted(self._lanes))
        return [lane for lane, head in heads if head is not None and head[0] <= now]

    def take(self, lanes: Iterable[str], now: Instant, limit: int) -> list[Delivery]:
        """Takes those out that are due first, over all these lanes."""
        taken: list[Delivery] = []
        known = [lane for lane in lanes if lane in self._lanes]
        while len(taken) < limit:
            heads = [(head, lane) for lane in known if (head := self._head(lane)) is not None]
            if not heads or min(heads)[0][0] > now:
                break
            taken.append(self._deliveries[heappop(self._lanes[min(heads)[1]])[2]])
        return taken

    def next_wake(self) -> Instant | None:
        """When the first of them is due."""
        heads = (self._head(lane) for lane in self._lanes)
        return min((head[0] for head in heads if head is not None), default=None)

    def _head(self, lane: str) -> _Entry | None:
        entries = self._lanes[lane]
        while entries and not self._counts(entries[0], lane):
            heappop(entries)
        return entries[0] if entries else None

    def _counts(self, entry: _Entry, lane: str) -> bool:
        delivery = self._deliveries.get(entry[2])
        return (
            delivery is not None
            and delivery.status == "queued"
            and delivery.due == entry[0]
            and delivery.lane == lane
        )
