"""Values at random, of every kind, put together in every way the language knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hypothesis import strategies as st

from dsl import kinds
from dsl.kinds import Kind
from tests.dsl.sql.shop import ATTRIBUTES, LENGTHS, LINE, PURCHASE, VISIT

__all__ = ["EVENTS", "ORDER", "PATTERNS", "PERSON", "ROWS", "TEXTS", "WEEKDAYS", "Place", "Values"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class Place:
    """The names of one place, by kind, and whether the history can be asked there."""

    names: Mapping[str, Sequence[str]]
    history: bool


def _called(kind: Kind) -> str:
    if isinstance(kind, kinds.ListOf):
        return "list of " + _called(kind.item)
    return type(kind).__name__


def _place(fields: Mapping[str, Kind], prefix: str = "", *, history: bool = False) -> Place:
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
    return Place(names, history)


def _both(one: Place, other: Place) -> Place:
    names = {
        key: [*one.names.get(key, ()), *other.names.get(key, ())]
        for key in {*one.names, *other.names}
    }
    return Place(names, history=False)


PERSON = _place(ATTRIBUTES, history=True)
_PROFILE = _place(ATTRIBUTES, "profile.")
ROWS: Mapping[str, Place] = {
    "purchase": _both(_place({**PURCHASE, "time": kinds.Instant()}), _PROFILE),
    "visit": _both(_place({**VISIT, "time": kinds.Instant()}), _PROFILE),
    "login": _both(_place({"time": kinds.Instant()}), _PROFILE),
    "line": _both(_place(dict(LINE.fields)), _PROFILE),
}
EVENTS = ("purchase", "visit", "login")
ORDER = ("<", "<=", ">", ">=", "is", "is not")
TEXTS = ('"DE"', '"de "', '"AT"', '"Straße"', '"STRASSE"', '"a"', '"x1"', '"gold"', "'Büro'")
WEEKDAYS = ('"Monday"', '"Wednesday"', '"Saturday"', '"Sunday"')
PATTERNS = ('"*a*"', '"?E"', '"str*e"', '"*"', '"x?"', '"d* "')


class Values:
    """The values of one rule under construction. ``room`` bounds its depth."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def test(self, place: Place, room: int) -> str:
        """Something that is yes or no; said by those who draw rules."""
        raise NotImplementedError

    def pick(self, *choices: _T) -> _T:
        return self._draw(st.sampled_from(choices))

    def number(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))

    def one(self, *makers: Callable[[], str]) -> str:
        return self.pick(*makers)()

    # -- values

    def name(self, place: Place, kind: str) -> str:
        return self.pick(*place.names[kind])

    def composed(self, place: Place, kind: str, room: int) -> list[Callable[[], str]]:
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

    def value(self, place: Place, kind: str, room: int) -> str:
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

    def _numbers(self, place: Place, kind: str, room: int) -> list[Callable[[], str]]:
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
                lambda: f"(count of cart.lines where ({self.test(ROWS['line'], less)}))",
                lambda: f"(count of {self.column('purchase', less, 'delivery', 'shop')})",
            ]
        return made

    def _money(self, place: Place, room: int) -> list[Callable[[], str]]:
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
                lambda: f"(sum of cart.lines.price where ({self.test(ROWS['line'], less)}))",
                lambda: f"({self.pick('average of', 'lowest', 'highest')} cart.lines.price)",
            ]
        return made

    def _words(self, place: Place, kind: str, room: int) -> list[Callable[[], str]]:
        made: list[Callable[[], str]] = [lambda: self.pick(*TEXTS)]
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

    def _dates(self, place: Place, room: int) -> list[Callable[[], str]]:
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

    def _instants(self, place: Place, room: int) -> list[Callable[[], str]]:
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

    def _lengths(self, place: Place, room: int) -> list[Callable[[], str]]:
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

    def _lists(self, place: Place, kind: str, room: int) -> list[Callable[[], str]]:
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

    def _picked(self, place: Place, kind: str, room: int) -> list[Callable[[], str]]:
        names = [
            name
            for name, one in {**PURCHASE, "time": kinds.Instant()}.items()
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
            return self.value(PERSON, self.pick("Instant", "Date"), room - 1)

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
        return f" where ({self.test(ROWS[event], room - 1)})"

    def rows(self, room: int) -> str:
        event = self.pick(*EVENTS)
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
