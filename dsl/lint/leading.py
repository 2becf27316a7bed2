"""The addresses in a text message as they will stand in it: with tags, or as short ones of ours that
lead there. What is counted is what leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dsl.extent import OWN_PAGES, Extent
from dsl.lint.sheets import Desk
from dsl.machine import Send
from dsl.sms import measure
from dsl.tagging import add_tags, tags_of

__all__ = ["Occasion", "as_sent", "occasions"]

_ADDRESS = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}]", re.IGNORECASE)
_TOKEN = 36  # characters that stand for a message and its link
_SHORT, _LONG = (
    f"https://{host}/c/{'x' * _TOKEN}" for host in ("go.example", "journeys.shop.example")
)
"""Where we are is not known before we are there; these are the shortest and the longest usual."""


class Occasion(NamedTuple):
    """A journey that sends the message, as what kind of message."""

    journey: str
    category: str


def occasions(desk: Desk, message: str, channel: str) -> list[Occasion]:
    """All on which a message is sent on a channel."""
    return list(dict.fromkeys(_occasions(desk, message, channel)))


def _occasions(desk: Desk, message: str, channel: str) -> Iterator[Occasion]:
    for name, machine in desk.project.machines.items():
        for step in machine.code:
            if not isinstance(step, Send) or step.message != message:
                continue
            if any(choice.channel == channel for choice in step.choices):
                yield Occasion(name, step.category)


def as_sent(said: Extent, desk: Desk, message: str, channel: str) -> Extent:
    """The shortest and the longest of a text over all occasions; as it is if there are none."""
    if "http" not in said.long.lower():
        return said
    found = occasions(desk, message, channel)
    if not found:
        return said
    return Extent(
        min((_led(said.short, desk, message, channel, each, _SHORT) for each in found), key=_room),
        max((_led(said.long, desk, message, channel, each, _LONG) for each in found), key=_room),
    )


def _led(text: str, desk: Desk, message: str, channel: str, occasion: Occasion, ours: str) -> str:
    policy = desk.project.policy
    category = policy.categories.get(occasion.category)
    tags = () if policy.tags is None else tags_of(policy.tags, channel, message, message, *occasion)

    def lead(found: re.Match[str]) -> str:
        address = found[0]
        if address.startswith(OWN_PAGES):
            return address
        if category is not None and "clicks" in category.measures:
            return ours
        return add_tags(address, tags)

    return _ADDRESS.sub(lead, text)


def _room(text: str) -> tuple[int, int]:
    measured = measure(text)
    return measured.parts, measured.length
