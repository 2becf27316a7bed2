"""The channels: whether each has an adapter, and the adapter a provider that lets it in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from dsl.calendar import Instant
from engine.carriers import open_adapters
from engine.config import ChannelSettings, OperatorError
from engine.doctor.finding import Finding, problem, well

__all__ = ["carriers"]

_PATIENCE = 30.0  # seconds


async def carriers(
    settings: Mapping[str, ChannelSettings], channels: frozenset[str], now: Instant
) -> list[Finding]:
    """One finding for each channel, in alphabetical order. Nothing is sent."""
    return [await _carrier(settings, channel, now) for channel in sorted(channels | set(settings))]


async def _carrier(settings: Mapping[str, ChannelSettings], channel: str, now: Instant) -> Finding:
    chosen = settings.get(channel)
    alone = {} if chosen is None else {channel: chosen}
    try:
        adapter = open_adapters(alone, otherwise=None, channels=frozenset({channel}))[channel]
    except OperatorError as error:
        says, _, fix = str(error).partition(": ")
        fixed = fix or f"Look at [channels.{channel}] in wayline.toml."
        return problem("channels", f"{channel}: {says.rstrip('.')}.", fixed[0].upper() + fixed[1:])
    try:
        obstacle = await asyncio.wait_for(adapter.probe(now), _PATIENCE)
    except TimeoutError:
        obstacle = "The provider gave no answer in time."
    finally:
        await adapter.close()
    name = chosen.adapter if chosen else ""
    if obstacle:
        return problem(
            "channels", f"{channel} ({name}): {obstacle}", f"Look at [channels.{channel}]."
        )
    return well("channels", f"{channel} ({name}): nothing stands in the way of sending.")
