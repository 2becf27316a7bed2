"""Two people turn out to be one: what is known of them together.

Nothing here depends on which of the two is which, nor on who came first where there are more: so
merging in any order gives the same person. What was set later counts; of words about being written
to, the stricter; contacts add up, so no limit is ever gained by becoming somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from dsl.calendar import Instant
from engine.core.consent import Coverage, stand
from engine.core.origins import OBSERVED, Origin, address_of, channel_in
from engine.core.preferences import stricter
from engine.core.profile import Contact, Identity, Preferences, Profile, Trouble
from engine.core.run import Run
from engine.core.suppression import place_of as place_of_address
from engine.core.suppression import soft_together

__all__ = ["Known", "Restricted", "Together", "consents_together", "join", "older_first"]


class Known(NamedTuple):
    """Somebody, with where what is known of them comes from, and when the store first heard of
    them, as it counts.
    """

    profile: Profile
    origins: Mapping[str, Origin]
    heard: int


class Restricted(NamedTuple):
    """What one of two has withdrawn, and the other has not: it is withdrawn as of the instant of
    the other's word.
    """

    category: str
    channel: str
    at: Instant


class Together(NamedTuple):
    """The one person, and the words of consent that had to be taken back."""

    profile: Profile
    origins: Mapping[str, Origin]
    restricted: Sequence[Restricted]


def join(one: Known, other: Known, coverages: Mapping[tuple[str, str], Coverage]) -> Together:
    """``one`` after ``other`` has gone into them. ``coverages`` says where the ledger speaks of each
    category on each channel.
    """
    mine, yours = one.profile, other.profile
    trouble = _troubles(mine.trouble, yours.trouble)
    suppressed = _suppressed(mine, yours, trouble)
    attributes, origins = _attributes(one, other)
    addresses, also, told = _addresses(one, other, suppressed)
    consents, restricted = consents_together(mine.consents, yours.consents, coverages)
    profile = Profile(
        mine.id,
        attributes,
        addresses,
        consents,
        _contacts(mine.contacts, yours.contacts),
        suppressed,
        _segments(mine.segments, yours.segments),
        mine.wake,
        max((each for each in (mine.woken, yours.woken) if each is not None), default=None),
        _preferences(mine.preferences, yours.preferences),
        trouble,
        mine.tallies,
        _identity(one, other)._replace(also=also),
    )
    return Together(profile, {**origins, **told}, restricted)


def older_first(one: Run, other: Run) -> tuple[Run, Run]:
    """Of two runs the one that entered first, which stays."""
    first = (one.entered, one.id) <= (other.entered, other.id)
    return (one, other) if first else (other, one)


# ---------------------------------------------------------------------- who, and as what drawn


def _identity(one: Known, other: Known) -> Identity:
    """Drawn by the name of whichever the store heard of first."""
    first = min(_unit(one), _unit(other))
    return one.profile.identity._replace(heard=first[0], unit=first[1])


def _unit(known: Known) -> tuple[int, str]:
    identity = known.profile.identity
    return (identity.heard, identity.unit) if identity.unit else (known.heard, known.profile.id)


# ------------------------------------------------------------------------ what is known of them


def _attributes(one: Known, other: Known) -> tuple[dict[str, Any], dict[str, Origin]]:
    """Of each the value that was set later; that one was taken away counts as much."""
    attributes: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    mine, yours = one.profile.attributes, other.profile.attributes
    for name in sorted({*mine, *yours, *one.origins, *other.origins}):
        if channel_in(name) is not None:
            continue
        found = [
            (_told(each.origins, name), place, each.profile.attributes.get(name))
            for place, each in enumerate((one, other))
            if name in each.profile.attributes or name in each.origins
        ]
        origin, _, value = max(found, key=_lateness)
        if value is not None:
            attributes[name] = value
        if origin.at:
            origins[name] = origin
    return attributes, origins


_NEVER = Origin(0)


def _told(origins: Mapping[str, Origin], name: str) -> Origin:
    """Nothing is known of the origins of what was set by an older version."""
    return origins.get(name, _NEVER)


def _lateness(found: tuple[Origin, int, Any]) -> tuple[Any, ...]:
    """Of two set at one instant, whichever: but always the same one. Where nobody knows when either
    was set, what the remaining person had.
    """
    origin, place, value = found
    return origin.at, 0 if origin.at else -place, repr(value), origin.origin


def _addresses(
    one: Known, other: Known, suppressed: frozenset[str]
) -> tuple[dict[str, str], dict[str, Instant], dict[str, Origin]]:
    """Of each channel the address that was told later, unless nothing goes there any more; the
    others are kept beside it. What was only observed counts where nothing was told.
    """
    addresses: dict[str, str] = {}
    also: dict[str, Instant] = {}
    told: dict[str, Origin] = {}
    for channel, found in sorted(_candidates(one, other).items()):
        # An address that was told to be gone is told as well.
        candidates = [each for each in found if each[0].origin != OBSERVED] or found
        usable = [
            each
            for each in candidates
            if each[2] is None or place_of_address(channel, each[2]) not in suppressed
        ]
        chosen = max(usable or candidates, key=_lateness)
        if chosen[2] is not None:
            addresses[channel] = chosen[2]
        if chosen[0].at:
            told[address_of(channel)] = chosen[0]
        for origin, _, address in candidates:
            if address not in (None, chosen[2]) and origin.origin != OBSERVED:
                place = place_of_address(channel, address)
                also[place] = max(origin.at, also.get(place, 0))
    return addresses, dict(sorted(also.items())), told


def _candidates(one: Known, other: Known) -> dict[str, list[tuple[Origin, int, str | None]]]:
    """The addresses of both by channel, taken away ones among them, with their origins."""
    found: dict[str, list[tuple[Origin, int, str | None]]] = {}
    for place, each in enumerate((one, other)):
        known = each.profile.addresses
        channels = {*known, *(name for n in each.origins if (name := channel_in(n)) is not None)}
        for channel in channels:
            origin = _told(each.origins, address_of(channel))
            found.setdefault(channel, []).append((origin, place, known.get(channel)))
        for behind, at in each.profile.identity.also.items():
            channel, _, address = behind.partition(" ")
            found.setdefault(channel, []).append((Origin(at), place, address))
    return found


def _segments(one: Mapping[str, bool], other: Mapping[str, bool]) -> Mapping[str, bool]:
    """Whoever was in a segment under one name has entered it: they are in, until asked again."""
    return {name: one.get(name, False) or other.get(name, False) for name in sorted({*one, *other})}


def _contacts(one: Sequence[Contact], other: Sequence[Contact]) -> tuple[Contact, ...]:
    """Those of both, in the order of decision."""
    together = {each.delivery: each for each in (*other, *one)}
    return tuple(sorted(together.values(), key=lambda each: (each.decided, each.delivery)))


# ----------------------------------------------------------------------------- how they are written to


def consents_together(
    one: Mapping[str, int], other: Mapping[str, int], coverages: Mapping[tuple[str, str], Coverage]
) -> tuple[Mapping[str, int], list[Restricted]]:
    """All words of both, of which the last ones count, as they do in one ledger; and for each
    category on each channel the stricter of both. What one has withdrawn there stays withdrawn,
    whatever the other said later: they did not know of each other.
    """
    together = dict(one)
    for key, said in other.items():
        known = together.get(key, 0)
        if (abs(known), known < 0) < (abs(said), said < 0):
            together[key] = said
    restricted: list[Restricted] = []
    for (category, channel), coverage in sorted(coverages.items()):
        words = Coverage(coverage.keys)  # an existing customer is none any more by any opt-out
        agreed = stand(together, words)
        if agreed > 0 and min(stand(one, words), stand(other, words)) < 0:
            together[f"{category}/{channel}"] = -agreed
            restricted.append(Restricted(category, channel, agreed))
    return together, restricted


def _preferences(one: Preferences, other: Preferences) -> Preferences:
    if not (one.said and other.said):
        return one if one.said else other
    return stricter(one, other)._replace(said=max(one.said, other.said))


def _troubles(one: Mapping[str, Trouble], other: Mapping[str, Trouble]) -> Mapping[str, Trouble]:
    """What is known against addresses, by both. An operator's word is younger than what it lifts."""
    return {
        place: _trouble([each[place] for each in (one, other) if place in each])
        for place in sorted({*one, *other})
    }


def _trouble(known: Sequence[Trouble]) -> Trouble:
    lifted = max(each.lifted for each in known)
    since = max((each.since, each.cause, each.rule) for each in known)
    if since[0] <= lifted:
        since = (0, "", "")
    soft = soft_together([at for each in known for at in each.soft if at > lifted])
    return Trouble(soft, *since, lifted)


def _suppressed(one: Profile, other: Profile, trouble: Mapping[str, Trouble]) -> frozenset[str]:
    lifted = {place for place, each in trouble.items() if each.lifted and not each.since}
    return (one.suppressed | other.suppressed) - _with_old_names(lifted)


def _with_old_names(places: Iterable[str]) -> set[str]:
    """Older versions knew addresses only, whatever the channel."""
    return {name for place in places for name in (place, place.partition(" ")[2])}
