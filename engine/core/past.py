"""What is known of a person from before we knew them: it is history, and starts nothing.

What was brought in from elsewhere says so by its id. So every store keeps it without a column of
its own, through the log, the inbox, an export and a restart; and nobody outside can send such an id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.core.consent import CONSENT_EVENTS
from engine.core.knowing import changed
from engine.core.origins import Origin, origins_of
from engine.core.preferences import PREFERENCES_SET
from engine.core.profile import Profile
from engine.core.signals import Arrival, EventArrived, ProfileChanged

__all__ = ["PAST", "Plain", "is_past", "is_plain", "newcomer"]

PAST = "past:"
"""How the ids begin."""

Plain = EventArrived | ProfileChanged
"""What changes nothing but what is known of a person."""


def is_past(arrival: Arrival) -> bool:
    """Whether it is history: no journey starts by it, and nobody enters a segment."""
    return arrival.id.startswith(PAST)


def is_plain(arrival: Arrival) -> bool:
    """Whether it can be written down about somebody new as it is. What people want to be sent goes
    through the ledger, and so by the way of everything else.
    """
    if isinstance(arrival, ProfileChanged):
        return arrival.id.startswith(PAST)
    if not isinstance(arrival, EventArrived) or not is_past(arrival):
        return False
    return arrival.event.name not in CONSENT_EVENTS and arrival.event.name != PREFERENCES_SET


def newcomer(person: str, past: Iterable[Arrival]) -> tuple[Profile, Mapping[str, Origin]]:
    """Somebody of whom nothing was known, after their past, in its order; and where what is known
    of them comes from.
    """
    profile = Profile(person)
    origins: dict[str, Origin] = {}
    for each in past:
        if isinstance(each, ProfileChanged):
            profile = changed(profile, each)
            origins.update(origins_of(each))
    return profile, origins
