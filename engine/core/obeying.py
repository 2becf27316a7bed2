"""STOP, START and HELP: what becomes of consent, and the one text that answers.

What answers is a delivery like any other, of a category of its own that no policy can have. It is
somebody's own business: it asks for no consent, waits for no hour and counts for no cap. That there
is one for a word is decided where the word is heard, and its name is that of the word: so it is
never made twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels.replies import Word
from dsl.calendar import HOUR, MINUTE, Instant
from dsl.expr.context import Happened
from dsl.policy import EVERY, ConsentNotNeeded, ConsentRequired
from engine.core.books import Books, Made
from engine.core.consent import CONSENT_EVENTS, Entry, entry_of, stand, with_word
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.ids import word_id
from engine.core.lanes import lane_of
from engine.core.numbers import Said, number_in
from engine.core.signals import EventArrived, ProfileChanged, WordSaid
from engine.core.wordings import wording

__all__ = ["ANSWERS", "NUMBERED", "moved_in", "numbers_in", "obey", "unheard", "withdrawal"]

ANSWERS: Final = "stop and help"
"""The category of what is answered. Those of policies have no blanks in their names."""

NUMBERED: Final = ("sms", "whatsapp")
"""The channels on which people have numbers and can write."""

_REPLY = "reply"
_WITHIN: Mapping[Word, Instant] = {"stop": 5 * MINUTE, "start": 5 * MINUTE, "help": HOUR}
_NAMES: Mapping[Word, str] = {"stop": "confirmation", "start": "welcome back", "help": "help"}


def obey(books: Books, said: WordSaid, now: Instant) -> list[Made]:
    """What comes of a word. STOP itself is in the ledger already."""
    if said.answer and said.channel in books.program.policy.channels:
        _answer(books, said, now)
    if said.word != "start":
        return []
    return [
        _word(books, said, "consent_granted", category, channel)
        for category, channel in _given_back(books, said)
    ]


def withdrawal(channel: str, number: str, at: Instant, received: Instant) -> Happened:
    """STOP, as the ledger has it. ``channel`` is ``*`` if it counts for all of them."""
    values = {"category": EVERY, "method": _REPLY, "source": number}
    if channel != EVERY:
        values["channel"] = channel
    return Happened("consent_withdrawn", at, received, 0, values)


def unheard(consents: Mapping[str, int], channel: str, said: Said | None) -> bool:
    """Whether a number has said STOP last, and the ledger of who has it does not know: they came
    by the number later, or at that very moment.
    """
    if said is None or not said.is_stopped:
        return False
    return all(abs(consents.get(f"{EVERY}/{each}", 0)) < said.stopped for each in (channel, EVERY))


def moved_in(
    books: Books, change: ProfileChanged, said: Mapping[tuple[str, str], Said]
) -> list[Made]:
    """What numbers have said before somebody came to have them counts for them."""
    made: list[Made] = []
    for channel in NUMBERED:
        number = number_in(change.addresses.get(channel))
        told = said.get((channel, number or ""))
        if number is None or told is None:
            continue
        if unheard(books.standing.profile.consents, channel, told):
            event = withdrawal(channel, number, told.stopped, change.received)
            name = word_id(f"{channel}/{number}/{told.stopped}", change.person, event.name)
            made.append(EventArrived(name, change.person, event._replace(number=books.number())))
    return made


def numbers_in(addresses: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """The numbers in addresses that somebody comes to have, by channel."""
    for channel in NUMBERED:
        number = number_in(addresses.get(channel))
        if number is not None:
            yield channel, number


def _given_back(books: Books, said: WordSaid) -> list[tuple[str, str]]:
    """The categories and channels of which STOP took consent away that had been given: no more."""
    consents, program = books.standing.profile.consents, books.program
    words = [
        entry
        for name in CONSENT_EVENTS
        for event in books.history.get(name, ())
        if (entry := entry_of("", said.person, event)) is not None
    ]
    stops = {-said.stopped} | {each.said for each in words if _is_stop(each)}
    taken = [
        key
        for key in (f"{EVERY}/{said.channel}", f"{EVERY}/{EVERY}")
        if -said.occurred < consents.get(key, 0) < 0 and consents[key] in stops
    ]
    before: Mapping[str, int] = {k: at for k, at in consents.items() if k not in taken}
    for entry in words:  # what the STOP stands in the place of
        if entry.key in taken and not _is_stop(entry):
            before = with_word(before, entry)
    channels = program.policy.channels if f"{EVERY}/{EVERY}" in taken else (said.channel,)
    back: list[tuple[str, str]] = []
    for (category, channel), terms in program.terms.items():
        consent = terms.category.consent
        if not taken or channel not in channels or isinstance(consent, ConsentNotNeeded):
            continue
        stood = stand(before, terms.coverage)
        if stood > 0 or (stood == 0 and not isinstance(consent, ConsentRequired)):
            back.append((category, channel))
    return back


def _is_stop(entry: Entry) -> bool:
    return entry.word == "withdrawn" and entry.category == EVERY and entry.method == _REPLY


def _word(books: Books, said: WordSaid, event: str, category: str, channel: str) -> EventArrived:
    values: dict[str, Any] = {
        "category": category,
        "channel": channel,
        "method": _REPLY,
        "source": said.address,
    }
    happened = Happened(event, said.occurred, said.received, books.number(), values)
    return EventArrived(
        word_id(said.id, said.person, f"{category}/{channel}"), said.person, happened
    )


def _answer(books: Books, said: WordSaid, now: Instant) -> None:
    """Within five minutes or not at all: later, nobody would know what is confirmed."""
    language = books.standing.context(now).language
    name = _NAMES[said.word]
    books.changes.deliveries.append(
        Delivery(
            id=word_id(said.id, said.person, "answer"),
            person=said.person,
            journey="",
            run=said.id,
            step=said.word,
            channel=said.channel,
            category=ANSWERS,
            message=name,
            address=said.address,
            parts={"text": wording(books.program.policy, said.word, language)},
            decided=now,
            due=now,
            expires=said.occurred + _WITHIN[said.word],
            lane=lane_of(said.channel, ANSWERS),
        )
    )
    books.changes.decisions.append(
        Decision(said.person, now, "sent", name, "", said.id, said.word, said.channel)
    )
