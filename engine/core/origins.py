"""Where what is known of a person came from, and when it was last said.

Every attribute and every address has an origin. It is written down whenever somebody sets one, also
to the value that it had before; and it stays when one is taken away, so that taking away is known
to be later than setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from dsl.calendar import Instant
from dsl.plan import TrackingPlan
from engine.core.signals import ProfileChanged

__all__ = [
    "COMPUTED",
    "OBSERVED",
    "ORIGINS",
    "Origin",
    "OriginKind",
    "address_of",
    "apart",
    "channel_in",
    "origins_of",
    "with_computed",
]

OriginKind: TypeAlias = Literal["told", "observed", "partner", "computed"]
"""Told by the person, seen in what they do, had from somebody else, or worked out by us."""

OBSERVED: Final = "observed"
COMPUTED: Final = "computed"

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


def apart(
    origins: Mapping[str, Origin],
) -> tuple[dict[str, Origin], dict[str, Origin]]:
    """Those of attributes by their names, and those of addresses by channel."""
    attributes: dict[str, Origin] = {}
    addresses: dict[str, Origin] = {}
    for name, origin in sorted(origins.items()):
        channel = channel_in(name)
        if channel is None:
            attributes[name] = origin
        else:
            addresses[channel] = origin
    return attributes, addresses


def with_computed(
    origins: Mapping[str, Origin], attributes: Iterable[str], plan: TrackingPlan
) -> dict[str, Origin]:
    """Together with those of attributes that follow from events by a formula, which nobody sets at
    any moment.
    """
    known = plan.attributes
    computed = [name for name in attributes if name in known and known[name].formula]
    return {**dict.fromkeys(computed, Origin(0, COMPUTED)), **origins}


def origins_of(change: ProfileChanged) -> Mapping[str, Origin]:
    """The origin of all that a change sets or takes away."""
    origin = Origin(change.received, change.origin or "told")
    return dict.fromkeys((*change.attributes, *map(address_of, change.addresses)), origin)
