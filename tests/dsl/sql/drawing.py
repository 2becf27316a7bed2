"""Rules at random: every operator of the language over a small tracking plan.

Rules are drawn choice by choice, so that a failing one shrinks.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from tests.dsl.sql.drawn_values import (
    EVENTS,
    ORDER,
    PATTERNS,
    PERSON,
    ROWS,
    WEEKDAYS,
    Place,
    Values,
)
from tests.dsl.sql.shop import LENGTHS, SCOPE

__all__ = ["rules"]


class _Rules(Values):
    """One rule under construction."""

    def test(self, place: Place, room: int) -> str:
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
        elif place is ROWS["purchase"] and room > 0:
            choices.append(lambda: f"any of lines where ({self.test(ROWS['line'], room - 1)})")
        return self.one(*choices)

    def _compared(self, place: Place, room: int) -> str:
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
        return f"{left} {self.pick(*ORDER)} {right}"

    def _worded(self, place: Place, room: int) -> str:
        if self.number(0, 3) == 0:
            return self.one(
                lambda: f"{self.value(place, 'YesNo', room - 1)} is {self.pick('yes', 'no')}",
                lambda: (
                    f"weekday({self.value(place, self.pick('Date', 'Instant'), room - 1)})"
                    f" is one of ({self.pick(*WEEKDAYS)}, {self.pick(*WEEKDAYS)})"
                ),
            )
        kind = self.pick("Text", "Text", "Code")
        left, right = self.value(place, kind, room - 1), self.value(place, kind, room - 1)
        sign = self.pick(
            "is", "is not", "is exactly", "contains", "does not contain", "starts with", "ends with"
        )
        if self.number(0, 4) == 0:
            return f"{left} matches {self.pick(*PATTERNS)}"
        return f"{left} {sign} {right}"

    def _listed(self, place: Place, room: int) -> str:
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

    def _known(self, place: Place, room: int) -> str:
        kind = self.pick("Text", "Number", "Date", "Instant", "Length", "OneOf", "list of Text")
        value = (
            self.name(place, kind)
            if not place.names.get(kind) or self.number(0, 1)
            else self.value(place, kind, 0)
        )
        return f"{value} {self.pick('is known', 'is missing')}"

    def _timed(self, place: Place, room: int) -> str:
        moment = self.value(place, self.pick("Instant", "Date"), room - 1)
        return self.one(
            lambda: f"{moment} is within the {self.pick('next', 'last')} {self.pick(*LENGTHS)}",
            lambda: (
                f"time {self.pick('since', 'until')} {moment}"
                f" {self.pick(*ORDER)} {self.value(place, 'Length', room - 1)}"
            ),
        )

    def _joined(self, place: Place, room: int) -> str:
        def part() -> str:
            return f"({self.test(place, room - 1)})"

        return self.one(
            lambda: f"{part()} and {part()}",
            lambda: f"{part()} or {part()}",
            lambda: f"not {part()}",
            lambda: f"if {part()} then {part()} else {part()}",
        )

    def _did(self, room: int) -> str:
        event = self.pick(*EVENTS)
        did = self.pick("did", "did", "did not")
        how = self.pick("at least", "at most", "exactly", "more than", "fewer than")
        times = self.pick("", f" {how} {self.number(0, 3)} times")
        followed = ""
        if self.number(0, 3) == 0:
            other = self.pick(*EVENTS)
            within = self.pick("", f" within {self.pick(*LENGTHS)}")
            word = self.pick("followed by", "not followed by")
            followed = f" {word} {other}{self.where(other, room - 1)}{within}"
        where = self.where(event, room)
        return f"{did} {event}{where}{times}{self.window(room - 1)}{followed}"

    def _fact(self, room: int) -> str:
        channel, category = self.pick("email", "push"), self.pick(*SCOPE.names.categories)
        return self.one(
            lambda: f"in segment {self.pick('vip', 'active')}",
            lambda: (
                f"{self.pick('entered', 'left')} segment {self.pick('vip', 'active')}"
                f"{self.window(room - 1)}"
            ),
            lambda: f"in journey {self.pick('welcome', 'winback')}",
            lambda: f"{channel} is {self.pick('reachable', 'not reachable')}",
            lambda: f"subscribed to {category}{self.pick('', f' on {channel}')}",
            lambda: (
                f"messaged{self.pick('', f' on {channel}')}{self.pick('', f' about {category}')}"
                f"{self.pick('', ' by welcome')}{self.window(room - 1)}"
            ),
        )

    def _entries(self, room: int) -> str:
        test = self.test(ROWS["line"], room - 1)
        event = self.pick(*EVENTS)
        return self.one(
            lambda: f"{self.pick('any of', 'none of', 'all of')} cart.lines where ({test})",
            lambda: (
                f"{self.pick('any of', 'none of', 'all of')} {event}"
                f" where ({self.test(ROWS[event], room - 1)}){self.window(room - 1)}"
            ),
            lambda: "any of cart.lines",
        )


@st.composite
def rules(draw: st.DrawFn, room: int = 3) -> str:
    """A rule that means something."""
    return _Rules(draw).test(PERSON, draw(st.integers(0, room)))
