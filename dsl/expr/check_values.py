"""Kinds of values: literals, arithmetic, defaults and functions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import Literal

from dsl import kinds
from dsl.calendar import from_datetime
from dsl.currencies import minor_units
from dsl.expr import history, tree
from dsl.expr import typed_value as tv
from dsl.expr.functions import FUNCTIONS, result_of
from dsl.expr.ground import Ground
from dsl.expr.speech import say, say_one
from dsl.expr.typed_value import Value
from dsl.kinds import Kind
from dsl.spelling import did_you_mean

__all__ = ["Values", "as_instant", "as_money", "is_number", "minor"]


class Values(Ground):
    """Gives every value its kind."""

    def value(self, node: tree.Node) -> Value | None:
        match node:
            case tree.Path():
                return self.path_value(node)
            case tree.Number(value=number):
                whole = isinstance(number, int)
                return tv.Constant(kinds.Whole() if whole else kinds.Number(), number)
            case tree.Money(amount=amount, currency=currency):
                return tv.Constant(kinds.Money(currency), minor(amount, currency))
            case tree.Text(value=text):
                return tv.Constant(kinds.Text(), text or None)
            case tree.Length(value=length):
                return tv.Constant(kinds.Length(), length)
            case tree.Moment(value=moment) if moment.tzinfo is not None:
                return tv.Constant(kinds.Instant(), from_datetime(moment.astimezone(UTC)))
            case tree.Moment(value=moment):
                return tv.WallTime(moment)
            case tree.Date(value=day):
                return tv.Constant(kinds.Date(), day)
            case tree.Time(value=clock):
                return tv.Constant(kinds.TimeOfDay(), clock)
            case tree.Flag(value=flag):
                return tv.Constant(kinds.YesNo(), flag)
            case tree.Now():
                self.reads.clock = True
                return tv.Now()
            case tree.Day(offset=offset):
                self.reads.clock = True
                return tv.Day(offset)
            case tree.Call():
                return self._call(node)
            case tree.Negative():
                return self._negative(node)
            case tree.Arithmetic():
                return self._arithmetic(node)
            case tree.OrElse():
                return self._or_else(node)
            case tree.IfElse():
                return self._if_else(node)
            case tree.Elapsed():
                return self._elapsed(node)
            case history.Aggregate() if node.how not in ("any", "all", "none"):
                return self._aggregate(node)
            case history.Pick():
                return self._pick(node)
            case _:
                test = self.test(node)
                return None if test is None else tv.Answer(test)

    # -- arithmetic

    def _negative(self, node: tree.Negative) -> Value | None:
        value = self.value(node.operand)
        if value is None:
            return None
        if not isinstance(value.kind, kinds.Whole | kinds.Number | kinds.Money | kinds.Length):
            self.error(
                "T07", node.operand, f'"-" needs a number, but this is {say_one(value.kind)}.'
            )
            return None
        if isinstance(value, tv.Constant) and value.value is not None:
            return replace(value, value=-value.value)
        return tv.Negative(value.kind, value)

    def _arithmetic(self, node: tree.Arithmetic) -> Value | None:
        left, right = self.value(node.left), self.value(node.right)
        if left is None or right is None:
            return None
        made = _calculated(node.sign, left, right)
        if made is not None:
            return made
        if (
            isinstance(left.kind, kinds.Money)
            and isinstance(right.kind, kinds.Money)
            and left.kind != right.kind
        ):
            self.error(
                "T05",
                node.right,
                f"This calculates with {left.kind.currency} and {right.kind.currency}.",
                "Amounts are never converted silently.",
            )
            return None
        message = f'"{node.sign}" does not work between {say(left.kind)} and {say(right.kind)}.'
        self.error("T07", node, message, _calculation_hint(left.kind, right.kind))
        return None

    def _elapsed(self, node: tree.Elapsed) -> Value | None:
        self.reads.clock = True
        value = self.value(node.moment)
        if value is None:
            return None
        moment = as_instant(value)
        if moment is None:
            word = "until" if node.until else "since"
            message = f'"time {word}" needs a date, but this is {say_one(value.kind)}.'
            hint = None
            if isinstance(value, tv.Aggregate):
                hint = f"Write: time {word} last {self.quote(node.moment)}"
            self.error("T07", node.moment, message, hint)
            return None
        return tv.Elapsed(moment, node.until)

    # -- choices between values

    def _or_else(self, node: tree.OrElse) -> Value | None:
        value, default = self.value(node.value), self.value(node.default)
        if value is None or default is None:
            return None
        joined = self._joined(node.default, value, default)
        return None if joined is None else tv.OrElse(joined[0].kind, *joined)

    def _if_else(self, node: tree.IfElse) -> Value | None:
        condition = self.test(node.condition)
        then, otherwise = self.value(node.then), self.value(node.otherwise)
        if condition is None or then is None or otherwise is None:
            return None
        joined = self._joined(node.otherwise, then, otherwise)
        return None if joined is None else tv.IfElse(joined[0].kind, condition, *joined)

    def _joined(self, node: tree.Node, one: Value, other: Value) -> tuple[Value, Value] | None:
        """Two values that can stand in for each other, brought to one kind."""
        kind = _common(one.kind, other.kind)
        if kind is not None:
            return _as(one, kind), _as(other, kind)
        message = f"One of these is {say_one(one.kind)}, the other is {say_one(other.kind)}."
        hint = None
        if isinstance(one.kind, kinds.Money) and is_number(other.kind):
            hint = f"Write the amount with its currency: {self.quote(node)} {one.kind.currency}"
        self.error("T08", node, message, hint)
        return None

    # -- functions

    def _call(self, node: tree.Call) -> Value | None:
        name = node.name.text
        if name not in FUNCTIONS:
            hint = did_you_mean(name, FUNCTIONS)
            self.error("N08", node.name, f'There is no function called "{name}".', hint)
            return None
        values = [self.value(argument) for argument in node.arguments]
        arguments = tuple(value for value in values if value is not None)
        if len(arguments) < len(values):
            return None
        kind, ready = result_of(name, arguments)
        if kind is None:
            given = " and ".join(say(value.kind) for value in arguments) or "nothing"
            message = f'"{name}" does not work with {given}.'
            self.error("T09", node, message, f"Write: {FUNCTIONS[name].example}")
            return None
        if FUNCTIONS[name].clock:
            self.reads.clock = True
        return tv.Call(kind, name, ready)

    # -- history

    def _aggregate(self, node: history.Aggregate) -> Value | None:
        found = self.rows_of(node.path, node.where, node.window)
        if found is None:
            return None
        rows, of = found
        match node.how:
            case "count":
                return tv.Aggregate(kinds.Whole(), "count", rows, of)
            case "any" | "all" | "none":
                return None
            case how:
                return self._measure(node, how, rows, of)

    def _measure(
        self,
        node: history.Aggregate,
        how: Literal["sum", "average", "lowest", "highest", "unique"],
        rows: tv.Rows,
        of: Value | None,
    ) -> Value | None:
        said = self.quote(node.path)
        if of is None:
            message = f'This does not say of what: "{said}" has many properties.'
            name = "sum of" if how == "sum" else "average of" if how == "average" else how
            self.error("N05", node.path, message, f"Write: {name} {said}.total")
            return None
        kind: Kind | None = of.kind
        match how:
            case "sum" if not isinstance(of.kind, kinds.Whole | kinds.Number | kinds.Money):
                kind = None
            case "average" if isinstance(of.kind, kinds.Whole | kinds.Number):
                kind = kinds.Number()
            case "average" if not isinstance(of.kind, kinds.Money):
                kind = None
            case "unique" if isinstance(of.kind, kinds.ListOf | kinds.Record):
                kind = None
            case "unique":
                kind = kinds.ListOf(of.kind)
            case "lowest" | "highest" if not isinstance(of.kind, _ORDERED):
                kind = None
            case _:
                pass
        if kind is None:
            message = f'"{self.quote(node.path)}" is {say_one(of.kind)}: there is no {how} of it.'
            self.error("T07", node.path, message)
            return None
        return tv.Aggregate(kind, how, rows, of)

    def _pick(self, node: history.Pick) -> Value | None:
        found = self.rows_of(node.path, node.where, node.window)
        if found is None:
            return None
        rows, of = found
        if of is None and isinstance(rows, tv.Items):
            item = rows.items.kind
            assert isinstance(item, kinds.ListOf)
            of = tv.Stored(item.item, "row", "")
        if of is None:
            of = tv.TimeOf("row")
        return tv.Pick(of.kind, node.last, rows, of)


_ORDERED = kinds.Whole | kinds.Number | kinds.Money | kinds.Date | kinds.Instant | kinds.TimeOfDay


def is_number(kind: Kind) -> bool:
    """Whether it is a number without a unit."""
    return isinstance(kind, kinds.Number | kinds.Whole)


def minor(amount: Decimal, currency: str) -> int | Decimal:
    """An amount in minor units: 50 EUR is 5000."""
    scaled = amount.scaleb(minor_units(currency))
    return int(scaled) if scaled == scaled.to_integral_value() else scaled


def as_instant(value: Value) -> Value | None:
    """The value as an instant; a date is its start. None if it is neither."""
    match value.kind:
        case kinds.Instant():
            return value
        case kinds.Date():
            return tv.DayStart(value)
        case _:
            return None


def as_money(value: Value, kind: kinds.Money) -> Value | None:
    """A number literal as an amount; None if it is no literal."""
    if not isinstance(value, tv.Constant) or not is_number(value.kind) or value.value is None:
        return None
    return tv.Constant(kind, minor(Decimal(value.value), kind.currency))


def _as(value: Value, kind: Kind) -> Value:
    if isinstance(kind, kinds.Instant):
        return as_instant(value) or value
    return value


def _common(one: Kind, other: Kind) -> Kind | None:
    """The kind both can be used as."""
    texts = (kinds.Text, kinds.Code, kinds.OneOf)
    if one == other:
        return one
    if is_number(one) and is_number(other):
        return kinds.Number()
    if isinstance(one, texts) and isinstance(other, texts):
        return kinds.Text()
    days = (kinds.Date, kinds.Instant)
    if isinstance(one, days) and isinstance(other, days):
        return kinds.Instant()
    if isinstance(one, kinds.ListOf) and isinstance(other, kinds.ListOf):
        item = _common(one.item, other.item)
        return None if item is None or isinstance(item, kinds.Instant) else kinds.ListOf(item)
    return None


def _calculated(sign: Literal["+", "-", "*", "/"], left: Value, right: Value) -> Value | None:
    """The calculation, if it makes sense."""
    kind = _kind_of(sign, left, right)
    if kind is None:
        return None
    if isinstance(kind, kinds.Instant) or (
        isinstance(kind, kinds.Length) and sign == "-" and left.kind != right.kind
    ):
        left, right = as_instant(left) or left, as_instant(right) or right
    return tv.Arithmetic(kind, sign, left, right)


def _kind_of(sign: Literal["+", "-", "*", "/"], left: Value, right: Value) -> Kind | None:
    one, other = left.kind, right.kind
    match sign:
        case "+" | "-":
            if is_number(one) and is_number(other):
                return kinds.Whole() if one == other == kinds.Whole() else kinds.Number()
            if isinstance(one, kinds.Money | kinds.Length) and one == other:
                return one
            if isinstance(one, kinds.Date | kinds.Instant) and isinstance(other, kinds.Length):
                whole = isinstance(one, kinds.Date) and whole_days(right)
                return kinds.Date() if whole else kinds.Instant()
            if sign == "+" and isinstance(one, kinds.Length):
                swapped = isinstance(other, kinds.Date | kinds.Instant)
                return _kind_of("+", right, left) if swapped else None
            texts = (kinds.Text, kinds.Code, kinds.OneOf)
            if sign == "+" and isinstance(one, texts) and isinstance(other, texts):
                return kinds.Text()
            days = (kinds.Date, kinds.Instant)
            if sign == "-" and isinstance(one, days) and isinstance(other, days):
                return kinds.Length()
        case "*":
            if is_number(one) and is_number(other):
                return kinds.Whole() if one == other == kinds.Whole() else kinds.Number()
            if is_number(one) and isinstance(other, kinds.Money | kinds.Length):
                return other
            if is_number(other) and isinstance(one, kinds.Money | kinds.Length):
                return one
        case "/":
            if is_number(one) and is_number(other):
                return kinds.Number()
            if isinstance(one, kinds.Money) and one == other:
                return kinds.Number()
            if isinstance(one, kinds.Money) and is_number(other):
                return one
    return None


def whole_days(value: Value) -> bool:
    """Whether a length is certainly made of calendar days, so that a date stays a date."""
    match value:
        case tv.Constant(value=length):
            return length is not None and not length.micros
        case tv.Arithmetic(sign="+" | "-", left=left, right=right):
            return whole_days(left) and whole_days(right)
        case tv.Arithmetic(sign="*", left=left, right=right):
            count, length = (left, right) if is_number(left.kind) else (right, left)
            return isinstance(count.kind, kinds.Whole) and whole_days(length)
        case tv.Negative(value=inner):
            return whole_days(inner)
        case tv.OrElse(value=one, default=other):
            return whole_days(one) and whole_days(other)
        case _:
            return False


def _calculation_hint(one: Kind, other: Kind) -> str | None:
    pair = (one, other)
    if any(isinstance(kind, kinds.Money) for kind in pair) and any(map(is_number, pair)):
        return "Write the amount with its currency, for example: 5 EUR"
    dated = any(isinstance(kind, kinds.Date | kinds.Instant) for kind in pair)
    if dated and any(map(is_number, pair)):
        return "Write the number with its unit, for example: 5 days"
    texts = (kinds.Text, kinds.Code, kinds.OneOf)
    if any(isinstance(kind, texts) for kind in pair):
        return "To put a value into a text, write it in the text: {{ ... }}"
    return None
