"""One person, as far as decisions need them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from dsl.calendar import Instant

__all__ = ["Contact", "Profile"]


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


class Contact(NamedTuple):
    """One slot of every cap: a message decided for a person.

    Open from the decision until the provider accepts (``sent`` is then the time of hand-over) or
    finally refuses (the contact is removed). Open ones count whatever their age.
    """

    delivery: str
    decided: Instant
    sent: Instant | None
    channel: str
    category: str
    journey: str


@dataclass(frozen=True, slots=True)
class Profile:
    """Attributes and addresses at rest, the consent ledger's present state, recent contacts.

    ``consents`` maps ``category/channel`` (or ``category/*``) to the instant of the grant, or to
    the negative instant of the withdrawal. ``suppressed`` are addresses that bounced for good.
    """

    id: str
    attributes: Mapping[str, Any] = field(default_factory=_nothing)
    addresses: Mapping[str, str] = field(default_factory=_nothing)
    consents: Mapping[str, int] = field(default_factory=_nothing)
    contacts: tuple[Contact, ...] = ()
    suppressed: frozenset[str] = frozenset()
