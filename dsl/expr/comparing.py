"""Which kinds can be compared, how, and what to say when they cannot.

Five implicit conversions and no more (language reference, section 2.5); two currencies never
compare. A date against an instant is compared by day where a word says so (``is``, ``is after``),
and as the start of that day under ``<`` and its kin.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from dsl import kinds
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.expr.check_values import as_instant, as_money, is_number
from dsl.expr.functions import WEEKDAYS
from dsl.expr.speech import say
from dsl.expr.typed_test import How, Test
from dsl.expr.typed_value import Value
from dsl.kinds import Kind
from dsl.spelling import did_you_mean

__all__ = ["Clash", "Pair", "both_ends", "matched"]


class Pair(NamedTuple):
    """Two values that can be compared, brought to one kind."""

    how: How
    left: Value
    right: Value


class Clash(NamedTuple):
    """Why two values cannot be compared. The second one is to blame unless ``left``."""

    code: str
    message: str
    hint: str | None = None
    left: bool = False


def both_ends(low: Pair, high: Pair) -> Test:
    """Between two ends that can each be compared with the value. The time since a moment is
    compared as everywhere: days and months are added to the moment.
    """
    value = low.left
    ends = (low.right, high.right)
    if isinstance(value, tv.Elapsed) and not any(isinstance(end, tv.Elapsed) for end in ends):
        least = tt.Span(">=", value.until, value.moment, low.right)
        return tt.All((least, tt.Span("<=", value.until, value.moment, high.right)))
    if low.left != high.left:  # one end is a date, the other an instant
        day = low.left if isinstance(low.left.kind, kinds.Date) else high.left
        first, last = (
            tv.DayOf(end) if isinstance(end.kind, kinds.Instant) else end for end in ends
        )
        return tt.Between("plain", day, first, last)
    return tt.Between(low.how, value, low.right, high.right)


Style: TypeAlias = Literal["same", "exact", "day", "order"]
"""``is`` · ``is exactly`` · ``is after`` and its kin · ``<`` and its kin."""

_TEXTS = (kinds.Text, kinds.Code, kinds.OneOf)
_DATED = (kinds.Date, kinds.Instant)


def matched(left: Value, right: Value, style: Style) -> Pair | Clash:
    """The two values as they are compared, or why they are not."""
    one, other = left.kind, right.kind
    if isinstance(one, kinds.Money) and isinstance(other, kinds.Money) and one != other:
        hint = "Amounts are never converted silently."
        return Clash("T05", f"This compares {one.currency} with {other.currency}.", hint)
    if isinstance(one, kinds.Money):
        right = as_money(right, one) or right
    elif isinstance(other, kinds.Money):
        left = as_money(left, other) or left
    pair = _pair(left, right, style)
    return _clash(one, right, other) if pair is None else pair


def _pair(left: Value, right: Value, style: Style) -> Pair | Clash | None:
    one, other = left.kind, right.kind
    if isinstance(one, _DATED) and isinstance(other, _DATED):
        return _dated(left, right, style)
    if style == "day":
        return None
    if is_number(one) and is_number(other):
        return Pair("plain", left, right)
    if isinstance(one, kinds.Length) and isinstance(other, kinds.Length):
        return Pair("length", left, right)
    if one == other and isinstance(one, kinds.Money | kinds.TimeOfDay):
        return Pair("plain", left, right)
    if style == "order":
        return None
    if isinstance(one, kinds.YesNo) and isinstance(other, kinds.YesNo):
        return Pair("plain", left, right)
    if isinstance(one, _TEXTS) and isinstance(other, _TEXTS):
        return _texts(left, right, style)
    return None


def _dated(left: Value, right: Value, style: Style) -> Pair:
    if type(left.kind) is type(right.kind):
        return Pair("plain", left, right)
    if style == "order":
        return Pair("plain", as_instant(left) or left, as_instant(right) or right)
    return Pair("plain", _day(left), _day(right))


def _day(value: Value) -> Value:
    return tv.DayOf(value) if isinstance(value.kind, kinds.Instant) else value


def _texts(left: Value, right: Value, style: Style) -> Pair | Clash:
    for listed, word, on_left in ((left, right, False), (right, left, True)):
        if isinstance(listed.kind, kinds.OneOf) and isinstance(word, tv.Constant):
            clash = _not_listed(listed.kind, word.value)
            if clash is not None:
                return clash._replace(left=on_left)
    for on_left, value in ((True, left), (False, right)):
        if isinstance(value, tv.Constant) and value.value is None:
            hint = 'Write "is missing" or "is known".'
            return Clash("T10", "Nothing is ever equal to an empty text.", hint, on_left)
    plain_text = all(isinstance(value.kind, kinds.Text) for value in (left, right))
    folded = plain_text and style != "exact"
    return Pair("folded" if folded else "plain", left, right)


def _not_listed(kind: kinds.OneOf, word: str | None) -> Clash | None:
    if word is None or word in kind.values:
        return None
    hint = did_you_mean(word, kind.values)
    if hint is None:
        few = kind.values[:12]
        hint = "Possible: " + ", ".join(few) + ("…" if len(few) < len(kind.values) else "")
    return Clash("T03", f'"{word}" is not one of the values.', hint)


def _clash(one: Kind, right: Value, other: Kind) -> Clash:
    return Clash("T02", f"This compares {_name(one)} with {_name(other)}.", _hint(one, right))


def _name(kind: Kind) -> str:
    return "day of the week" if kind == kinds.OneOf(WEEKDAYS) else say(kind)


def _hint(one: Kind, right: Value) -> str | None:
    other = right.kind
    quoted = isinstance(right, tv.Constant) and isinstance(other, kinds.Text)
    match one:
        case kinds.Money() if quoted:
            return "Write the amount with its currency, or the number without quotation marks."
        case kinds.Money() if is_number(other):
            return f"Write the amount with its currency, for example: 50 {one.currency}"
        case kinds.Date() | kinds.Instant() if isinstance(other, kinds.Length):
            return "For how long ago write: time since ..."
        case kinds.Date() | kinds.Instant() if quoted:
            return "Dates are written without quotation marks: 2026-01-01"
        case kinds.TimeOfDay() if quoted:
            return "Times are written without quotation marks: 09:00"
        case kinds.Number() | kinds.Whole() if quoted:
            return "Write the number without quotation marks."
        case kinds.YesNo() if quoted:
            return "Write yes or no, without quotation marks."
        case kinds.Length() if is_number(other):
            return "Write the number with its unit, for example: 30 days"
        case kinds.Text() | kinds.Code() | kinds.OneOf() if isinstance(right, tv.Constant):
            return "Texts stand in quotation marks."
        case kinds.ListOf():
            return 'For a list, write "has": tags has "vip"'
        case _ if isinstance(other, kinds.ListOf):
            return 'For a list, write "is one of", or turn it around: tags has "vip"'
        case _:
            return None
