"""The adapters that carry a project's channels, and the headers its messages leave with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from channels.adapter import Adapter
from channels.limits import Limit
from channels.receipts import (
    Answered,
    Incoming,
    NotGenuine,
    Prepares,
    Receiver,
    Receives,
    Report,
)
from dsl.calendar import Instant
from dsl.machine import ConsentNotNeeded, Project
from engine.access.links import Links
from engine.core.effects import Delivery

__all__ = ["Carrier", "adapters_of", "headers_for", "receivers_of"]


class Carrier(NamedTuple):
    """An adapter under the name that all who share a store know it by; with the limits and the
    concurrency that an operator set, in place of its own.
    """

    name: str
    adapter: Adapter
    limits: tuple[Limit, ...] = ()
    concurrency: int | None = None


class Heard:
    """A receiver whose reports say by whom they were told, and of which domain."""

    def __init__(self, receiver: Receiver, carrier: Carrier) -> None:
        self.receiver = receiver
        self._name = carrier.name
        self._domain = carrier.adapter.capabilities.domain

    async def prepare(self, incoming: Incoming, now: Instant) -> None:
        """As the receiver does, if it has to."""
        if isinstance(self.receiver, Prepares):
            await self.receiver.prepare(incoming, now)

    def read(self, incoming: Incoming, now: Instant) -> Answered | NotGenuine:
        """What the receiver reads."""
        found = self.receiver.read(incoming, now)
        if isinstance(found, NotGenuine):
            return found
        return replace(found, reports=[self._signed(each) for each in found.reports])

    def _signed(self, report: Report) -> Report:
        rule = f"{report.rule}, told by {self._name}" if report.rule else ""
        return replace(report, rule=rule, domain=self._domain)


def receivers_of(carried: Mapping[str, Sequence[Carrier]]) -> dict[str, list[Heard]]:
    """What reads, by channel, what providers tell later: of every adapter that is set up for it."""
    return {
        channel: [
            Heard(carrier.adapter.receiver, carrier)
            for carrier in carriers
            if isinstance(carrier.adapter, Receives) and carrier.adapter.receiver is not None
        ]
        for channel, carriers in carried.items()
    }


def adapters_of(carried: Mapping[str, Adapter | Sequence[Carrier]]) -> list[Adapter]:
    """Every adapter, once."""
    found: dict[int, Adapter] = {}
    for given in carried.values():
        each = [c.adapter for c in given] if isinstance(given, Sequence) else [given]
        found.update({id(adapter): adapter for adapter in each})
    return list(found.values())


def headers_for(
    project: Callable[[], Project | None], links: Links
) -> Callable[[Delivery], Mapping[str, str]]:
    """What an e-mail leaves with: the way out of its category, for one click (RFC 8058)."""

    def headers(delivery: Delivery) -> Mapping[str, str]:
        current = project()
        if delivery.channel != "email" or current is None:
            return {}
        category = current.policy.categories.get(delivery.category)
        if category is None or isinstance(category.consent, ConsentNotNeeded):
            return {}
        return {
            "List-Unsubscribe": f"<{links.unsubscribe(delivery.id)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }

    return headers
