"""What is known against an address, whoever has it: that nothing more goes there, and why; when an
operator has let it be written to again; and when somebody who had it was forgotten.

It is no part of any person, so that it holds for whoever has the address next, and stays when they
are forgotten. Stores keep it under names that nobody can read an address from.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from typing import NamedTuple, TypeAlias

from dsl.calendar import Instant
from dsl.expr.context import Happened
from dsl.policy import EVERY
from engine.core.numbers import number_in
from engine.core.profile import Profile, Trouble
from engine.core.suppression import Suppressed, place_of

__all__ = [
    "NO_BAR",
    "Bar",
    "Destination",
    "bars_of",
    "destination_of",
    "forgotten",
    "suppressed_by",
    "suppressions_of",
    "untold",
    "veiled",
]

Destination: TypeAlias = tuple[str, str]
"""A channel and an address, as those are compared that people write differently."""

_NUMBERED = ("sms", "whatsapp")


class Bar(NamedTuple):
    """``since`` when, why and by which rule nothing more goes to an address (0: it does); when an
    operator last said that it is written to, and when a person who had it was last ``forgotten``.
    """

    since: Instant = 0
    cause: str = ""
    rule: str = ""
    lifted: Instant = 0
    forgotten: Instant = 0

    def joined(self, other: Bar) -> Bar:
        """Both together, in whichever order they are told. The last reason counts, unless an
        operator knew of it.
        """
        lifted = max(self.lifted, other.lifted)
        reason = max(self[:3], other[:3])
        if reason[0] <= lifted:
            reason = (0, "", "")
        return Bar(*reason, lifted, max(self.forgotten, other.forgotten))


NO_BAR = Bar()


def destination_of(channel: str, address: str) -> Destination:
    """Where a message goes: numbers however they are written, e-mail in whichever case."""
    if channel in _NUMBERED:
        return channel, number_in(address) or address.strip()
    return channel, address.strip().lower() if channel == "email" else address


def veiled(key: bytes, kind: str, destination: Destination) -> str:
    """A name from which nobody can tell an address who does not have the key."""
    said = "\x1f".join((kind, *destination)).encode("utf-8", "surrogatepass")
    return hmac.digest(key, said, "sha256").hex()[:40]


def suppressed_by(
    profile: Profile, channel: str, address: str, bar: Bar
) -> tuple[Profile, Suppressed | None]:
    """The profile of somebody with an address to which nothing more goes, whoever has it; and why,
    if they did not know that.
    """
    place = place_of(channel, address)
    if not bar.since or place in profile.suppressed or address in profile.suppressed:
        return profile, None
    before = profile.trouble.get(place, Trouble())
    after = before._replace(since=bar.since, cause=bar.cause, rule=bar.rule)
    return (
        profile._replace(
            trouble={**profile.trouble, place: after}, suppressed=profile.suppressed | {place}
        ),
        Suppressed(bar.cause, bar.rule),
    )


def bars_of(profile: Profile, channels: Collection[str], at: Instant) -> dict[Destination, Bar]:
    """What stays known against the addresses of somebody who is forgotten ``at`` an instant.
    ``channels`` are those of the policy: older versions suppressed addresses on all of them.
    """
    found = {
        destination_of(channel, address): Bar(forgotten=at)
        for channel, address in profile.addresses.items()
    }
    for place in profile.identity.also:
        found[destination_of(*place.split(" ", 1))] = Bar(forgotten=at)
    for spot, bar in suppressions_of(profile, channels, at).items():
        found[spot] = found.get(spot, NO_BAR).joined(bar)
    return found


def suppressions_of(
    profile: Profile, channels: Collection[str], at: Instant
) -> dict[Destination, Bar]:
    """Where nothing more goes to somebody, whoever has the address next. Since when, older versions
    did not always say: then it is ``at``.
    """
    found: dict[Destination, Bar] = {}
    for place in profile.suppressed:
        channel, _, address = place.partition(" ")
        named = bool(address) and channel.isidentifier()  # and no number with blanks in it
        why = profile.trouble.get(place, Trouble())
        bar = Bar(why.since or at, why.cause, why.rule, why.lifted)
        for name in (channel,) if named else channels:
            spot = destination_of(name, address if named else place)
            found[spot] = found.get(spot, NO_BAR).joined(bar)
    return found


def untold(
    wanted: Mapping[Destination, Bar], known: Mapping[Destination, Bar], at: Instant
) -> dict[Destination, Bar]:
    """Of ``suppressions_of`` people, what is not known against the addresses yet. Where nobody says
    since when, whatever is known of an address is later.
    """
    found: dict[Destination, Bar] = {}
    for destination, bar in wanted.items():
        before = known.get(destination, NO_BAR)
        if bar.since == at and (before.since or before.lifted):
            continue
        if before.joined(bar) != before:
            found[destination] = bar
    return found


def forgotten(channel: str, at: Instant, received: Instant) -> Happened:
    """That somebody who had the address did not want to be known, as the ledger has it."""
    values = {"category": EVERY, "channel": channel, "method": "forgotten"}
    return Happened("consent_withdrawn", at, received, 0, values)
