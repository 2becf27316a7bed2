"""Where what is known of a person came from, and when it was last said.

Every attribute and every address has an origin. It is written down whenever somebody sets one, also
to the value that it had before; and it stays when one is taken away, so that taking away is known
to be later than setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from dsl.calendar import Instant
from engine.core.signals import ProfileChanged

__all__ = ["OBSERVED", "ORIGINS", "Origin", "OriginKind", "address_of", "channel_in", "origins_of"]

OriginKind: TypeAlias = Literal["told", "observed", "partner", "computed"]
"""Told by the person, seen in what they do, had from somebody else, or worked out by us."""

OBSERVED: Final = "observed"

ORIGINS: Final[tuple[OriginKind, ...]] = get_args(OriginKind)

_ADDRESS = " address"  # no attribute has a blank in its name


class Origin(NamedTuple):
    """When something was last set, and by whom it is known. Nothing means told."""

    at: Instant
    origin: str = "told"


def address_of(channel: str) -> str:
    """Under which name the origin of an address is kept."""
    return channel + _ADDRESS


def channel_in(name: str) -> str | None:
    """The channel if it is the name of an address; None if it is one of an attribute."""
    return name.removesuffix(_ADDRESS) if name.endswith(_ADDRESS) else None


def origins_of(change: ProfileChanged) -> Mapping[str, Origin]:
    """The origin of all that a change sets or takes away."""
    origin = Origin(change.received, change.origin or "told")
    return dict.fromkeys((*change.attributes, *map(address_of, change.addresses)), origin)
