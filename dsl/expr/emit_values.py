"""Code for values."""

from __future__ import annotations

from typing import assert_never

from dsl import kinds
from dsl.calendar import Duration
from dsl.currencies import minor_units
from dsl.expr import typed_value as tv
from dsl.expr.check_values import is_number
from dsl.expr.emit import Body, Taken
from dsl.expr.functions import WEEKDAYS
from dsl.expr.timing import FIRST_INSTANT, LAST_INSTANT
from dsl.expr.typed_value import Value
from dsl.kinds import Kind

__all__ = ["EmitValues", "reader"]

_ROOTS = {
    "profile": "a",
    "trigger": "g",
    "candidate": "k",
    "variable": "v",
}


def reader(kind: Kind) -> str:
    """The function that reads an entry of a list at rest."""
    match kind:
        case kinds.Text():
            return "read_folded"
        case kinds.Number() | kinds.Whole() | kinds.Money():
            return "number"
        case kinds.Date():
            return "date_at_rest"
        case kinds.TimeOfDay():
            return "clock_at_rest"
        case kinds.Length():
            return "length_at_rest"
        case _:
            return "read_plain"


class EmitValues(Body):
    """Values as expressions; what is missing is found out first."""

    def take(self, value: Value) -> Taken:
        match value:
            case tv.Constant(value=None):
                return Taken(("False",), "None")
            case tv.Constant(value=constant):
                source = self.program.constant(constant)
                return Taken((), source, constant.__class__ is int)
            case tv.Stored():
                return self._stored(value)
            case tv.WallTime(moment=moment):
                return self.may_be_none(f"wall({self.program.constant(moment)}, c)")
            case tv.Column(items=items, path=path):
                taken = self.take(items)
                made = self.may_be_none(f"column({taken.source}, {path!r})")
                return Taken((*taken.tests, *made.tests), made.source)
            case tv.StepPart(step=step, part=part):
                record = self.fresh()
                made = self.may_be_none(f"{record}.{part}")
                fetched = f"({record} := {self.use('s')}.get({step!r})) is not None"
                return Taken((fetched, *made.tests), made.source, part in ("time", "round"))
            case tv.TimeOf(what="row"):
                return Taken((), "h.occurred", whole=True)
            case tv.TimeOf(what=what):
                made = self.may_be_none(f"c.{what}")
                return Taken(made.tests, f"{made.source}.occurred", whole=True)
            case tv.Entry():
                return self.may_be_none("c.entry")._replace(whole=True)
            case tv.Now():
                return Taken((), self.use("now"), whole=True)
            case tv.Day(offset=0):
                return self.may_be_none(f"day_of({self.use('now')}, c)")
            case tv.Day(offset=offset):
                return self.may_be_none(f"next_day({self.use('now')}, {offset}, c)")
            case tv.DayStart(value=inner):
                return self._through(inner, "day_start({}, c)")._replace(whole=True)
            case tv.DayOf(value=inner):
                return self._through(inner, "day_of({}, c)")
            case tv.Arithmetic():
                return self._arithmetic(value)
            case tv.Negative(value=inner):
                taken = self.take(inner)
                return taken._replace(source=f"(-{taken.source})")
            case tv.Call():
                return self._call(value)
            case tv.OrElse(value=first, default=default):
                return self._or_else(first, default)
            case tv.IfElse(condition=condition, then=then, otherwise=otherwise):
                one, other = self.take(then), self.take(otherwise)
                source = (
                    f"({self.or_none(one)} if {self.test(condition)} else {self.or_none(other)})"
                )
                if one.sure and other.sure:
                    return Taken((), source, one.whole and other.whole)
                return self.may_be_none(source)._replace(whole=one.whole and other.whole)
            case tv.Elapsed(moment=moment, until=until):
                taken = self.take(moment)
                now = self.use("now")
                sides = (taken.source, now) if until else (now, taken.source)
                return Taken(taken.tests, f"span({sides[0]} - {sides[1]})")
            case tv.Answer(test=test):
                return Taken((), f"({self.test(test)})")
            case tv.Aggregate(how="count", of=None, rows=rows):
                return self.count_rows(rows)
            case tv.Aggregate() | tv.Pick():
                return self.measure(value)
            case _:
                assert_never(value)

    def _through(self, value: Value, call: str) -> Taken:
        taken = self.take(value)
        made = self.may_be_none(call.format(taken.source))
        return Taken((*taken.tests, *made.tests), made.source)

    def _or_else(self, first: Value, default: Value) -> Taken:
        one, other = self.take(first), self.take(default)
        if one.sure:
            return one
        source = f"({one.source} if {' and '.join(one.tests)} else {self.or_none(other)})"
        whole = one.whole and other.whole
        return (
            Taken((), source, whole)
            if other.sure
            else self.may_be_none(source)._replace(whole=whole)
        )

    # -- what is stored

    def _stored(self, value: tv.Stored) -> Taken:
        if value.root == "row":
            path = [value.name, *value.path] if value.name else list(value.path)
            keyed = bool(path) or isinstance(value.kind, kinds.Record)
            raw = self.use("p") if keyed else "x"
            loose = False
        elif value.root == "step":
            record = self.fresh()
            test = (
                f"({record} := {self.use('s')}.get({value.name!r})) is not None"
                f" and {record}.values is not None"
            )
            taken = self._read(value.kind, f"{record}.values", list(value.path), loose=True)
            return taken._replace(tests=(test, *taken.tests))
        else:
            raw = self.use(_ROOTS[value.root])
            path = [value.name, *value.path]
            loose = value.root == "variable"
        return self._read(value.kind, raw, path, loose=loose)

    def _read(self, kind: Kind, raw: str, path: list[str], *, loose: bool) -> Taken:
        """``raw`` followed along ``path`` through records, read as ``kind``."""
        tests: list[str] = []
        for at, name in enumerate(path):
            if at:
                record = self.fresh()
                tests.append(f"({record} := {raw}).__class__ is dict")
                raw = record
            raw = f"{raw}.get({name!r})"
        taken = self._of_kind(kind, raw, loose=loose)
        return taken._replace(tests=(*tests, *taken.tests))

    def _of_kind(self, kind: Kind, raw: str, *, loose: bool) -> Taken:
        name = self.fresh()

        def of_class(class_name: str, *more: str, whole: bool = False) -> Taken:
            return Taken((f"({name} := {raw}).__class__ is {class_name}", *more), name, whole)

        match kind:
            case kinds.Text() | kinds.Code() | kinds.OneOf():
                return of_class("str", f"{name} != ''")
            case kinds.Money() if loose:
                return self.may_be_none(f"number({raw})")
            case kinds.Whole() | kinds.Money():
                return of_class("int", whole=True)
            case kinds.Instant():
                return of_class("int", f"{FIRST_INSTANT} <= {name} <= {LAST_INSTANT}", whole=True)
            case kinds.Number():
                return self.may_be_none(f"number({raw})")
            case kinds.YesNo():
                return of_class("bool")
            case kinds.Date():
                return self.may_be_none(f"date_at_rest({raw})")
            case kinds.TimeOfDay():
                return self.may_be_none(f"clock_at_rest({raw})")
            case kinds.Length():
                return self.may_be_none(f"length_at_rest({raw})")
            case kinds.ListOf():
                return of_class("list", f"len({name}) > 0")
            case kinds.Record():
                return of_class("dict")
            case _:
                assert_never(kind)

    # -- what is calculated

    def _arithmetic(self, value: tv.Arithmetic) -> Taken:
        left, right = self.take(value.left), self.take(value.right)
        one, other = value.left.kind, value.right.kind
        tests = (*left.tests, *right.tests)
        sign, sides = value.sign, f"{left.source}, {right.source}"

        def inline(source: str, *, whole: bool = False) -> Taken:
            return Taken(tests, source, whole)

        def call(source: str, *, whole: bool = False) -> Taken:
            made = self.may_be_none(source)
            return Taken((*tests, *made.tests), made.source, whole)

        if isinstance(value.kind, kinds.Text):
            return inline(f"({left.source} + {right.source})")
        if isinstance(one, kinds.Length) and isinstance(other, kinds.Date | kinds.Instant):
            return self._moved(value.right, right, value.left, left, tests, "+")
        if isinstance(one, kinds.Date | kinds.Instant) and isinstance(other, kinds.Length):
            return self._moved(value.left, left, value.right, right, tests, sign)
        match value.kind:
            case kinds.Length() if isinstance(one, kinds.Date):
                return inline(f"days_between({sides})")
            case kinds.Length() if isinstance(one, kinds.Instant):
                return inline(f"span({left.source} - {right.source})")
            case kinds.Length() if sign == "*":
                length, factor = (right, left) if is_number(one) else (left, right)
                return call(f"repeated({length.source}, {factor.source})")
            case kinds.Length():
                return inline(f"({left.source} {sign} {right.source})")
            case _ if sign == "/":
                return call(f"over({sides})")
            case _ if left.whole and right.whole:
                return inline(f"({left.source} {sign} {right.source})", whole=True)
            case _:
                name = {"+": "plus", "-": "minus", "*": "times"}[sign]
                return inline(f"{name}({sides})")

    def _moved(
        self,
        moment: Value,
        at: Taken,
        length: Value,
        by: Taken,
        tests: tuple[str, ...],
        sign: str,
    ) -> Taken:
        if isinstance(moment.kind, kinds.Instant) and isinstance(length, tv.Constant):
            constant: Duration = length.value
            if constant.exact:
                return Taken(tests, f"({at.source} {sign} {constant.micros})", whole=True)
        distance = f"(-{by.source})" if sign == "-" else by.source
        instant = isinstance(moment.kind, kinds.Instant)
        name = "later" if instant else "next_date"
        made = self.may_be_none(f"{name}({at.source}, {distance}, c)")
        return Taken((*tests, *made.tests), made.source, instant)

    # -- functions

    def _call(self, value: tv.Call) -> Taken:
        taken = [self.take(argument) for argument in value.arguments]
        tests = tuple(test for part in taken for test in part.tests)
        first = taken[0].source
        kind = value.arguments[0].kind
        source, sure, whole = self._function(value, kind, [part.source for part in taken], first)
        if sure:
            return Taken(tests, source, whole)
        made = self.may_be_none(source)
        return Taken((*tests, *made.tests), made.source, whole)

    def _function(
        self, value: tv.Call, kind: Kind, sources: list[str], first: str
    ) -> tuple[str, bool, bool]:
        """Source, whether it is never missing, and whether it is certainly an int."""
        match value.function:
            case "age":
                return f"years({first}, c)", False, True
            case "anniversary":
                return f"anniversary({first}, c)", False, False
            case "weekday":
                return f"{self.program.constant(WEEKDAYS)}[{first}.weekday()]", True, False
            case "day" | "month" | "year":
                return f"{first}.{value.function}", True, True
            case "date":
                return first, True, False
            case "hour" if isinstance(kind, kinds.TimeOfDay):
                return f"{first}.hour", True, True
            case "hour":
                return f"local_hour({first}, c)", False, True
            case "in_days":
                return f"in_days({first})", True, False
            case "round" | "floor" | "ceil":
                digits = sources[1] if len(sources) > 1 else "0"
                if isinstance(kind, kinds.Money):  # rounds the amount, not its minor units
                    digits = f"{digits} - {minor_units(kind.currency)}"
                name = "half_up" if value.function == "round" else value.function
                return f"{name}({first}, {digits})", True, False
            case "abs":
                return f"abs({first})", True, False
            case "length":
                return f"len({first})", True, True
            case "lower" | "upper":
                return f"{first}.{value.function}()", True, False
            case "trim":
                return f"({first}.strip() or None)", False, False
            case "title":
                return f"title({first})", True, False
            case "join":
                return f"join({sources[0]}, {sources[1]})", False, False
            case "format_money":
                assert isinstance(kind, kinds.Money)
                return f"written_amount({first}, {kind.currency!r}, c.language)", False, False
            case name:
                raise AssertionError(name)
