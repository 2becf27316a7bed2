"""What one person has said about being written to, and what follows from it, told for people: now,
or as it was at another time, and as it was known at another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dsl.calendar import Instant, at_local, from_datetime, local
from dsl.machine import ConsentNotNeeded, ConsentRule, Policy
from dsl.policy import EVERY, Category
from engine.core.consent import Entry, Stance, completed, stance
from engine.core.zones import recipient_zone, zone_called
from engine.deploy import deployed_project
from engine.operator import OperatorError
from engine.store.called import who_is
from engine.store.protocol import Store
from engine.why.proofs import iso, proof_of, word_as_data

__all__ = [
    "Follows",
    "Ledger",
    "as_data",
    "as_text",
    "consents_in",
    "ledger_of",
    "moment_of",
]

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_VERBS = {"granted": "agreed to", "withdrawn": "withdrew", "pending": "asked for"}
_SAID = {
    "granted": "agreed on {day}",
    "withdrawn": "withdrawn on {day} ({about})",
    "pending": "asked for on {day}, and not confirmed",
    "existing customer": "bought on {day}, and did not object",
}


class Follows(NamedTuple):
    """Whether a message of a category may go on a channel; None: a rule of the policy says so."""

    category: str
    channel: str
    may: bool | None
    why: str
    stance: Stance


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was said by ``valid_at``, as far as it was known at ``known_at``, and what follows."""

    person: str
    zone: ZoneInfo
    valid_at: Instant
    known_at: Instant
    words: tuple[Entry, ...]
    follows: tuple[Follows, ...]
    left_out: int  # words that were said or heard later
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # that were agreed to


def ledger_of(
    person: str,
    entries: Sequence[Entry],
    policy: Policy,
    zone: ZoneInfo,
    valid_at: Instant,
    known_at: Instant,
) -> Ledger:
    """The ledger of a person, in the order in which things were said."""
    seen = [each for each in entries if each.occurred <= valid_at and each.received <= known_at]
    seen.sort(key=lambda each: (each.occurred, each.received))
    follows = tuple(
        _follows(category, channel, stance(seen, category, channel, valid_at, known_at), zone)
        for category in policy.categories.values()
        for channel in policy.channels
    )
    shown = {each.wording for each in seen}
    texts = {name: text for name, text in policy.consent_texts.items() if name in shown}
    later = len(entries) - len(seen)
    return Ledger(person, zone, valid_at, known_at, tuple(seen), follows, later, texts)


def consents_in(
    store: Store, person: str, now: Instant, at: str | None = None, known_at: str | None = None
) -> Ledger | None:
    """The ledger of somebody in a store, on their own clock; None of who was never heard of. The
    times are as people write them, and now if nothing is written.
    """
    project = deployed_project(store)
    zone = None if project is None else zone_called(project.policy.zone)
    if project is None or zone is None:
        raise OperatorError("Nothing is deployed in this store yet, so no category is known.")
    person = who_is(store, person)
    view = store.people([person], ()).get(person)
    if view is None:
        return None
    own = recipient_zone(view.profile.attributes, zone)
    valid, known = (_asked(text, own, now) for text in (at, known_at))
    words = completed(store.consents(person), person, view.profile.consents)
    return ledger_of(person, words, project.policy, own, valid, known)


def _asked(text: str | None, zone: ZoneInfo, now: Instant) -> Instant:
    if not text:
        return now
    try:
        return moment_of(text, zone)
    except ValueError:
        raise OperatorError(
            f'"{text[:40]}" is no date: write 2026-05-03, or 2026-05-03 09:00.'
        ) from None


def moment_of(text: str, zone: ZoneInfo) -> Instant:
    """The instant that somebody has written; of a date alone, its end. Raises ValueError."""
    text = text.strip()
    if _DATE.fullmatch(text):
        return at_local(date.fromisoformat(text) + timedelta(days=1), time(), zone) - 1
    moment = datetime.fromisoformat(text)
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=zone))


# ------------------------------------------------------------------------------- what follows


def _follows(category: Category, channel: str, found: Stance, zone: ZoneInfo) -> Follows:
    may: bool | None
    match category.consent:
        case ConsentNotNeeded():
            reason = f": {category.because}" if category.because else ""
            may, why = found.what != "withdrawn", f"needs no consent{reason}"
        case ConsentRule(rule):
            may = False if found.what == "withdrawn" else None
            why = rule.text
        case _:
            may, why = found.agrees, "nothing was said"
    if found.entry is not None and (why == "nothing was said" or found.what == "withdrawn"):
        why = _because(found, found.entry, zone)
    return Follows(category.name, channel, may, why, found)


def _because(found: Stance, entry: Entry, zone: ZoneInfo) -> str:
    return _SAID[found.what].format(day=_day(entry.occurred, zone), about=_about(entry))


# ------------------------------------------------------------------------------------- telling


def as_text(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """The ledger line by line, each with its sort: title, head, a word, yes, no, rule, about."""
    zone = ledger.zone
    valid, known = (_moment(at, zone) for at in (ledger.valid_at, ledger.known_at))
    known = "" if ledger.known_at == ledger.valid_at else f", by what was known on {known}"
    yield "title", f"{ledger.person}, as of {valid}{known} ({zone.key})"
    yield "head", "\nWhat was said"
    if not ledger.words:
        yield "about", "  nothing"
    dates = [_moment(each.occurred, zone) for each in ledger.words]
    width = max(map(len, dates), default=0)
    for said, entry in zip(dates, ledger.words, strict=True):
        yield entry.word, f"  {said:<{width}}  {_VERBS[entry.word]} {_about(entry)}"
        for more in _more(entry, zone):
            yield "about", f"  {'':{width}}  {more}"
        for language, text in ledger.texts.get(entry.wording, {}).items():
            where = f"{language}: " if language else ""
            yield "about", f"  {'':{width}}  {where}“{' '.join(text.split())}”"
    if ledger.left_out:
        words = "word was" if ledger.left_out == 1 else "words were"
        yield "about", f"  {ledger.left_out} {words} said or heard later"
    yield "head", "\nWhat follows"
    yield from _table(ledger.follows)


def _table(follows: Sequence[Follows]) -> Iterator[tuple[str, str]]:
    """Channels of which the same is to be said are one line."""
    rows: list[tuple[str, str, Follows]] = []
    for category, group in groupby(follows, key=lambda each: each.category):
        cells = list(group)
        alike: dict[tuple[bool | None, str], list[Follows]] = {}
        for each in cells:
            alike.setdefault((each.may, each.why), []).append(each)
        name = category
        for same in alike.values():
            channels = ", ".join(each.channel for each in same)
            rows.append((name, "every channel" if len(same) == len(cells) else channels, same[0]))
            name = ""
    first = max((len(name) for name, _, _ in rows), default=0)
    second = max((len(channels) for _, channels, _ in rows), default=0)
    for name, channels, each in rows:
        answer = {True: "yes", False: "no", None: "rule"}[each.may]
        yield answer, f"  {name:<{first}}  {channels:<{second}}  {answer:<4}  {each.why}"


def _about(entry: Entry) -> str:
    what = "everything" if entry.category == EVERY else entry.category
    return what if entry.channel == EVERY else f"{what} on {entry.channel}"


def _more(entry: Entry, zone: ZoneInfo) -> Iterator[str]:
    """What proves a word, why it may be none, and that it came late."""
    proof = proof_of(entry)
    if proof:
        yield proof
    if entry.word != "pending" and not entry.counts:
        yield "grants nothing: it lacks its proof"
    if local(entry.received, zone).date() != local(entry.occurred, zone).date():
        yield f"heard on {_moment(entry.received, zone)}"


def _day(at: Instant, zone: ZoneInfo) -> str:
    day = local(at, zone)
    return f"{day.day} {day:%B %Y}"


def _moment(at: Instant, zone: ZoneInfo) -> str:
    return f"{_day(at, zone)}, {local(at, zone):%H:%M}"


def as_data(ledger: Ledger) -> Mapping[str, Any]:
    """The ledger for programs. A category or channel that is null is all of them."""
    return {
        "person": ledger.person,
        "time_zone": ledger.zone.key,
        "at": iso(ledger.valid_at),
        "known_at": iso(ledger.known_at),
        "words": [word_as_data(each) for each in ledger.words],
        "texts": {name: dict(text) for name, text in ledger.texts.items()},
        "later": ledger.left_out,
        "follows": [
            {
                "category": each.category,
                "channel": each.channel,
                "may": each.may,
                "why": each.why,
                "stands": each.stance.what,
                "word": each.stance.entry.id if each.stance.entry else None,
            }
            for each in ledger.follows
        ],
    }
