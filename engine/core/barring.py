"""What is known against an address comes to concern a person: they come to have it, or a message to
them was held back because of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from dsl.calendar import Instant
from dsl.policy import EVERY
from engine.core.bars import Bar, destination_of, forgotten, suppressed_by
from engine.core.books import Books, Made
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.ids import word_id
from engine.core.profile import Profile
from engine.core.signals import EventArrived, ProfileChanged
from engine.core.suppression import Suppressed

__all__ = ["came_to", "learn"]


def came_to(
    books: Books, change: ProfileChanged, before: Mapping[str, str], now: Instant
) -> list[Made]:
    """What was known against addresses before somebody came to have them counts for them. Whoever
    had one was forgotten: that is a withdrawal, and what is agreed to later counts again.
    """
    made: list[Made] = []
    for channel, address in change.addresses.items():
        if not address:
            continue
        destination = destination_of(channel, address)
        bar = books.bars.get(destination)
        if bar is None:
            continue
        profile, suppressed = suppressed_by(books.standing.profile, channel, address, bar)
        if suppressed is not None:
            books.standing.become(profile)
            told = Decision(change.person, now, "suppressed", suppressed.cause, channel=channel)
            books.changes.decisions.append(told._replace(detail=suppressed.rule))
        known = before.get(channel)
        fresh = known is None or destination_of(channel, known) != destination
        if fresh and _is_news(books.standing.profile, channel, bar):
            event = forgotten(channel, bar.forgotten, change.received)
            name = word_id(
                f"{channel}/{address}/{bar.forgotten}", change.person, "consent_withdrawn"
            )
            made.append(EventArrived(name, change.person, event._replace(number=books.number())))
    return made


def learn(books: Books, profile: Profile, delivery: Delivery) -> tuple[Profile, Suppressed | None]:
    """A message was held back because of what is known against its address: whoever has it now
    knows that, if it still holds.
    """
    bar = books.bars.get(destination_of(delivery.channel, delivery.address))
    if bar is None or profile.addresses.get(delivery.channel) != delivery.address:
        return profile, None
    return suppressed_by(profile, delivery.channel, delivery.address, bar)


def _is_news(profile: Profile, channel: str, bar: Bar) -> bool:
    """Whether they have not said anything later about all that goes there."""
    said = (abs(profile.consents.get(f"{EVERY}/{each}", 0)) for each in (channel, EVERY))
    return bool(bar.forgotten) and all(at < bar.forgotten for at in said)
