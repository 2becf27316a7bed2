"""Opens the adapters that carry a project's channels, as an operator has set them up."""

from __future__ import annotations

from collections.abc import Mapping

from channels.limits import read_limit
from channels.registry import open_adapter
from channels.settings import SettingsError
from engine.config import ChannelSettings
from engine.dispatcher.carriers import Carrier
from engine.operator import OperatorError

__all__ = ["open_carriers"]


def open_carriers(
    settings: Mapping[str, ChannelSettings], *, otherwise: str | None, channels: frozenset[str]
) -> dict[str, list[Carrier]]:
    """What carries each of ``channels``, the first choice first; ``otherwise`` is the adapter of
    those nobody set one for.

    Channels set up alike share an adapter, and so its connections and its limits. Raises
    ``OperatorError``.
    """
    opened: dict[tuple[str, str], Carrier] = {}
    carried: dict[str, list[Carrier]] = {}
    for channel in sorted(channels | set(settings)):
        chosen = settings.get(channel)
        if chosen is None and otherwise is None:
            raise OperatorError(
                f'No adapter is set for the channel "{channel}" of the policy: add'
                f' [channels.{channel}] with adapter = "file" (or another) to wayline.toml.'
            )
        following: ChannelSettings | None = chosen or ChannelSettings(adapter=otherwise or "")
        place = f"channels.{channel}"
        carried[channel] = []
        while following is not None:
            carrier = _carrier(channel, place, following, opened)
            if carrier in carried[channel]:
                raise OperatorError(
                    f"[{place}] This is the same adapter once more: give another, or leave it out."
                )
            carried[channel].append(carrier)
            following, place = following.otherwise, f"{place}.otherwise"
    return carried


def _carrier(
    channel: str,
    place: str,
    chosen: ChannelSettings,
    opened: dict[tuple[str, str], Carrier],
) -> Carrier:
    """A new one, or one that was opened for another channel."""
    details = dict(chosen.of_adapter)
    limits = tuple(read_limit(scope, text) for scope, text in chosen.limits.items())
    alike = (chosen.adapter, repr((sorted(details.items()), limits, chosen.concurrency)))
    if alike not in opened:
        try:
            adapter = open_adapter(chosen.adapter, details)
        except SettingsError as error:
            raise OperatorError(f"[{place}] {error}") from error
        name = f"{channel}/{chosen.adapter}"
        taken = sum(each.name.partition("#")[0] == name for each in opened.values())
        if taken:
            name = f"{name}#{taken + 1}"
        opened[alike] = Carrier(name, adapter, limits, chosen.concurrency)
    carrier = opened[alike]
    if channel not in carrier.adapter.capabilities.channels:
        can = ", ".join(sorted(carrier.adapter.capabilities.channels))
        raise OperatorError(
            f'[{place}] The adapter "{chosen.adapter}" cannot carry {channel}, only {can}.'
        )
    return carrier
