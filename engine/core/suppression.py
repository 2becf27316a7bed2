"""Addresses that are not written to any more: which words of providers end in that, why, and what an
operator's word changes.

Only what is about the mailbox itself does: refused for good, a complaint, or soft bounces again and
again (what a server refuses until we give up is one, too). In which order and how often it is told
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dsl.calendar import DAY, Instant
from dsl.expr.context import Happened
from engine.core.effects import Delivery
from engine.core.profile import Profile, Trouble
from engine.core.signals import ReceiptArrived

__all__ = [
    "LIFTED",
    "SOFT",
    "Suppressed",
    "is_suppressed",
    "judge",
    "lift",
    "place_of",
    "soft_together",
]

SOFT = "transient alone"
"""The class of what was refused to the last, for now, and because of the recipient alone."""
LIFTED = "suppression lifted"
"""The event of an operator's word. No event of a tracking plan can have a name with blanks."""

# A full mailbox is emptied within days, and a server is repaired; five days of a month on which
# mail came back are neither. Counted are days, because somebody who is written to often would be
# given up within one bad day; and nothing in between counts as better, because most servers never
# tell that anything was delivered.
_MOST_DAYS = 5
_WITHIN = 30 * DAY
_FORGET = 2 * _WITHIN
_MOST_KEPT = 64
_SOFTLY = frozenset({("bounced", "transient"), ("refused", SOFT)})


class Suppressed(NamedTuple):
    """Why an address is not written to any more."""

    cause: str
    rule: str


def place_of(channel: str, address: str) -> str:
    """An address on a channel: somebody whom no text message reaches may well have WhatsApp."""
    return f"{channel} {address}"


def is_suppressed(profile: Profile, channel: str, address: str) -> bool:
    """Whether nothing more goes there. Older versions knew addresses only, whatever the channel."""
    known = profile.suppressed
    return bool(known) and (address in known or place_of(channel, address) in known)


def judge(
    profile: Profile, receipt: ReceiptArrived, delivery: Delivery
) -> tuple[Profile, Suppressed | None]:
    """The profile after a word of a provider; and why, if the address is suppressed by it now."""
    soft = (receipt.what, receipt.failure) in _SOFTLY
    if not soft and receipt.failure != "permanent_recipient":
        return profile, None
    place = place_of(delivery.channel, delivery.address)
    before = profile.trouble.get(place, Trouble())
    if before.lifted and receipt.occurred <= before.lifted:
        return profile, None  # an operator knew of it, or of what came after it
    after, cause = _softly(before, receipt) if soft else (before, _cause(receipt))
    if cause:
        first = (receipt.occurred, cause, receipt.rule)
        if before.since:
            first = min(first, (before.since, before.cause, before.rule))
        after = after._replace(since=first[0], cause=first[1], rule=first[2])
    if after == before:
        return profile, None
    fresh = bool(cause) and not is_suppressed(profile, delivery.channel, delivery.address)
    return (
        profile._replace(
            trouble={**profile.trouble, place: after},
            suppressed=profile.suppressed | {place} if fresh else profile.suppressed,
        ),
        Suppressed(cause, receipt.rule) if fresh else None,
    )


def lift(profile: Profile, event: Happened) -> Profile:
    """The profile after an operator has said that an address is to be written to again."""
    channel, address = [str(event.properties.get(name)) for name in ("channel", "address")]
    place = place_of(channel, address)
    before = profile.trouble.get(place, Trouble())
    if event.occurred < max(before.since, before.lifted):
        return profile
    soft = tuple(each for each in before.soft if each > event.occurred)
    return profile._replace(
        trouble={**profile.trouble, place: Trouble(soft=soft, lifted=event.occurred)},
        suppressed=profile.suppressed - {place, address},
    )


def soft_together(bounces: Iterable[Instant]) -> tuple[Instant, ...]:
    """When messages bounced softly, in order, and no more of them than matter."""
    return tuple(sorted({*bounces})[-_MOST_KEPT:])


def _cause(receipt: ReceiptArrived) -> str:
    match receipt.what:
        case "complained":
            return "a complaint"
        case "bounced":
            return "a hard bounce"
        case _:
            return "refused for good"


def _softly(before: Trouble, receipt: ReceiptArrived) -> tuple[Trouble, str]:
    """One more soft bounce, and the cause if it is one too many."""
    since = receipt.received - _FORGET
    known = [*[each for each in before.soft if each > since], receipt.occurred]
    after = before._replace(soft=soft_together(known))
    days = sorted({each // DAY for each in after.soft})
    often = any(
        last - first <= _WITHIN // DAY
        for first, last in zip(days, days[_MOST_DAYS - 1 :], strict=False)
    )
    return after, f"{_MOST_DAYS} days with soft bounces within 30" if often else ""
