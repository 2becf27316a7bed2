"""The adapters that carry a project's channels, and the headers its messages leave with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from channels.adapter import Adapter
from channels.limits import Limit
from channels.receipts import Receiver, Receives
from channels.registry import open_adapter
from channels.settings import SettingsError
from dsl.machine import ConsentNotNeeded, Project
from engine.config import ChannelSettings, OperatorError
from engine.core.effects import Delivery
from engine.links import Links

__all__ = ["Carrier", "headers_for", "open_adapters", "open_receivers"]


class Carrier(NamedTuple):
    """An adapter under the name that all who share a store know it by; with the limits and the
    concurrency that an operator set, in place of its own.
    """

    name: str
    adapter: Adapter
    limits: tuple[Limit, ...] = ()
    concurrency: int | None = None


def open_adapters(
    settings: Mapping[str, ChannelSettings], *, otherwise: str | None, channels: frozenset[str]
) -> dict[str, Adapter]:
    """An adapter for each of ``channels``; ``otherwise`` carries those nobody set one for.

    Channels set up alike share an adapter, and so its connections and its limits. Raises
    ``OperatorError``.
    """
    opened: dict[tuple[str, str], Adapter] = {}
    carried: dict[str, Adapter] = {}
    for channel in sorted(channels | set(settings)):
        chosen = settings.get(channel)
        if chosen is None and otherwise is None:
            raise OperatorError(
                f'No adapter is set for the channel "{channel}" of the policy: add'
                f' [channels.{channel}] with adapter = "file" (or another) to wayline.toml.'
            )
        name = chosen.adapter if chosen else otherwise or ""
        details = dict(chosen.of_adapter) if chosen else {}
        alike = (name, repr(sorted(details.items())))
        if alike not in opened:
            try:
                opened[alike] = open_adapter(name, details)
            except SettingsError as error:
                raise OperatorError(f"[channels.{channel}] {error}") from error
        adapter = opened[alike]
        if channel not in adapter.capabilities.channels:
            can = ", ".join(sorted(adapter.capabilities.channels))
            raise OperatorError(
                f'[channels.{channel}] The adapter "{name}" cannot carry {channel}, only {can}.'
            )
        carried[channel] = adapter
    return carried


def open_receivers(settings: Mapping[str, ChannelSettings]) -> dict[str, Receiver]:
    """What reads, by channel, what providers tell later: of every adapter that is set up for it.
    Raises ``OperatorError``.
    """
    adapters = open_adapters(settings, otherwise=None, channels=frozenset())
    return {
        channel: adapter.receiver
        for channel, adapter in adapters.items()
        if isinstance(adapter, Receives) and adapter.receiver is not None
    }


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
