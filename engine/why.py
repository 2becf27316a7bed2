"""One person's story in words: what they did, what was sent, what was not, and why.

Made from what the engine keeps anyway: history, decisions and deliveries. In the order of time,
on the person's own clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, assert_never
from zoneinfo import ZoneInfo

from babel.numbers import format_currency

from dsl.calendar import Instant, local
from dsl.currencies import minor_units
from dsl.expr.context import Happened
from dsl.kinds import Money
from dsl.plan import TrackingPlan
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.profile import Profile
from engine.core.zones import recipient_zone
from engine.reasons import left_words, not_entered_words, not_sent_words
from engine.store.protocol import PersonView

__all__ = ["Line", "Memory", "Names", "Story", "as_data", "as_text", "tell"]

Sort: TypeAlias = Literal["did", "entered", "not entered", "sent", "not sent", "waits", "left"]

_Texts: TypeAlias = Mapping[tuple[str, str, str], str]  # run, step, channel: what it said

_Sending: TypeAlias = tuple[str, str, str]  # run, step, and the channel once it is known

_PLAIN = frozenset({"consent", "unreachable"})  # their words say what the detail would say
_MOST_PROPERTIES = 5
_LONGEST_VALUE = 40


class Memory(Protocol):
    """Where a story comes from: a store, or the results of a simulation."""

    def people(self, ids: Sequence[str], events: Iterable[str]) -> dict[str, PersonView]: ...

    def decisions(self, person: str) -> list[Decision]: ...

    def deliveries_of(self, person: str) -> list[Delivery]: ...


@dataclass(frozen=True, slots=True)
class Names:
    """What is to be known of a project to tell a story: its events, which of their properties are
    amounts (in which currency), which attributes are personal, and the company's zone.
    """

    zone: ZoneInfo
    events: tuple[str, ...]
    amounts: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    personal: frozenset[str] = frozenset()

    @classmethod
    def of(cls, plan: TrackingPlan, zone: ZoneInfo) -> Names:
        """Those of a tracking plan."""
        amounts = {
            event.name: {
                each.name: each.kind.currency
                for each in event.properties.values()
                if isinstance(each.kind, Money)
            }
            for event in plan.events.values()
        }
        personal = frozenset(each.name for each in plan.attributes.values() if each.personal)
        return cls(zone, tuple(plan.events), amounts, personal)


class Line(NamedTuple):
    """One thing that happened. ``text`` is a sentence without its end."""

    at: Instant
    sort: Sort
    text: str
    journey: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A person and what happened, in the order of time."""

    person: str
    zone: ZoneInfo
    about: tuple[str, ...]
    lines: tuple[Line, ...]


def tell(memory: Memory, person: str, names: Names) -> Story | None:
    """The story of a person; None for somebody nobody has heard of."""
    view = memory.people([person], names.events).get(person)
    if view is None:
        return None
    texts = {
        (each.run, each.step, each.channel): _headline(each)
        for each in memory.deliveries_of(person)
    }
    decided = _Teller(texts).lines(memory.decisions(person))
    told = [*_history(view.history, names), *decided]
    told.sort(key=lambda line: line.at)  # stable: what somebody did comes before what it led to
    zone = recipient_zone(view.profile.attributes, names.zone)
    return Story(person, zone, _about(view.profile, names), tuple(_counted(told)))


def _counted(told: Sequence[Line]) -> Iterator[Line]:
    """What happened several times at one instant is told once."""
    times = Counter(told)
    for line in dict.fromkeys(told):
        often = times[line]
        yield line if often == 1 else line._replace(text=f"{line.text} ({often} times)")


# ------------------------------------------------------------------------------- the person


def _about(profile: Profile, names: Names) -> tuple[str, ...]:
    known = {k: v for k, v in profile.attributes.items() if k not in names.personal}
    lines = [", ".join(f"{name} {_plain(value)}" for name, value in sorted(known.items()))]
    lines.append("can be reached on " + (", ".join(sorted(profile.addresses)) or "no channel"))
    given = sorted(key for key, at in profile.consents.items() if at > 0)
    taken = sorted(key for key, at in profile.consents.items() if at < 0)
    lines.append("agreed to " + (", ".join(map(_consent, given)) or "nothing"))
    if taken:
        lines.append("withdrew " + ", ".join(map(_consent, taken)))
    return tuple(line for line in lines if line)


def _consent(key: str) -> str:
    category, _, channel = key.partition("/")
    return category if channel == "*" else f"{category} on {channel}"


# ----------------------------------------------------------------------------- what they did


def _history(history: Mapping[str, Sequence[Happened]], names: Names) -> Iterator[Line]:
    happened = [event for each in history.values() for event in each]
    for event in sorted(happened, key=lambda each: (each.occurred, each.number)):
        if event.name.startswith(("message_sent", "message_failed")):
            continue  # the decisions tell these
        yield Line(event.occurred, "did", _event(event, names.amounts.get(event.name, {})))


def _event(event: Happened, amounts: Mapping[str, str]) -> str:
    shown = [
        f"{len(value)} {name}"
        if isinstance(value, list)
        else f"{name} {_value(value, amounts.get(name))}"
        for name, value in event.properties.items()
        if value not in (None, "", []) and not (amounts and name == "currency")
    ]
    more = len(shown) - _MOST_PROPERTIES
    if more > 0:
        shown = [*shown[:_MOST_PROPERTIES], f"{more} more"]
    name = event.name.replace("_", " ")
    return f"{name}: {', '.join(shown)}" if shown else name


def _value(value: object, currency: str | None) -> str:
    if currency is not None and isinstance(value, int):
        amount = Decimal(value).scaleb(-minor_units(currency))
        return str(format_currency(amount, currency, locale="en_GB"))
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


# --------------------------------------------------------------------------- what we decided


class _Teller:
    """Turns decisions into lines. What belongs together shares one: the channels that a message
    was not sent on, a run that began again, the doors that stayed shut for one event.
    """

    def __init__(self, texts: _Texts) -> None:
        self._texts = texts
        self._passed: dict[_Sending, list[Decision]] = {}
        self._again: set[tuple[Instant, str]] = set()
        self._shut: list[Decision] = []
        self._last_shut: list[tuple[str, str]] = []

    def lines(self, decisions: Sequence[Decision]) -> Iterator[Line]:
        """All of them, in their order."""
        for decision in decisions:
            if self._shut and (decision.what, decision.at) != ("not entered", self._shut[0].at):
                yield self._doors()
            sort, text = self._words(decision)
            if text:
                yield Line(decision.at, sort, text, decision.journey)
        if self._shut:
            yield self._doors()

    def _doors(self) -> Line:
        """Why somebody got in nowhere, once; the next time only if it is something else."""
        shut, self._shut = self._shut, []
        doors = [(decision.journey, _because_not_in(decision)) for decision in shut]
        names = ", ".join(name for name, _ in doors)
        text = f"did not enter {names}, for the same reasons"
        if doors != self._last_shut:
            text = "did not enter " + "; ".join(f"{name} ({why})" for name, why in doors)
        self._last_shut = doors
        return Line(shut[0].at, "not entered", text)

    def _words(self, decision: Decision) -> tuple[Sort, str]:
        name, detail = decision.journey, decision.detail
        place = f"({name}/{decision.step})"
        on = f" on {decision.channel}" if decision.channel else ""
        match decision.what:
            case "entered":
                began = f"began {name} again" if self._is_again(decision) else f"entered {name}"
                return "entered", f"{began}, by {decision.reason.replace('_', ' ')}"
            case "held out":
                return "not entered", "" if self._is_again(decision) else _held_out(decision)
            case "not entered":
                self._shut.append(decision)
                return "not entered", ""
            case "passed over":
                self._passed.setdefault(_sending(decision), []).append(decision)
                return "not sent", ""
            case "sent":
                passed = self._passed.pop(_sending(decision), [])
                self._passed[_sending(decision, decision.channel)] = passed
                return "sent", ""  # told when it has been handed over
            case "handed over":
                quoted = self._texts.get((decision.run, decision.step, decision.channel), "")
                passed = self._passed.pop(_sending(decision, decision.channel), [])
                instead = f"; not on {_reasons(passed)}" if passed else ""
                return "sent", f"sent {decision.reason}{on}{quoted} {place}{instead}"
            case "dropped":
                passed = self._passed.pop(_sending(decision), []) or [decision]
                return "not sent", f"sent nothing {place}: {_reasons(passed)}"
            case "waits":
                why = _why_not(decision.reason, detail)
                return "waits", f"waits{on} {place}: {why}"
            case "refused" | "unknown" | "stopped":
                reason, _, more = decision.reason.partition(": ")
                why = _why_not(reason, more)
                return "not sent", f"did not go out{on} {place}: {why}"
            case "converted":
                return "left", f"reached the goal of {name}"
            case "left" if decision.reason == "restart":
                self._again.add((decision.at, name))
                return "left", ""
            case "left":
                return "left", f"left {name}: {_with(left_words(decision.reason), detail)}"
            case _ as unreachable:
                assert_never(unreachable)

    def _is_again(self, decision: Decision) -> bool:
        return (decision.at, decision.journey) in self._again


def _sending(decision: Decision, channel: str = "") -> _Sending:
    return decision.run, decision.step, channel


def _held_out(decision: Decision) -> str:
    return f"held out of {decision.journey}: {decision.detail or 'for comparison'}"


def _because_not_in(decision: Decision) -> str:
    words, detail = not_entered_words(decision.reason), decision.detail.removeprefix("not: ")
    return f"{words}: {detail}" if detail and decision.reason != "re-enter" else words


def _reasons(passed: Sequence[Decision]) -> str:
    """Channels and why not, those with one reason together."""
    whys: dict[str, list[str]] = {}
    for decision in passed:
        why = _why_not(decision.reason, decision.detail)
        whys.setdefault(why, []).append(decision.channel)
    listed = [(" and ".join(filter(None, channels)), why) for why, channels in whys.items()]
    return "; ".join(f"{channels}: {why}" if channels else why for channels, why in listed)


def _why_not(reason: str, detail: str) -> str:
    plain = detail if reason not in _PLAIN else ""
    return _with(not_sent_words(reason), plain.removeprefix("not: "))


def _with(words: str, detail: str) -> str:
    return words if not detail or detail == words else f"{words} ({detail})"


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
                    }
                    for moment, line in lines
                ],
            }
            for day, lines in _days(story)
        ],
    }
