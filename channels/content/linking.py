"""Where the links of a message lead: what is added to them, and which lead there by way of us.

An author writes an address. What an analytics tool wants to know of a visit is added to it, and
where clicks are counted, the reader gets an address of ours that stands for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from channels.content.destinations import Destination, Occasion
from dsl.policy import Measured, Policy, Tags
from dsl.tagging import add_tags, tags_of

__all__ = [
    "NO_LINKING",
    "Linker",
    "Linking",
    "linking_of",
]

_MOST = 1000  # addresses of ours in one message; whatever comes then is left as it is
_WEB = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
_NOTHING: Mapping[str, frozenset[Measured]] = MappingProxyType({})


class Linking(NamedTuple):
    """What is done with the links of all messages. ``measures`` is by category; ``click`` makes the
    address that stands for a link, of the delivery and the link's number, ``seen`` that of the
    picture by which an opening is noticed. Without them nothing is measured.
    """

    tags: Tags | None = None
    measures: Mapping[str, frozenset[Measured]] = _NOTHING
    click: Callable[[str, int], str] | None = None
    seen: Callable[[str], str] | None = None

    def linker(
        self, occasion: Occasion, message: str, channel: str, delivery: str
    ) -> Linker | None:
        """What leads the links of one message; None where nothing is done with them."""
        if self.tags is None and not self.measures.get(occasion.category):
            return None
        return Linker(self, occasion, message, channel, delivery)


NO_LINKING: Final = Linking()


def linking_of(
    policy: Policy,
    click: Callable[[str, int], str] | None = None,
    seen: Callable[[str], str] | None = None,
) -> Linking:
    """As the policy wants it."""
    measures = {name: each.measures for name, each in policy.categories.items()}
    return Linking(policy.tags, measures, click, seen)


class Linker:
    """The links of one message on one channel, while it is written."""

    __slots__ = ("_by_link", "_click", "_delivery", "_led", "_own", "_tags", "destinations", "seen")

    def __init__(
        self, linking: Linking, occasion: Occasion, message: str, channel: str, delivery: str
    ) -> None:
        measures = linking.measures.get(occasion.category, frozenset())
        by_way_of_us = channel != "push" and "clicks" in measures
        self._click = linking.click if by_way_of_us else None
        self._delivery = delivery
        self._tags: Callable[[str], tuple[tuple[str, str], ...]] | None = None
        if linking.tags is not None:
            tags = linking.tags
            self._tags = lambda link: tags_of(tags, channel, message, link, *occasion)
        self._own: list[str] = []
        self._led: dict[tuple[str, str, str], str] = {}  # in HTML, and again in plain text
        self._by_link: dict[Destination, int] = {}
        self.destinations: list[Destination] = []
        self.seen: str | None = None
        """The address of the picture by which an opening is noticed."""
        if channel == "email" and "opens" in measures and linking.seen is not None:
            self.seen = linking.seen(delivery)

    def own(self, address: str) -> str:
        """A link that leads back to us: it stays as it is, wherever it is written."""
        self._own.append(address)
        return address

    def lead(self, address: str, link: str, app: str = "") -> str:
        """What a reader gets instead of ``address``. ``link`` names it for the figures, ``app`` is
        the same place in an app.
        """
        if self._tags is None and self._click is None:
            return address
        known = self._led.get((address, link, app))
        if known is None:
            known = self._led[address, link, app] = self._lead(address, link, app)
        return known

    def _lead(self, address: str, link: str, app: str) -> str:
        if not self._is_others(address):
            return address
        if self._tags is not None:
            address = add_tags(address, self._tags(link))
        if self._click is None:
            return address
        destination = Destination(address, app)
        number = self._by_link.get(destination)
        if number is None:
            number = len(self.destinations)
            if number >= _MOST:
                return address
            self._by_link[destination] = number
            self.destinations.append(destination)
        return self._click(self._delivery, number)

    def tagged(self, address: str, link: str) -> str:
        """``address`` with what the policy wants added."""
        if self._tags is None or not self._is_others(address):
            return address
        return add_tags(address, self._tags(link))

    def _is_others(self, address: str) -> bool:
        """Whether it is a page of the web, and does not lead back to us."""
        return _WEB.match(address) is not None and not any(map(address.startswith, self._own))
