"""A story, from its parts to its words: the person, their history, what was decided.

Made from what the engine keeps anyway: history, decisions and deliveries. In the order of time,
on the person's own clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from babel.numbers import format_currency

from dsl.calendar import Instant, local
from dsl.currencies import minor_units
from dsl.expr.context import Happened
from dsl.kinds import Instant as InstantKind
from dsl.kinds import Money
from dsl.plan import TrackingPlan, membership_event
from dsl.policy import EVERY, Category
from engine.core.consent import Entry, completed, place_of
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.preferences import PREFERENCES_SET, said_in, wishes
from engine.core.profile import Profile
from engine.core.zones import recipient_zone
from engine.store.called import who_is
from engine.store.protocol import Aside, PersonView
from engine.why.proofs import Rests, proof_of, rests_as_data, rests_on
from engine.why.telling import Line, Sending, Teller

__all__ = ["Memory", "Names", "Story", "as_data", "as_text", "tell"]

_MOST_PROPERTIES = 5
_LONGEST_VALUE = 40


class Memory(Protocol):
    """Where a story comes from: a store, or the results of a simulation."""

    def people(self, ids: Sequence[str], events: Iterable[str]) -> dict[str, PersonView]: ...

    def decisions(self, person: str) -> list[Decision]: ...

    def deliveries_of(self, person: str) -> list[Delivery]: ...

    def consents(self, person: str) -> list[Entry]: ...


@dataclass(frozen=True, slots=True)
class Names:
    """What is to be known of a project to tell a story: its events, which of their properties are
    amounts (in which currency), which attributes are personal, and the company's zone.

    ``moments`` are the properties of each event, and under no name the attributes, that are
    instants.
    """

    zone: ZoneInfo
    events: tuple[str, ...]
    amounts: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    personal: frozenset[str] = frozenset()
    moments: Mapping[str, Collection[str]] = field(default_factory=lambda: MappingProxyType({}))
    categories: Mapping[str, Category] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(
        cls,
        plan: TrackingPlan,
        zone: ZoneInfo,
        segments: Iterable[str] = (),
        categories: Mapping[str, Category] = MappingProxyType({}),
    ) -> Names:
        """Those of a tracking plan, of segments that people come into and leave, and of the
        policy's categories.
        """
        amounts = {
            event.name: {
                each.name: each.kind.currency
                for each in event.properties.values()
                if isinstance(each.kind, Money)
            }
            for event in plan.events.values()
        }
        personal = frozenset(each.name for each in plan.attributes.values() if each.personal)
        moments = {
            name: [each.name for each in fields.values() if isinstance(each.kind, InstantKind)]
            for name, fields in (
                ("", plan.attributes),
                *((event.name, event.properties) for event in plan.events.values()),
            )
        }
        comings = [membership_event(s, entered=come) for s in segments for come in (True, False)]
        return cls(zone, (*plan.events, *comings), amounts, personal, moments, categories)


@dataclass(frozen=True, slots=True)
class Story:
    """A person and what happened, in the order of time."""

    person: str
    zone: ZoneInfo
    about: tuple[str, ...]
    lines: tuple[Line, ...]


def tell(memory: Memory, person: str, names: Names) -> Story | None:
    """The story of a person; None for somebody nobody has heard of."""
    asked, person = person, who_is(memory, person)
    view = memory.people([person], names.events).get(person)
    if view is None:
        return None
    deliveries = memory.deliveries_of(person)
    texts = {(each.run, each.step, each.channel): _headline(each) for each in deliveries}
    words = completed(memory.consents(person), person, view.profile.consents)
    sorts = {(each.run, each.step, each.channel): each.category for each in deliveries}

    def rests(sending: Sending, at: Instant) -> Rests | None:
        category = names.categories.get(sorts.get(sending, ""))
        return rests_on(words, category, sending[-1], at)

    decided = Teller(texts, rests).lines(memory.decisions(person))
    zone = recipient_zone(view.profile.attributes, names.zone)
    told = [*_history(view.history, names, zone), *decided]
    told.sort(key=lambda line: line.at)  # stable: what somebody did comes before what it led to
    about = (
        *([f"is the one who was known as {asked}"] if asked != person else ()),
        *_about(view.profile, names, zone),
        *_on_the_way(deliveries, zone),
        *_set_aside(view.aside, zone),
    )
    return Story(person, zone, about, tuple(_counted(told)))


def _counted(told: Sequence[Line]) -> Iterator[Line]:
    """What happened several times at one instant is told once."""
    times = Counter(told)
    for line in dict.fromkeys(told):
        often = times[line]
        yield line if often == 1 else line._replace(text=f"{line.text} ({often} times)")


# ------------------------------------------------------------------------------- the person


def _about(profile: Profile, names: Names, zone: ZoneInfo) -> tuple[str, ...]:
    known = {k: v for k, v in profile.attributes.items() if k not in names.personal}
    words = _Words("", names, zone)
    lines = [
        ", ".join(f"{name} {words.value(name, value)}" for name, value in sorted(known.items()))
    ]
    lines.append("can be reached on " + (", ".join(sorted(profile.addresses)) or "no channel"))
    given = sorted(key for key, at in profile.consents.items() if at > 0)
    taken = sorted(key for key, at in profile.consents.items() if at < 0)
    lines.append("agreed to " + (", ".join(map(_consent, given)) or "nothing"))
    if taken:
        lines.append("withdrew " + ", ".join(map(_consent, taken)))
    own = wishes(profile.preferences, zone)
    if own:
        lines.append("wants " + " and ".join(own))
    return tuple(line for line in lines if line)


def _on_the_way(deliveries: Sequence[Delivery], zone: ZoneInfo) -> Iterator[str]:
    """Messages that are decided and not handed over, which no decision tells of yet."""
    for each in deliveries:
        if each.status not in ("queued", "calling"):
            continue
        since, due = local(each.decided, zone), local(each.due, zone)
        message = f"a message on {each.channel}{_headline(each)}"
        tried = f", tried {each.attempts} times" if each.attempts > 1 else ""
        if each.status == "calling":
            yield f"{message} is just being handed over{tried}"
        elif each.due > each.decided:
            yield f"{message} waits until {due.day} {due:%B %Y, %H:%M}{tried}"
        else:
            yield f"{message} has waited for its turn since {since.day} {since:%B %Y, %H:%M}{tried}"


def _set_aside(aside: Aside | None, zone: ZoneInfo) -> Iterator[str]:
    if aside is not None:
        at = local(aside.since, zone)
        yield (
            f"has been set aside since {at.day} {at:%B %Y, %H:%M}, because of a bug in Wayline:"
            f" {aside.reason}"
        )
        yield "nothing more is done until they are released: wayline set-aside release"


def _consent(key: str) -> str:
    category, channel, basis = place_of(key)
    what = "everything" if category == EVERY else category
    where = what if channel == EVERY else f"{what} on {channel}"
    return where if basis == "consent" else f"{where} ({basis})"


# ----------------------------------------------------------------------------- what they did


def _history(
    history: Mapping[str, Sequence[Happened]], names: Names, zone: ZoneInfo
) -> Iterator[Line]:
    happened = [event for each in history.values() for event in each]
    for event in sorted(happened, key=lambda each: (each.occurred, each.number)):
        if event.name.startswith(("message_sent", "message_failed")):
            continue  # the decisions tell these
        yield Line(event.occurred, "did", _event(event, _Words(event.name, names, zone)))


def _event(event: Happened, words: _Words) -> str:
    shown = [
        f"{name} ({len(value)})"
        if isinstance(value, list)
        else f"{name} {words.value(name, value)}"
        for name, value in event.properties.items()
        if value not in (None, "", []) and not (words.amounts and name == "currency")
    ]
    more = len(shown) - _MOST_PROPERTIES
    if more > 0:
        shown = [*shown[:_MOST_PROPERTIES], f"{more} more"]
    name = event.name.replace("_", " ")
    if event.name == PREFERENCES_SET:
        return "wishes for " + (" and ".join(wishes(said_in(event), words.zone)) or "no limit")
    return f"{name}: {', '.join(shown)}" if shown else name


class _Words:
    """Values of one event, or of the person, as people write them."""

    def __init__(self, owner: str, names: Names, zone: ZoneInfo) -> None:
        self.amounts = names.amounts.get(owner, {})
        self._moments = names.moments.get(owner, ())
        self.zone = zone

    def value(self, name: str, value: object) -> str:
        """The value of a property or an attribute."""
        currency = self.amounts.get(name)
        if currency is not None and isinstance(value, int):
            amount = Decimal(value).scaleb(-minor_units(currency))
            return str(format_currency(amount, currency, locale="en_GB"))
        if name in self._moments and isinstance(value, int):
            at = local(value, self.zone)
            return f"{at.day} {at:%B %Y, %H:%M}"
        return _plain(value)


def _plain(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list() | dict():
            return f"{len(value)} values"
        case _:
            text = str(value)
            return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _headline(delivery: Delivery) -> str:
    parts = delivery.parts
    for name in ("subject", "title", "text"):
        if parts.get(name):
            return f": “{_plain(parts[name])}”"
    return ""


# ------------------------------------------------------------------------------------ telling


def _days(story: Story) -> Iterator[tuple[date, list[tuple[datetime, Line]]]]:
    stamped = [(local(line.at, story.zone), line) for line in story.lines]
    for day, lines in groupby(stamped, key=lambda each: each[0].date()):
        yield day, list(lines)


def as_text(story: Story) -> Iterator[tuple[str, str]]:
    """The story line by line, each with its sort: ``title``, ``about``, ``day`` or a line's."""
    yield "title", f"{story.person}, on the clock of {story.zone.key}"
    for known in story.about:
        yield "about", f"  {known}"
    for day, lines in _days(story):
        yield "day", f"\n{day:%A} {day.day} {day:%B %Y}"
        for moment, line in lines:
            yield line.sort, f"  {moment:%H:%M}  {line.text}"
            entry = None if line.rests is None else line.rests.stance.entry
            proof = "" if entry is None else proof_of(entry)
            if entry is not None and proof:
                said = local(entry.occurred, story.zone)
                yield "about", f"         agreed on {said.day} {said:%B %Y} {proof}"


def as_data(story: Story) -> Mapping[str, Any]:
    """The story for programs."""
    return {
        "person": story.person,
        "time_zone": story.zone.key,
        "about": list(story.about),
        "days": [
            {
                "day": day.isoformat(),
                "lines": [
                    {
                        "at": moment.isoformat(),
                        "sort": line.sort,
                        "journey": line.journey,
                        "text": line.text,
                        **({"consent": rests_as_data(line.rests)} if line.rests else {}),
                    }
                    for moment, line in lines
                ],
            }
            for day, lines in _days(story)
        ],
    }
