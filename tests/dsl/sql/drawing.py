"""Rules and people at random: every operator of the language over a small tracking plan.

Rules are drawn choice by choice, so that a failing one shrinks; people are drawn from a seed, so
that there can be many of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from dsl import kinds
from dsl.calendar import Instant, from_datetime
from dsl.expr.scope import Names, Scope
from dsl.kinds import Kind
from dsl.plan import BUILT_IN_EVENTS, Event, Field, TrackingPlan

__all__ = ["LENGTHS", "MOMENTS", "PLAN", "SCOPE", "ZONES", "rules"]

_T = TypeVar("_T")
_EUR = kinds.Money("EUR")
_LINE = kinds.Record(
    (
        ("name", kinds.Text()),
        ("price", _EUR),
        ("pieces", kinds.Whole()),
        ("in_stock", kinds.YesNo()),
        ("labels", kinds.ListOf(kinds.Text())),
    )
)
_ATTRIBUTES: Mapping[str, Kind] = {
    "country": kinds.Text(),
    "city": kinds.Text(),
    "sku": kinds.Code(),
    "tier": kinds.OneOf(("bronze", "silver", "gold")),
    "points": kinds.Whole(),
    "visits_before": kinds.Whole(),
    "score": kinds.Number(),
    "budget": _EUR,
    "is_member": kinds.YesNo(),
    "birthday": kinds.Date(),
    "renewal": kinds.Date(),
    "seen_at": kinds.Instant(),
    "opens_at": kinds.TimeOfDay(),
    "refill": kinds.Length(),
    "tags": kinds.ListOf(kinds.Text()),
    "skus": kinds.ListOf(kinds.Code()),
    "sizes": kinds.ListOf(kinds.Number()),
    "holidays": kinds.ListOf(kinds.Date()),
    "alarms": kinds.ListOf(kinds.Instant()),
    "pauses": kinds.ListOf(kinds.Length()),
    "cart": kinds.Record((("value", _EUR), ("code", kinds.Code()), ("lines", kinds.ListOf(_LINE)))),
}
_PURCHASE: Mapping[str, Kind] = {
    "total": _EUR,
    "shop": kinds.Text(),
    "order_id": kinds.Code(),
    "grade": kinds.OneOf(("bronze", "silver", "gold")),
    "pieces": kinds.Whole(),
    "weight": kinds.Number(),
    "gift": kinds.YesNo(),
    "delivery": kinds.Date(),
    "paid_at": kinds.Instant(),
    "slot": kinds.TimeOfDay(),
    "warranty": kinds.Length(),
    "labels": kinds.ListOf(kinds.Text()),
    "lines": kinds.ListOf(_LINE),
}
_VISIT: Mapping[str, Kind] = {"page": kinds.Text(), "seconds": kinds.Number()}


def _event(name: str, properties: Mapping[str, Kind]) -> Event:
    fields = {key: Field(key, kind) for key, kind in properties.items()}
    return Event(name, name, name + "s", None, MappingProxyType(fields))


PLAN = TrackingPlan(
    "small",
    {name: Field(name, kind) for name, kind in _ATTRIBUTES.items()},
    {
        **BUILT_IN_EVENTS,
        "purchase": _event("purchase", _PURCHASE),
        "visit": _event("visit", _VISIT),
        "login": _event("login", {}),
    },
)
SCOPE = Scope(
    PLAN,
    Names(
        segments=frozenset({"vip", "active"}),
        journeys=frozenset({"welcome", "winback"}),
        channels=frozenset({"email", "push"}),
        categories=frozenset({"promotional", "service", "letters"}),
    ),
    owner="A segment",
)

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # half an hour
    "America/Havana",  # changes at midnight
    "Africa/Cairo",
    "Pacific/Apia",
    "America/St_Johns",
    "UTC",
)
LENGTHS = (
    "1 hour",
    "24 hours",
    "1 day",
    "2 days",
    "1 week",
    "30 days",
    "1 month",
    "3 months",
    "1 year",
    "3 working days",
    "1 month 2 days",
    "1 day 12 hours",
    "90 minutes",
)


def _at(text: str, zone: str = "Europe/Berlin") -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


MOMENTS: Sequence[Instant] = (
    _at("2026-03-02 10:00"),
    _at("2026-03-29 03:30"),  # an hour after the clocks went forward
    _at("2026-03-30 02:30"),  # yesterday there was no such time
    _at("2026-10-25 02:30"),  # the first of two
    _at("2026-10-25 01:30", "UTC"),  # 02:30 in Berlin for the second time
    _at("2026-10-26 02:30"),
    _at("2026-11-01 01:30", "America/New_York"),
    _at("2026-03-31 12:00"),  # a month ago is the end of February
    _at("2024-02-29 00:00"),
    _at("2027-03-01 00:00"),
    _at("2026-01-01 00:00"),
    _at("2026-10-04 02:15", "Australia/Lord_Howe"),
    _at("2026-11-01 00:30", "America/Havana"),
)

# ------------------------------------------------------------------------------------- rules


@dataclass(frozen=True)
class _Place:
    """The names of one place, by kind, and whether the history can be asked there."""

    names: Mapping[str, Sequence[str]]
    history: bool


def _called(kind: Kind) -> str:
    if isinstance(kind, kinds.ListOf):
        return "list of " + _called(kind.item)
    return type(kind).__name__


def _place(fields: Mapping[str, Kind], prefix: str = "", *, history: bool = False) -> _Place:
    names: dict[str, list[str]] = {}

    def add(path: str, kind: Kind) -> None:
        names.setdefault(_called(kind), []).append(path)
        inner = kind.item if isinstance(kind, kinds.ListOf) else kind
        if isinstance(inner, kinds.Record):
            for name, part in inner.fields:
                in_list = isinstance(kind, kinds.ListOf)
                if not (in_list and isinstance(part, kinds.ListOf)):
                    add(f"{path}.{name}", kinds.ListOf(part) if in_list else part)

    for name, kind in fields.items():
        add(prefix + name, kind)
    return _Place(names, history)


def _both(one: _Place, other: _Place) -> _Place:
    names = {
        key: [*one.names.get(key, ()), *other.names.get(key, ())]
        for key in {*one.names, *other.names}
    }
    return _Place(names, history=False)


_PERSON = _place(_ATTRIBUTES, history=True)
_PROFILE = _place(_ATTRIBUTES, "profile.")
_ROWS: Mapping[str, _Place] = {
    "purchase": _both(_place({**_PURCHASE, "time": kinds.Instant()}), _PROFILE),
    "visit": _both(_place({**_VISIT, "time": kinds.Instant()}), _PROFILE),
    "login": _both(_place({"time": kinds.Instant()}), _PROFILE),
    "line": _both(_place(dict(_LINE.fields)), _PROFILE),
}
_EVENTS = ("purchase", "visit", "login")
_ORDER = ("<", "<=", ">", ">=", "is", "is not")
_TEXTS = ('"DE"', '"de "', '"AT"', '"Straße"', '"STRASSE"', '"a"', '"x1"', '"gold"', "'Büro'")
_WEEKDAYS = ('"Monday"', '"Wednesday"', '"Saturday"', '"Sunday"')
_PATTERNS = ('"*a*"', '"?E"', '"str*e"', '"*"', '"x?"', '"d* "')


class _Rules:
    """One rule under construction. ``room`` bounds its depth."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def pick(self, *choices: _T) -> _T:
        return self._draw(st.sampled_from(choices))

    def number(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))

    def one(self, *makers: Callable[[], str]) -> str:
        return self.pick(*makers)()

    # -- values

    def name(self, place: _Place, kind: str) -> str:
        return self.pick(*place.names[kind])

    def composed(self, place: _Place, kind: str, room: int) -> list[Callable[[], str]]:
        """What can be made of other values, for every kind."""
        make = self.value
        made = [lambda: f"({self.name(place, kind)} or else {make(place, kind, room - 1)})"]
        made.append(
            lambda: (
                f"(if {self.test(place, room - 1)} then {make(place, kind, room - 1)}"
                f" else {make(place, kind, room - 1)})"
            )
        )
        return made

    def value(self, place: _Place, kind: str, room: int) -> str:
        choices: list[Callable[[], str]] = []
        if place.names.get(kind):
            choices += [lambda: self.name(place, kind)] * 2
        match kind:
            case "Whole" | "Number":
                choices += self._numbers(place, kind, room)
            case "Money":
                choices += self._money(place, room)
            case "Text" | "Code":
                choices += self._words(place, kind, room)
            case "OneOf":
                choices.append(lambda: self.pick('"gold"', '"silver"'))
            case "YesNo":
                choices.append(lambda: self.pick("yes", "no"))
            case "Date":
                choices += self._dates(place, room)
            case "Instant":
                choices += self._instants(place, room)
            case "TimeOfDay":
                choices.append(lambda: self.pick("09:30", "00:00", "23:59"))
            case "Length":
                choices += self._lengths(place, room)
            case _:
                choices += self._lists(place, kind, room)
        if room > 0 and place.names.get(kind):
            choices += self.composed(place, kind, room)
        if room > 0 and place.history and not kind.startswith("list"):
            choices += self._picked(place, kind, room)
        return self.one(*choices)

    def _numbers(self, place: _Place, kind: str, room: int) -> list[Callable[[], str]]:
        whole = [lambda: str(self.number(-3, 40))]
        made = whole if kind == "Whole" else [*whole, lambda: self.pick("0.5", "2.50", "-1.25")]
        if room <= 0:
            return made
        less = room - 1
        made += [
            lambda: f"age({self.value(place, 'Date', less)})",
            lambda: f"{self.pick('day', 'month', 'year')}({self.value(place, 'Date', less)})",
            lambda: f"hour({self.value(place, self.pick('Instant', 'TimeOfDay'), less)})",
            lambda: f"length({self.value(place, self.pick('Text', 'list of Text'), less)})",
            lambda: f"count of {self.name(place, 'list of Text')}",
            lambda: f"abs({self.value(place, kind, less)})",
            lambda: (
                f"({self.value(place, kind, less)} {self.pick('+', '-', '*')}"
                f" {self.value(place, kind, less)})"
            ),
        ]
        if kind == "Number":
            made += [
                lambda: f"in_days({self.value(place, 'Length', less)})",
                lambda: (
                    f"({self.value(place, 'Whole', less)} / {self.value(place, 'Number', less)})"
                ),
                lambda: (
                    f"({self.value(place, 'Money', less)} / {self.value(place, 'Money', less)})"
                ),
                lambda: f"round({self.value(place, 'Number', less)}, {self.number(0, 2)})",
                lambda: (
                    f"({self.pick('lowest', 'highest')} {self.name(place, 'list of Number')})"
                    if place.names.get("list of Number")
                    else "1"
                ),
            ]
        else:
            made += [
                lambda: (
                    f"{self.pick('round', 'floor', 'ceil')}({self.value(place, 'Number', less)})"
                ),
            ]
        if place.history:
            made += [
                lambda: f"(count of {self.rows(less)})",
                lambda: f"({self.measured(kind, less)})",
                lambda: f"(count of cart.lines where ({self.test(_ROWS['line'], less)}))",
                lambda: f"(count of {self.column('purchase', less, 'delivery', 'shop')})",
            ]
        return made

    def _money(self, place: _Place, room: int) -> list[Callable[[], str]]:
        made: list[Callable[[], str]] = [lambda: f"{self.number(0, 90)}.50 EUR"]
        if room <= 0:
            return made
        less = room - 1
        made += [
            lambda: (
                f"({self.value(place, 'Money', less)} {self.pick('+', '-')}"
                f" {self.value(place, 'Money', less)})"
            ),
            lambda: (
                f"({self.value(place, 'Money', less)} {self.pick('*', '/')}"
                f" {self.value(place, self.pick('Whole', 'Number'), less)})"
            ),
            lambda: f"round({self.value(place, 'Money', less)}, {self.number(0, 3)})",
            lambda: f"{self.pick('floor', 'ceil', 'abs')}({self.value(place, 'Money', less)})",
        ]
        if place.history:
            made += [
                lambda: f"({self.measured('Money', less)})",
                lambda: f"(sum of cart.lines.price where ({self.test(_ROWS['line'], less)}))",
                lambda: f"({self.pick('average of', 'lowest', 'highest')} cart.lines.price)",
            ]
        return made

    def _words(self, place: _Place, kind: str, room: int) -> list[Callable[[], str]]:
        made: list[Callable[[], str]] = [lambda: self.pick(*_TEXTS)]
        if room <= 0 or kind == "Code":
            return made
        less = room - 1
        made += [
            lambda: f"({self.value(place, 'Text', less)} + {self.value(place, 'Text', less)})",
            lambda: (
                f"{self.pick('lower', 'upper', 'title', 'trim')}({self.value(place, 'Text', less)})"
            ),
            lambda: f'join({self.value(place, "list of Text", less)}, ", ")',
            lambda: f"title(weekday({self.value(place, self.pick('Date', 'Instant'), less)}))",
        ]
        return made

    def _dates(self, place: _Place, room: int) -> list[Callable[[], str]]:
        made: list[Callable[[], str]] = [
            lambda: self.pick("today", "yesterday", "tomorrow"),
            lambda: self.pick("2026-03-29", "2026-10-25", "2024-02-29", "2026-04-30"),
        ]
        if room <= 0:
            return made
        less = room - 1
        made += [
            lambda: f"date({self.value(place, 'Instant', less)})",
            lambda: f"anniversary({self.value(place, 'Date', less)})",
            lambda: (
                f"({self.value(place, 'Date', less)} {self.pick('+', '-')}"
                f" {self.pick('1 day', '1 month', '3 working days', '1 year', '2 weeks')})"
            ),
            lambda: (
                f"({self.value(place, 'Date', less)} + {self.value(place, 'Whole', less)} * 1 day)"
            ),
        ]
        return made

    def _instants(self, place: _Place, room: int) -> list[Callable[[], str]]:
        made: list[Callable[[], str]] = [
            lambda: "now",
            lambda: self.pick(
                "2026-03-29 02:30", "2026-10-25 02:30", "2026-03-02T09:00Z", "2026-11-01 00:30"
            ),
        ]
        if room <= 0:
            return made
        less = room - 1
        made += [
            lambda: (
                f"({self.value(place, 'Instant', less)} {self.pick('+', '-')}"
                f" {self.value(place, 'Length', less)})"
            ),
            lambda: f"({self.value(place, 'Date', less)} + {self.pick('9 hours', '90 minutes')})",
        ]
        return made

    def _lengths(self, place: _Place, room: int) -> list[Callable[[], str]]:
        made: list[Callable[[], str]] = [lambda: f"({self.pick(*LENGTHS)})"]
        if room <= 0:
            return made
        less = room - 1
        made += [
            lambda: f"(time {self.pick('since', 'until')} {self.value(place, 'Instant', less)})",
            lambda: (
                f"({self.value(place, 'Instant', less)} - {self.value(place, 'Instant', less)})"
            ),
            lambda: f"({self.value(place, 'Date', less)} - {self.value(place, 'Date', less)})",
            lambda: (
                f"({self.value(place, 'Length', less)} {self.pick('+', '-')}"
                f" {self.value(place, 'Length', less)})"
            ),
            lambda: f"({self.value(place, 'Length', less)} * {self.value(place, 'Whole', less)})",
            lambda: f"({self.pick('90 minutes', '2 days')} * {self.value(place, 'Number', less)})",
            lambda: f"-{self.value(place, 'Length', less)}",
        ]
        return made

    def _lists(self, place: _Place, kind: str, room: int) -> list[Callable[[], str]]:
        if not place.history or room <= 0:
            return [lambda: self.name(place, kind)]
        wanted = {
            "list of Text": ("shop", "labels"),
            "list of Code": ("order_id",),
            "list of Number": ("weight",),
            "list of Date": ("delivery",),
            "list of Instant": ("paid_at", "time"),
            "list of Length": ("warranty",),
        }.get(kind, ())
        flat = tuple(name for name in wanted if name != "labels")
        return [lambda: f"(unique {self.column('purchase', room - 1, *flat)})"] if flat else []

    def _picked(self, place: _Place, kind: str, room: int) -> list[Callable[[], str]]:
        names = [
            name
            for name, one in {**_PURCHASE, "time": kinds.Instant()}.items()
            if _called(one) == kind
        ]
        if not names:
            return []
        return [
            lambda: f"({self.pick('first', 'last')} {self.column('purchase', room - 1, *names)})"
        ]

    # -- rows

    def window(self, room: int) -> str:
        def moment() -> str:
            return self.value(_PERSON, self.pick("Instant", "Date"), room - 1)

        return self.one(
            lambda: "",
            lambda: f" in the last {self.pick(*LENGTHS)}",
            lambda: f" in the last {self.pick(*LENGTHS)}",
            lambda: self.pick(" today", " yesterday", " this week", " this month", " this year"),
            lambda: f" since {moment()}",
            lambda: f" before {moment()}",
            lambda: f" between {moment()} and {moment()}",
            lambda: f" within {self.pick(*LENGTHS)} after {moment()}",
            lambda: " ever",
        )

    def where(self, event: str, room: int) -> str:
        if room <= 0 or self.number(0, 1):
            return ""
        return f" where ({self.test(_ROWS[event], room - 1)})"

    def rows(self, room: int) -> str:
        event = self.pick(*_EVENTS)
        return f"{event}{self.where(event, room)}{self.window(room)}"

    def column(self, event: str, room: int, *names: str) -> str:
        return f"{event}.{self.pick(*names)}{self.where(event, room)}{self.window(room)}"

    def measured(self, kind: str, room: int) -> str:
        how = self.pick("sum of", "average of", "lowest", "highest")
        match kind:
            case "Money":
                return f"{how} {self.column('purchase', room, 'total')}"
            case "Whole":
                how = self.pick("sum of", "lowest", "highest")
                return f"{how} {self.column('purchase', room, 'pieces')}"
            case _:
                return f"{how} {self.column('purchase', room, 'weight', 'pieces')}"

    # -- tests

    def test(self, place: _Place, room: int) -> str:
        choices: list[Callable[[], str]] = [
            lambda: self._compared(place, room),
            lambda: self._compared(place, room),
            lambda: self._worded(place, room),
            lambda: self._listed(place, room),
            lambda: self._known(place, room),
            lambda: self._timed(place, room),
        ]
        if room > 0:
            choices += [lambda: self._joined(place, room)] * 2
        if place.history:
            choices += [
                lambda: self._did(room),
                lambda: self._did(room),
                lambda: self._fact(room),
                lambda: self._entries(room),
            ]
        elif place is _ROWS["purchase"] and room > 0:
            choices.append(lambda: f"any of lines where ({self.test(_ROWS['line'], room - 1)})")
        return self.one(*choices)

    def _compared(self, place: _Place, room: int) -> str:
        kind = self.pick("Whole", "Number", "Money", "Date", "Instant", "Length", "TimeOfDay")
        more = {"Whole": ("Number",), "Date": ("Instant",), "Instant": ("Date",)}
        other = self.pick(kind, kind, *more.get(kind, ()))
        left, right = self.value(place, kind, room - 1), self.value(place, other, room - 1)
        if self.number(0, 5) == 0:
            third = self.value(place, other, room - 1)
            return f"{left} is between {right} and {third}"
        if kind in ("Date", "Instant") and self.number(0, 1):
            sign = self.pick("is before", "is after", "is on or before", "is on or after")
            return f"{left} {sign} {right}"
        return f"{left} {self.pick(*_ORDER)} {right}"

    def _worded(self, place: _Place, room: int) -> str:
        if self.number(0, 3) == 0:
            return self.one(
                lambda: f"{self.value(place, 'YesNo', room - 1)} is {self.pick('yes', 'no')}",
                lambda: (
                    f"weekday({self.value(place, self.pick('Date', 'Instant'), room - 1)})"
                    f" is one of ({self.pick(*_WEEKDAYS)}, {self.pick(*_WEEKDAYS)})"
                ),
            )
        kind = self.pick("Text", "Text", "Code")
        left, right = self.value(place, kind, room - 1), self.value(place, kind, room - 1)
        sign = self.pick(
            "is", "is not", "is exactly", "contains", "does not contain", "starts with", "ends with"
        )
        if self.number(0, 4) == 0:
            return f"{left} matches {self.pick(*_PATTERNS)}"
        return f"{left} {sign} {right}"

    def _listed(self, place: _Place, room: int) -> str:
        kind = self.pick("Text", "Code", "Number", "Date", "Instant", "Length")

        def value() -> str:
            return self.value(place, kind, room - 1)

        few = f"({value()}, {value()})"
        listed = place.names.get("list of " + kind)
        if self.number(0, 2) == 0 or not listed:
            return f"{value()} {self.pick('is one of', 'is none of', 'in', 'not in')} {few}"
        many = self.value(place, "list of " + kind, room - 1)
        return self.one(
            lambda: f"{value()} {self.pick('is one of', 'not in')} {self.pick(*listed)}",
            lambda: f"{many} {self.pick('has', 'does not have')} {value()}",
            lambda: f"{many} {self.pick('has any of', 'has all of', 'has none of')} {few}",
            lambda: f"{many} {self.pick('has any of', 'has all of')} {self.pick(*listed)}",
        )

    def _known(self, place: _Place, room: int) -> str:
        kind = self.pick("Text", "Number", "Date", "Instant", "Length", "OneOf", "list of Text")
        value = (
            self.name(place, kind)
            if not place.names.get(kind) or self.number(0, 1)
            else self.value(place, kind, 0)
        )
        return f"{value} {self.pick('is known', 'is missing')}"

    def _timed(self, place: _Place, room: int) -> str:
        moment = self.value(place, self.pick("Instant", "Date"), room - 1)
        return self.one(
            lambda: f"{moment} is within the {self.pick('next', 'last')} {self.pick(*LENGTHS)}",
            lambda: (
                f"time {self.pick('since', 'until')} {moment}"
                f" {self.pick(*_ORDER)} {self.value(place, 'Length', room - 1)}"
            ),
        )

    def _joined(self, place: _Place, room: int) -> str:
        def part() -> str:
            return f"({self.test(place, room - 1)})"

        return self.one(
            lambda: f"{part()} and {part()}",
            lambda: f"{part()} or {part()}",
            lambda: f"not {part()}",
            lambda: f"if {part()} then {part()} else {part()}",
        )

    def _did(self, room: int) -> str:
        event = self.pick(*_EVENTS)
        did = self.pick("did", "did", "did not")
        how = self.pick("at least", "at most", "exactly", "more than", "fewer than")
        times = self.pick("", f" {how} {self.number(0, 3)} times")
        followed = ""
        if self.number(0, 3) == 0:
            other = self.pick(*_EVENTS)
            within = self.pick("", f" within {self.pick(*LENGTHS)}")
            word = self.pick("followed by", "not followed by")
            followed = f" {word} {other}{self.where(other, room - 1)}{within}"
        where = self.where(event, room)
        return f"{did} {event}{where}{times}{self.window(room - 1)}{followed}"

    def _fact(self, room: int) -> str:
        channel, category = self.pick("email", "push"), self.pick(*SCOPE.names.categories)
        return self.one(
            lambda: f"in segment {self.pick('vip', 'active')}",
            lambda: f"in journey {self.pick('welcome', 'winback')}",
            lambda: f"{channel} is {self.pick('reachable', 'not reachable')}",
            lambda: f"subscribed to {category}{self.pick('', f' on {channel}')}",
            lambda: (
                f"messaged{self.pick('', f' on {channel}')}{self.pick('', f' about {category}')}"
                f"{self.pick('', ' by welcome')}{self.window(room - 1)}"
            ),
        )

    def _entries(self, room: int) -> str:
        test = self.test(_ROWS["line"], room - 1)
        event = self.pick(*_EVENTS)
        return self.one(
            lambda: f"{self.pick('any of', 'none of', 'all of')} cart.lines where ({test})",
            lambda: (
                f"{self.pick('any of', 'none of', 'all of')} {event}"
                f" where ({self.test(_ROWS[event], room - 1)}){self.window(room - 1)}"
            ),
            lambda: "any of cart.lines",
        )


@st.composite
def rules(draw: st.DrawFn, room: int = 3) -> str:
    """A rule that means something."""
    return _Rules(draw).test(_PERSON, draw(st.integers(0, room)))
