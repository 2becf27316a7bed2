"""How much a person wants to hear from us, in their own words: at most so many messages a week, and
none for a while (language reference, section 4.5).

It concerns every category that needs consent, whatever limits of the company's that one ignores,
and only such messages count. What needs no consent is neither held back nor counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from dsl.calendar import Instant, local
from dsl.expr.context import Happened
from dsl.machine import Calendar, Cap, Category, ConsentNotNeeded
from engine.core.caps import first_full
from engine.core.profile import Contact, Preferences, Profile

__all__ = [
    "OWN",
    "PREFERENCES_SET",
    "Withheld",
    "heeded_by",
    "limit_of",
    "preferred",
    "said_in",
    "stricter",
    "wishes",
    "withheld_by",
]

PREFERENCES_SET: Final = "preferences_set"
OWN: Final = "the person's own"
"""How every detail begins that tells of a limit which is not the company's."""

_WEEK = Calendar("week")


class Withheld(NamedTuple):
    """Not now. ``until`` None: nobody knows until when."""

    until: Instant | None
    detail: str


def preferred(profile: Profile, event: Happened) -> Profile:
    """The person after a ``preferences_set``, which says all there is to say: what it leaves out
    is no limit, and no pause. The word that was said last counts; of two said at one instant, the
    stricter part of each.
    """
    known, said = profile.preferences, said_in(event)
    if known.said == said.said:
        said = stricter(known, said)
    return profile if known.said > said.said else profile._replace(preferences=said)


def stricter(one: Preferences, other: Preferences) -> Preferences:
    """Of both limits the lower, and of both pauses the longer."""
    limits = [each.at_most for each in (one, other) if each.at_most is not None]
    pauses = [each.paused_until for each in (one, other) if each.paused_until is not None]
    return Preferences(min(limits, default=None), max(pauses, default=None), one.said)


def said_in(event: Happened) -> Preferences:
    """What a ``preferences_set`` says."""
    return Preferences(
        _whole(event.properties, "at_most_per_week"),
        _whole(event.properties, "paused_until"),
        max(1, event.occurred),
    )


def wishes(preferences: Preferences, zone: ZoneInfo) -> list[str]:
    """Their own limits, in words."""
    most, paused_until, _ = preferences
    words = (
        [] if most is None else [f"at most {most} {'message' if most == 1 else 'messages'} a week"]
    )
    if paused_until is not None:
        words.append(f"none until {_moment(paused_until, zone)}")
    return words


def _moment(at: Instant, zone: ZoneInfo) -> str:
    here = local(at, zone)
    return f"{here.day} {here:%B %Y, %H:%M}"


def _whole(properties: Mapping[str, Any], name: str) -> int | None:
    value = properties.get(name)
    return max(value, 0) if isinstance(value, int) else None


def heeded_by(category: Category | None) -> bool:
    """Whether messages of the category are the person's to limit. Of one that nobody knows any
    more, nobody can say that it was not.
    """
    return category is None or not isinstance(category.consent, ConsentNotNeeded)


def limit_of(detail: str) -> str:
    """The limit that a detail tells of, as reports count it: people's own ones together."""
    if not detail.startswith(OWN):
        return detail
    return "people's own limits" if detail.startswith(f"{OWN} limit") else "people's own pauses"


def withheld_by(
    preferences: Preferences,
    contacts: Sequence[Contact],
    categories: Mapping[str, Category],
    now: Instant,
    zone: ZoneInfo,
) -> Withheld | None:
    """What the person has said that stands in the way of one more message beside ``contacts``."""
    most, paused_until = preferences.at_most, preferences.paused_until
    if paused_until is not None and paused_until > now:
        return Withheld(paused_until, f"{OWN} pause, until {_moment(paused_until, zone)}")
    if most is None:
        return None
    words = f"{OWN} limit: at most {most} per week"
    if most == 0:
        return Withheld(None, words)
    counted = [each for each in contacts if heeded_by(categories.get(each.category))]
    cap = Cap(most, _WEEK, None, None, words, "")
    full = first_full((cap,), counted, "", "", now, zone)
    return None if full is None else Withheld(full.free, words)
