"""Telephone numbers and e-mail addresses: whose they are, and what was said from numbers.

What is said from a number counts for whoever has it, now or later: nobody can know who was holding
the telephone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import NamedTuple

from channels.phone import comparable, read_number
from dsl.calendar import Instant
from engine.core.profile import Profile

__all__ = [
    "Said",
    "digest_of",
    "finders_in",
    "finders_of",
    "found_in",
    "mailbox_in",
    "number_in",
    "numbers_of",
    "place_of",
]

_KEPT = 32  # of the last messages, so that one that is told again is recognised
_SHORT = 8


class Said(NamedTuple):
    """The last word from a number on a channel: when it said stop, when start, when help; and which
    messages have been heard.
    """

    stopped: Instant = 0
    started: Instant = 0
    helped: Instant = 0
    heard: tuple[str, ...] = ()

    @property
    def is_stopped(self) -> bool:
        """Whether stop was the last word. Of two at one instant it is."""
        return self.stopped > 0 and self.stopped >= self.started

    def has_heard(self, key: str) -> bool:
        """Whether the message that the provider calls so was heard before."""
        return digest_of(key) in self.heard

    def joined(self, other: Said) -> Said:
        """Both together: what was kept of one number in two places."""
        heard = dict.fromkeys((*other.heard, *self.heard))
        stopped, started, helped = map(max, self[:3], other[:3])
        return Said(stopped, started, helped, tuple(heard)[-_KEPT:])

    def hearing(self, key: str) -> Said:
        """The same after one more message."""
        return self._replace(heard=(*self.heard, digest_of(key))[-_KEPT:])


def digest_of(key: str) -> str:
    """A provider's name for a message, without what it may tell of the person."""
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=_SHORT).hexdigest()


def place_of(secret: bytes, channel: str, number: str) -> str:
    """Under which name a store keeps what was said from a number. Without the store's secret nobody
    can tell the number: the name stays when the person is forgotten.
    """
    return blake2b(f"{channel}/{number}".encode(), digest_size=16, key=secret[:64]).hexdigest()


def number_in(address: str | None) -> str | None:
    """The number that an address is, however it is written; None if it is none."""
    number = None if address is None else read_number(address)
    return None if number is None else comparable(number)


def mailbox_in(address: str) -> str | None:
    """The e-mail address that an address is, in whichever case it is written; None if it is none."""
    plain = address.strip().casefold()
    return plain if "@" in plain else None


def found_in(text: str) -> str | None:
    """By what somebody can be found who has this address, be it a number or an e-mail address."""
    return mailbox_in(text) or number_in(text)


def finders_of(profile: Profile) -> frozenset[str]:
    """By what somebody can be found: the numbers and e-mail addresses that are theirs, with those that
    were kept beside when two people became one.
    """
    beside = (place.partition(" ") for place in profile.identity.also)
    return finders_in((*profile.addresses.items(), *((on, each) for on, _, each in beside)))


def finders_in(addresses: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The same of addresses by their channels."""
    found = (
        mailbox_in(address) if channel == "email" else number_in(address)
        for channel, address in addresses
    )
    return frozenset(each for each in found if each is not None)


def numbers_of(addresses: Mapping[str, str]) -> frozenset[str]:
    """All numbers of somebody."""
    return frozenset(
        number for each in addresses.values() if (number := number_in(each)) is not None
    )
