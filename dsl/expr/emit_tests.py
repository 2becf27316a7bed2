"""Code for tests: expressions that are True or False, whatever is missing."""

from __future__ import annotations

from typing import Any, assert_never

from dsl import kinds
from dsl.calendar import Duration
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.expr.arithmetic import length_key
from dsl.expr.emit import Taken
from dsl.expr.emit_values import EmitValues, reader
from dsl.expr.timing import reach
from dsl.expr.typed_test import How, Test
from dsl.expr.typed_value import Value
from dsl.expr.wording import fold, pieces

__all__ = ["EmitTests"]

_MIRROR = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class EmitTests(EmitValues):
    """Tests as expressions."""

    def test(self, test: Test) -> str:
        match test:
            case tt.Compare():
                return self._compare(test)
            case tt.Wording():
                return self._wording(test)
            case tt.Span():
                return self._span(test)
            case tt.Between(how=how, value=value, low=low, high=high):
                parts = [self.take(side) for side in (value, low, high)]
                middle, first, last = (
                    self._side(how, side, part)
                    for side, part in zip((value, low, high), parts, strict=True)
                )
                tests = [one for part in parts for one in part.tests]
                return self.all_of(*tests, f"{first} <= {middle} <= {last}")
            case tt.Among():
                return self._among(test)
            case tt.Has():
                return self._has(test)
            case tt.Near():
                return self._near(test)
            case tt.Known(value=value):
                return self.all_of(*self.take(value).tests)
            case tt.StepKnown(step=step, matched=matched):
                name = self.fresh()
                got = f"({name} := {self.use('s')}.get({step!r})) is not None"
                return self.all_of(got, f"{name}.values is not None" if matched else "True")
            case tt.Truth(value=value):
                taken = self.take(value)
                return self.all_of(*taken.tests, taken.source)
            case tt.All(parts=every):
                return self.all_of(*(self.test(part) for part in every))
            case tt.Any_(parts=some):
                return f"({' or '.join(self.test(part) for part in some)})"
            case tt.Not(part=part):
                return f"(not {self.test(part)})"
            case tt.Choose(condition=condition, then=then, otherwise=otherwise):
                sides = self.test(then), self.test(otherwise)
                return f"({sides[0]} if {self.test(condition)} else {sides[1]})"
            case tt.Reachable(channel=channel):
                return f"c.facts.reachable({channel!r}, c)"
            case tt.WindowOpen(channel=channel):
                return f"c.facts.window_open({channel!r}, c)"
            case tt.Subscribed(category=category, channel=channel):
                return f"c.facts.subscribed({category!r}, {channel!r}, c)"
            case tt.InSegment(segment=segment):
                return f"c.facts.in_segment({segment!r}, c)"
            case tt.InJourney(journey=journey):
                return f"c.facts.in_journey({journey!r}, c)"
            case tt.Outcome(step=step, what=what, within=None):
                return f"c.facts.outcome({step!r}, {what!r}, None, c)"
            case tt.Outcome(step=step, what=what, within=within):
                return f"outcome(c, {step!r}, {what!r}, {self.program.constant(within)})"
            case tt.SegmentChanged():
                return self.ask(test.kept)
            case tt.Messaged() | tt.Some() | tt.Every():
                return self.ask(test)
            case _:
                assert_never(test)

    # -- comparisons

    def _side(self, how: How, value: Value, taken: Taken) -> str:
        """A value in the form in which it is compared."""
        constant: Any = value.value if isinstance(value, tv.Constant) else None
        match how:
            case "plain" | "day":
                return taken.source
            case "folded":
                return repr(fold(constant)) if constant is not None else f"fold({taken.source})"
            case "length":
                if constant is not None:
                    return self.program.constant(length_key(constant))
                return f"length_key({taken.source})"

    def _compare(self, test: tt.Compare) -> str:
        left, right = self.take(test.left), self.take(test.right)
        sides = self._side(test.how, test.left, left), self._side(test.how, test.right, right)
        tests = (*self._needed(test.left, left, test), *self._needed(test.right, right, test))
        return self.all_of(*tests, f"{sides[0]} {test.sign} {sides[1]}")

    def _needed(self, value: Value, taken: Taken, test: tt.Compare) -> tuple[str, ...]:
        """The tests of one side; "is not empty" goes without saying beside a constant text."""
        other = test.right if value is test.left else test.left
        texts = (kinds.Text, kinds.Code, kinds.OneOf)
        if (
            isinstance(value, tv.Stored)
            and isinstance(value.kind, texts)
            and isinstance(other, tv.Constant)
            and other.value is not None
            and fold(other.value)
        ):
            return taken.tests[:-1]
        return taken.tests

    def _wording(self, test: tt.Wording) -> str:
        value, part = self.take(test.value), self.take(test.part)
        how: How = "plain" if test.exact else "folded"
        text, wanted = self._side(how, test.value, value), self._side(how, test.part, part)
        match test.what:
            case "contains":
                said = f"{wanted} in {text}"
            case "starts with":
                said = f"{text}.startswith({wanted})"
            case "ends with":
                said = f"{text}.endswith({wanted})"
            case "matches":
                parts = f"pieces({wanted})"
                if isinstance(test.part, tv.Constant) and test.part.value is not None:
                    pattern = test.part.value if test.exact else fold(test.part.value)
                    parts = self.program.constant(pieces(pattern))
                said = f"glob({parts}, {text})"
            case _:
                assert_never(test.what)
        return self.all_of(*value.tests, *part.tests, said)

    def _span(self, test: tt.Span) -> str:
        """``time since x >= D`` is ``x + D <= now``; ``time until x >= D`` is ``x >= now + D``."""
        moment, length = self.take(test.moment), self.take(test.length)
        tests = (*moment.tests, *length.tests)
        now = self.use("now")
        origin = now if test.until else moment.source
        written: Duration | None = None
        if isinstance(test.length, tv.Constant):
            written = test.length.value
        if written is not None and written.exact:
            moved = Taken((), f"{origin} + {written.micros}")
        else:
            moved = self.may_be_none(f"later({origin}, {length.source}, c)")
        if test.until:
            said = f"{moment.source} {test.sign} {moved.source}"
            passed = f"{moment.source} - {now}"
        else:
            said = f"{moved.source} {_MIRROR[test.sign]} {now}"
            passed = f"{now} - {moment.source}"
        exact = self.all_of(*moved.tests, said)
        if written is None:
            return self.all_of(*tests, exact)
        return self.all_of(*tests, self._by_reach(test.sign, passed, written, exact))

    def _by_reach(self, sign: str, passed: str, length: Duration, exact: str) -> str:
        """``passed`` against a length: by plain numbers where they tell, else by the calendar."""
        limits = reach(length)
        if limits is None:
            return exact
        least, most = limits
        name = self.fresh()
        match sign:
            case ">" | ">=":
                return f"(({name} := {passed}) > {most} or {name} >= {least} and {exact})"
            case "<" | "<=":
                return f"(({name} := {passed}) < {least} or {name} <= {most} and {exact})"
            case _:
                return f"({least} <= {passed} <= {most} and {exact})"

    def _near(self, test: tt.Near) -> str:
        moment = self.take(test.moment)
        now = self.use("now")
        edge = self.shifted(now, test.length, back=not test.ahead)
        if test.ahead:
            side, said = f"{now} <= {moment.source}", f"{moment.source} < {edge.source}"
            passed = f"{moment.source} - {now}"
        else:
            side, said = f"{moment.source} <= {now}", f"{edge.source} < {moment.source}"
            passed = f"{now} - {moment.source}"
        exact = self.all_of(*edge.tests, said)
        near = self._by_reach("<", passed, test.length, exact)
        return self.all_of(*moment.tests, side, near)

    def shifted(self, source: str, length: Duration, *, back: bool) -> Taken:
        """An instant and a length written in the rule."""
        if length.exact:
            sign = "-" if back else "+"
            return Taken((), f"{source} {sign} {length.micros}", whole=True)
        moved = -length if back else length
        return self.may_be_none(f"later({source}, {self.program.constant(moved)}, c)")

    # -- lists

    def _constants(self, how: How, items: tuple[Value, ...]) -> str | None:
        """The items as one constant, if all are written in the rule."""
        values = [item.value for item in items if isinstance(item, tv.Constant)]
        if how == "length" or len(values) < len(items):
            return None
        ready = [fold(item) for item in values] if how == "folded" else values
        return self.program.constant(frozenset(ready))

    def _among(self, test: tt.Among) -> str:
        value = self.take(test.value)
        if isinstance(test.items, tuple):
            wanted = self._constants(test.how, test.items)
            if wanted is not None:
                return self.all_of(
                    *value.tests, f"{self._side(test.how, test.value, value)} in {wanted}"
                )
            return self._among_sides(test, value, test.items)
        items = self.take(test.items)
        side = self._side(test.how, test.value, value)
        read = self._reader(test.how, test.items)
        return self.all_of(*value.tests, *items.tests, f"among({side}, {items.source}, {read})")

    def _among_sides(self, test: tt.Among, value: Taken, items: tuple[Value, ...]) -> str:
        """A list whose entries have to be looked up."""
        name = self.fresh()
        bound = f"({name} := {self._side(test.how, test.value, value)}) is not None"
        parts = []
        for item in items:
            taken = self.take(item)
            side = self._side(test.how, item, taken)
            parts.append(self.all_of(*taken.tests, f"{side} == {name}"))
        return self.all_of(*value.tests, bound, f"({' or '.join(parts)})")

    def _has(self, test: tt.Has) -> str:
        value = self.take(test.value)
        read = self._reader(test.how, test.value)
        name = "has_all" if test.every else "has_any"
        if isinstance(test.items, tuple):
            wanted = self._constants(test.how, test.items)
            if wanted is None:
                sides = []
                for item in test.items:
                    taken = self.take(item)
                    side = self._side(test.how, item, taken)
                    sides.append(self.or_none(taken._replace(source=side)))
                wanted = f"({', '.join(sides)},)"
            return self.all_of(*value.tests, f"{name}({value.source}, {wanted}, {read})")
        items = self.take(test.items)
        wanted = f"[{self._reader(test.how, test.items)}(i) for i in {items.source}]"
        said = f"{name}({value.source}, {wanted}, {read})"
        return self.all_of(*value.tests, *items.tests, said)

    def _reader(self, how: How, items: Value) -> str:
        assert isinstance(items.kind, kinds.ListOf)
        item = items.kind.item
        if how == "length":
            return "read_weight"
        if how == "day" and isinstance(item, kinds.Instant):
            return "(lambda i: read_day(i, c))"
        name = reader(item)
        return "read_plain" if how == "plain" and name == "read_folded" else name
