"""The preference centre without its page: what a person may choose as things stand, and what a form
that comes back says.

One rule: only what somebody changed is said. A form tells what it showed, so an old one that is sent
once more never takes back what was said since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from dsl.calendar import Duration, Instant, add
from dsl.expr.context import Happened
from dsl.policy import EVERY, Category, ConsentRule
from engine.core.consent import THEMSELVES, episode_of
from engine.core.knowing import as_said
from engine.core.preferences import PREFERENCES_SET, heeded_by
from engine.core.profile import Preferences, Profile
from engine.core.program import Program
from engine.core.standing import Standing
from engine.core.suppression import is_suppressed

__all__ = ["METHOD", "PAUSES", "Choice", "Form", "Offer", "Place", "masked", "offer_of", "said_by"]

METHOD: Final = "preference centre"
PAUSES: Final[Mapping[str, Duration]] = MappingProxyType(
    {
        "1 week": Duration(days=7),
        "1 month": Duration(months=1),
        "3 months": Duration(months=3),
    }
)
_SHORT = 8  # characters of a number; less than that, hardly any of it is shown

Place = tuple[str, str]
"""Category and channel."""


class Offer(NamedTuple):
    """What a person may choose: ``places`` says of each whether they have agreed to it, in the
    order of the policy; ``channels`` are those on which they have an address, which is masked.
    """

    places: Mapping[Place, bool]
    categories: Mapping[str, Category]
    channels: Mapping[str, str]
    preferences: Preferences  # a pause only if it is not over
    zone: ZoneInfo
    now: Instant
    left: bool = False  # they have said that they want nothing at all, and nothing else since

    def until(self, pause: str) -> Instant:
        """When a pause ends that begins now."""
        return add(self.now, PAUSES[pause], self.zone)


class Choice(NamedTuple):
    """A limit a week or none, and what is to become of a pause: ``keep``, ``none`` or one of
    ``PAUSES``.
    """

    at_most: int | None
    pause: str


class Form(NamedTuple):
    """What came back: what was ticked when it was shown and is now; the limit that was shown; and
    the choice. ``everything``: they want nothing at all any more.
    """

    was: frozenset[Place] = frozenset()
    ticked: frozenset[Place] = frozenset()
    shown: int | None = None
    choice: Choice = Choice(None, "keep")
    everything: bool = False


def offer_of(
    program: Program,
    profile: Profile,
    history: Mapping[str, Sequence[Happened]],
    now: Instant,
) -> Offer:
    """As things stand now, what nobody has processed yet included."""
    profile = as_said(profile, history)
    standing = Standing(program, profile, {}, history)
    context = standing.context(now)
    policy = program.policy
    channels = {
        name: masked(name, address)
        for name in policy.channels
        if (address := profile.addresses.get(name)) and not is_suppressed(profile, name, address)
    }
    categories = {name: each for name, each in policy.categories.items() if heeded_by(each)}
    places = {}
    for name, category in categories.items():
        rule = category.consent.rule if isinstance(category.consent, ConsentRule) else None
        if rule is not None and not rule.holds(context):
            continue  # what they say here could not change it
        for channel in channels:
            terms = program.terms[name, channel]
            places[name, channel] = terms.consented(profile, context)
    preferences = profile.preferences
    if preferences.paused_until is not None and preferences.paused_until <= now:
        preferences = preferences._replace(paused_until=None)
    nothing = profile.consents.get(f"{EVERY}/{EVERY}", 0)
    left = nothing < 0 and episode_of(profile.consents) < -nothing
    return Offer(places, categories, channels, preferences, context.zone, now, left)


def said_by(form: Form, offer: Offer, source: str, wording: str) -> Iterator[Happened]:
    """The events that a form is: none for what stays as it is."""
    proof = {"method": METHOD, "source": source, "wording": wording, "actor": THEMSELVES}
    if form.everything:
        if not offer.left:
            yield _happened("consent_withdrawn", offer.now, {"category": EVERY, **proof})
        return
    for place, agreed in offer.places.items():
        category, channel = place
        ticked = place in form.ticked
        if ticked not in (place in form.was, agreed):
            name = "consent_granted" if ticked else "consent_withdrawn"
            about = {"category": category, "channel": channel}
            yield _happened(name, offer.now, {**about, **proof})
    known = offer.preferences
    at_most = known.at_most if form.choice.at_most == form.shown else form.choice.at_most
    paused_until = _paused_until(form.choice.pause, offer)
    if (at_most, paused_until) != (known.at_most, known.paused_until):
        said = {"at_most_per_week": at_most, "paused_until": paused_until}
        told = {name: value for name, value in said.items() if value is not None}
        about = {"method": METHOD, "source": source, "actor": THEMSELVES}
        yield _happened(PREFERENCES_SET, offer.now, {**told, **about})


def _happened(name: str, now: Instant, properties: Mapping[str, object]) -> Happened:
    return Happened(name, now, now, 0, properties)


def _paused_until(pause: str, offer: Offer) -> Instant | None:
    match pause:
        case "keep":
            return offer.preferences.paused_until
        case "none":
            return None
        case _:
            return offer.until(pause)


def masked(channel: str, address: str) -> str:
    """Enough of an address for its owner to know it by, and not enough for anybody else."""
    if channel == "push":
        return ""
    name, at, domain = address.rpartition("@")
    if at:
        return f"{name[:1]}…@{domain}"
    return (
        f"{address[:3].rstrip()} … {address[-3:]}"
        if len(address) >= _SHORT
        else f"… {address[-2:]}"
    )
