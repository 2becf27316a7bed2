"""Rules in words: what the checker understood, not what was written."""

from __future__ import annotations

from typing import Any

from dsl import kinds
from dsl.explain.phrases import (
    channel_words,
    joined,
    length_words,
    plain,
    plural_of,
    singular_of,
    with_article,
)
from dsl.explain.values import Values
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv

__all__ = ["Wording"]

_TIMES = (kinds.Date, kinds.Instant, kinds.TimeOfDay)
_AMOUNTS = {"==": "is", "<": "is less than", "<=": "is at most", ">": "is more than"} | {
    ">=": "is at least"
}
_MOMENTS = {"==": "is", "<": "is before", "<=": "is on or before", ">": "is after"} | {
    ">=": "is on or after"
}
_NEGATED = {"contains": "contain", "matches": "look like"} | {
    f"{verb}s with": f"{verb} with" for verb in ("start", "end")
}
_COUNTS = {"==": "exactly", "<": "fewer than", "<=": "at most", ">": "more than", ">=": "at least"}


class Wording(Values):
    """Writes tests as clauses: ``tier is gold``, ``no purchase in the last 30 days``."""

    def test(self, test: Any) -> str:
        clause: tt.Test = test
        match clause:
            case tt.All():
                return " and ".join(self._part(one, tt.Any_) for one in clause.parts)
            case tt.Any_():
                return " or ".join(self._part(one, tt.All) for one in clause.parts)
            case tt.Not():
                return self._not(clause.part)
            case tt.Choose():
                then, other = self.test(clause.then), self.test(clause.otherwise)
                return f"{then}, if {self.test(clause.condition)}, and otherwise {other}"
            case tt.Some():
                return self._some(clause)
            case tt.Every():
                return f"for every {self.rows(clause.rows, one=True)}: {self.clause(clause.test)}"
            case tt.Messaged():
                return with_article(self._messaged(clause))
            case _:
                return self._about(clause)

    def clause(self, test: Any) -> str:
        match test:
            case tt.All():
                return " and ".join(self._part(one, tt.Any_, full=True) for one in test.parts)
            case tt.Any_():
                return " or ".join(self._part(one, tt.All, full=True) for one in test.parts)
            case tt.InSegment() | tt.InJourney() | tt.Not(part=tt.InSegment() | tt.InJourney()):
                return f"the person is {self.test(test)}"
            case tt.SegmentChanged() | tt.Not(part=tt.SegmentChanged()):
                return f"the person has {self.test(test)}"
            case _:
                many = _many(test)
                said = self.test(test)
                if many is None:
                    return said
                if _of_a_list(test):
                    return f"there {'are' if many else 'is'} {said}"
                return f"there {'have' if many else 'has'} been {said}"

    def _part(self, part: tt.Test, other: type[Any], *, full: bool = False) -> str:
        words = self.clause(part) if full else self.test(part)
        return f"({words})" if isinstance(part, other | tt.Choose) else words

    def _not(self, part: tt.Test) -> str:
        match part:
            case tt.Some(times=None):
                return self._rows_of(part, "no", singular_of)
            case tt.Messaged():
                return f"no {self._messaged(part)}"
            case tt.Not():
                return self.test(part.part)
            case tt.InSegment():
                return f"not in the segment {part.segment}"
            case tt.InJourney():
                return f"not in the journey {part.journey}"
            case tt.SegmentChanged():
                return f"not {self.test(part)}"
            case tt.Known():
                return f"{self.value(part.value)} is unknown"
            case tt.Reachable():
                return f"{channel_words(part.channel)} is not possible"
            case tt.WindowOpen():
                return f"the {channel_words(part.channel)} window is closed"
            case tt.Outcome():
                return f"{part.step} was not {part.what}{self._within(part)}"
            case tt.StepKnown():
                return f"{part.step} {'timed out' if part.matched else 'was not reached'}"
            case tt.Truth():
                return f"{self.value(part.value)} is not yes"
            case tt.Subscribed():
                return f"no {self.test(part)}"
            case tt.Has(every=False):
                none = "" if len(self._listed(part.items)) == 1 else "any of "
                value = self.value(part.value)
                return f"{value} does not have {none}{self._items(part.items)}" + (
                    self._unknown(part.value)
                )
            case tt.Wording():
                how = _NEGATED[part.what]
                value = self.value(part.value)
                return f"{value} does not {how} {self.value(part.part)}{self._unknown(part.value)}"
            case tt.Compare(sign="=="):
                return f"{self._compared(part, 'is not')}{self._unknown(part.left)}"
            case tt.Among():
                return f"{self.value(part.value)} is none of {self._items(part.items)}" + (
                    self._unknown(part.value)
                )
            case _:
                return f"it is not true that {self.test(part)}"

    def _unknown(self, value: tv.Value) -> str:
        """``is not`` is also true of what is missing, and that is said."""
        if isinstance(value, tv.Stored) and not value.required and value.root == "profile":
            return " (or unknown)"
        return ""

    def _about(self, test: Any) -> str:
        match test:
            case tt.Compare():
                return self._compare(test)
            case tt.Wording():
                verb = "looks like" if test.what == "matches" else test.what
                return f"{self.value(test.value)} {verb} {self.value(test.part)}"
            case tt.Span():
                much = _AMOUNTS[test.sign].removeprefix("is").strip() or "exactly"
                side = "away" if test.until else "ago"
                length = self.value(test.length)
                return f"{self.value(test.moment)} is {much} {length} {side}"
            case tt.Between():
                low, high = self.value(test.low), self.value(test.high)
                return f"{self.value(test.value)} is between {low} and {high}"
            case tt.Among():
                return f"{self.value(test.value)} is {self._items(test.items)}"
            case tt.Has():
                listed = self._listed(test.items)
                if test.every and listed:
                    return f"{self.value(test.value)} has {joined(list(map(self.value, listed)), 'and')}"
                how = "all of " if test.every else "one of " if len(listed) != 1 else ""
                return f"{self.value(test.value)} has {how}{self._items(test.items)}"
            case tt.Near():
                side = "next" if test.ahead else "last"
                length = length_words(test.length)
                return f"{self.value(test.moment)} is within the {side} {length}"
            case tt.Known():
                return f"{self.value(test.value)} is known"
            case tt.StepKnown():
                return f"{test.step} {'has come' if test.matched else 'was reached'}"
            case tt.Truth():
                return self._truth(test.value)
            case tt.Reachable():
                return f"{channel_words(test.channel)} is possible"
            case tt.WindowOpen():
                return f"the {channel_words(test.channel)} window is open"
            case tt.Subscribed():
                on = "" if test.channel is None else f" on {channel_words(test.channel)}"
                return f"consent to {test.category} messages{on}"
            case tt.InSegment():
                return f"in the segment {test.segment}"
            case tt.InJourney():
                return f"in the journey {test.journey}"
            case tt.SegmentChanged():
                window = "" if test.window is None else f" {self.span(test.window)}"
                return f"{'entered' if test.entered else 'left'} the segment {test.segment}{window}"
            case tt.Outcome():
                return f"{test.step} was {test.what}{self._within(test)}"
            case _:
                raise AssertionError(test)

    def _truth(self, value: tv.Value) -> str:
        if isinstance(value, tv.Constant):
            return "everybody" if value.value else "nobody"
        return f"{self.value(value)} is yes"

    def _within(self, test: tt.Outcome) -> str:
        return "" if test.within is None else f" within {length_words(test.within)}"

    def _compare(self, test: tt.Compare) -> str:
        left, right = test.left, test.right
        if isinstance(left, tv.Aggregate) and left.how == "count" and _whole(right) is not None:
            count = _whole(right)
            noun = self.rows(left.rows, one=count == 1)
            if test.sign == "==" and count == 0:
                return f"no {self.rows(left.rows, one=True)}"
            return f"{_COUNTS[test.sign]} {count} {noun}"
        same = self._same(left, right) if test.sign == "==" else None
        exactly = test.how == "plain" and isinstance(left.kind, kinds.Text)
        return same or self._compared(test, "is exactly" if exactly else None)

    def _compared(self, test: tt.Compare, verb: str | None) -> str:
        signs = _MOMENTS if isinstance(test.left.kind, _TIMES) else _AMOUNTS
        return f"{self.value(test.left)} {verb or signs[test.sign]} {self.value(test.right)}"

    def _same(self, left: tv.Value, right: tv.Value) -> str | None:
        """``the same cart``, where a property of an event is compared with that of the trigger."""
        match left, right:
            case tv.Stored(root="row" | "candidate"), tv.Stored(root="trigger"):
                if left.name == right.name and not left.path and not right.path:
                    return f"the same {plain(left.name.removesuffix('_id'))}"
            case _:
                pass
        return None

    def _listed(self, items: tuple[tv.Value, ...] | tv.Value) -> tuple[tv.Value, ...]:
        return items if isinstance(items, tuple) else ()

    def _items(self, items: tuple[tv.Value, ...] | tv.Value) -> str:
        if isinstance(items, tuple):
            return joined([self.value(one) for one in items], "or")
        return f"one of {self.value(items)}"

    def _some(self, test: tt.Some) -> str:
        if test.times is None:
            return self._rows_of(test, "a", singular_of)
        sign, count = test.times
        noun = singular_of if count == 1 else plural_of
        return self._rows_of(test, f"{_COUNTS[sign]} {count}", noun)

    def _rows_of(self, test: tt.Some, count: str, noun: Any) -> str:
        rows = test.rows
        if isinstance(rows, tv.Events):
            words = noun(self.event(rows.event))
        else:
            words = f"{'entry' if noun is singular_of else 'entries'} of {self.value(rows.items)}"
        head = with_article(words) if count == "a" else f"{count} {words}"
        return f"{head}{self.where(rows)}{self.window(rows)}{self._followed(test.followed)}"

    def _followed(self, followed: tt.Follow | None) -> str:
        if followed is None:
            return ""
        noun = singular_of(self.event(followed.event))
        where = "" if followed.where is None else self.asked(self.test(followed.where))
        within = "" if followed.within is None else f" within {length_words(followed.within)}"
        said = f"no {noun}" if followed.negated else with_article(noun)
        return f", followed by {said}{where}{within}"

    def _messaged(self, test: tt.Messaged) -> str:
        parts = [
            "message" if test.category is None else f"{test.category} message",
            "" if test.journey is None else f"from {test.journey}",
            "" if test.channel is None else f"by {channel_words(test.channel)}",
            "" if test.window is None else self.span(test.window),
        ]
        return " ".join(filter(None, parts))


def _many(test: tt.Test) -> bool | None:
    """Whether a test is about several events or messages; None if it is not about any."""
    match test:
        case tt.Not(part=tt.Some(times=None) | tt.Messaged()) | tt.Messaged() | tt.Some(times=None):
            return False
        case tt.Some(times=(_, count)):
            return count != 1
        case tt.Compare(left=tv.Aggregate(how="count"), right=right):
            return None if _whole(right) is None else _whole(right) not in (0, 1)
        case _:
            return None


def _of_a_list(test: tt.Test) -> bool:
    """Whether a test is about entries of a list, which are there now, and not about events."""
    match test:
        case tt.Not(part=part):
            return _of_a_list(part)
        case tt.Some(rows=tv.Items()) | tt.Compare(left=tv.Aggregate(rows=tv.Items())):
            return True
        case _:
            return False


def _whole(value: tv.Value) -> int | None:
    match value:
        case tv.Constant(value=int() as number):
            return number
        case _:
            return None
