"""Tests: comparisons, lists, presence and logic."""

from __future__ import annotations

from typing import Literal, cast

from dsl import kinds
from dsl.expr import history, tree
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.expr.check_values import as_instant
from dsl.expr.comparing import Clash, Pair, Style, both_ends, matched
from dsl.expr.entries import entry_of, how_compared
from dsl.expr.ground import Hanging
from dsl.expr.names import Names
from dsl.expr.speech import say_one
from dsl.expr.typed_test import Test
from dsl.expr.typed_value import Value

__all__ = ["Tests"]

_ORDER: dict[str, Literal["==", "<", "<=", ">", ">="]] = {
    "is": "==",
    "is not": "==",
    "is exactly": "==",
    "is before": "<",
    "is after": ">",
    "is on or before": "<=",
    "is on or after": ">=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_MIRROR: dict[str, Literal["==", "<", "<=", ">", ">="]] = {
    "==": "==",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
_STYLES: dict[str, Style] = {
    "is": "same",
    "is not": "same",
    "is exactly": "exact",
    "is before": "day",
    "is after": "day",
    "is on or before": "day",
    "is on or after": "day",
}
_TEXTS = (kinds.Text, kinds.Code, kinds.OneOf)


class Tests(Names):
    """Gives every test its meaning."""

    def test(self, node: tree.Node) -> Test | None:
        match node:
            case tree.And(parts=parts):
                return self._and(parts)
            case tree.Or(parts=parts):
                tests = [self.test(part) for part in parts]
                sound = tuple(test for test in tests if test is not None)
                return tt.Any_(sound) if len(sound) == len(tests) else None
            case tree.Not(part=part):
                test = self.test(part)
                return None if test is None else tt.Not(test)
            case tree.IfElse():
                return self._choose(node)
            case tree.Compare():
                return self._compare(node)
            case tree.Between():
                return self._between(node)
            case tree.OneOf():
                return self._one_of(node)
            case tree.HasList():
                return self._has_list(node)
            case tree.Near():
                return self._near(node)
            case tree.Presence():
                return self._presence(node)
            case history.Aggregate() if node.how in ("any", "all", "none"):
                return self.question(node)
            case (
                history.Did()
                | history.Messaged()
                | history.SegmentChange()
                | tree.InSegment()
                | tree.InJourney()
                | tree.Subscribed()
                | tree.Outcome()
            ):
                return self.question(node)
            case _:
                return self._truth(node)

    # -- logic

    def _and(self, parts: tuple[tree.Node, ...]) -> Test | None:
        tests: list[Test | None] = []
        outer = self.hanging
        open_where: tuple[history.Where, tree.Word] | None = None
        for part in parts:
            self.hanging = outer
            if open_where is not None:
                event = self.scope.plan.event_called(open_where[1].text)
                self.hanging = None if event is None else Hanging(event, open_where[0], part)
            tests.append(self.test(part))
            open_where = _open_where(part) or open_where
        self.hanging = outer
        sound = tuple(test for test in tests if test is not None)
        return tt.All(sound) if len(sound) == len(tests) else None

    def _choose(self, node: tree.IfElse) -> Test | None:
        condition, then = self.test(node.condition), self.test(node.then)
        otherwise = self.test(node.otherwise)
        if condition is None or then is None or otherwise is None:
            return None
        return tt.Choose(condition, then, otherwise)

    def _truth(self, node: tree.Node) -> Test | None:
        value = self.value(node)
        if value is None:
            return None
        if isinstance(value.kind, kinds.YesNo):
            return value.test if isinstance(value, tv.Answer) else tt.Truth(value)
        hint = None
        if isinstance(value, tv.Aggregate):
            hint = f"Write: {self.quote(node)} >= 1"
            if isinstance(node, tree.Path):
                hint = f"Write: did {self.quote(node)}"
        elif isinstance(node, tree.Text):
            hint = 'For one of several write: country is one of ("DE", "AT")'
        elif isinstance(node, tree.Path):
            hint = f"Compare it with something, or write: {self.quote(node)} is known"
        self.error("T01", node, f"A rule is yes or no, but this is {say_one(value.kind)}.", hint)
        return None

    # -- comparisons

    def _compare(self, node: tree.Compare) -> Test | None:
        sign = node.sign.text
        left, right = self.value(node.left), self.value(node.right)
        if left is None or right is None:
            return None
        if sign not in _ORDER:
            return self._wording(node, left, right)
        order = _ORDER[sign]
        for value, other, at, said in (
            (left, right, node.right, order),
            (right, left, node.left, _MIRROR[order]),
        ):
            if isinstance(value, tv.Elapsed) and isinstance(other.kind, kinds.Length):
                if isinstance(other, tv.Elapsed):
                    break
                test: Test = tt.Span(said, value.until, value.moment, other)
                return tt.Not(test) if sign == "is not" else test
            if isinstance(value, tv.Elapsed):
                message = f"This compares a length of time with {say_one(other.kind)}."
                self.error("T02", at, message, "Write it with its unit, for example: 60 days")
                return None
        pair = self._pair(node, left, right, _STYLES.get(sign, "order"), node.left, node.right)
        if pair is None:
            return None
        test = tt.Compare(order, *pair)
        return tt.Not(test) if sign == "is not" else test

    def _pair(
        self,
        node: tree.Compare | tree.Between | tree.OneOf | tree.HasList,
        left: Value,
        right: Value,
        style: Style,
        at_left: tree.Node,
        at_right: tree.Node,
    ) -> Pair | None:
        pair = matched(left, right, style)
        if isinstance(pair, Pair):
            return pair
        if pair.code == "T02" and isinstance(node, tree.Compare):
            same = matched(left, right, "same")
            if isinstance(same, Pair) or not isinstance(left.kind, type(right.kind)):
                pair = self._no_order(node, left, same) or pair
        self.error(pair.code, at_left if pair.left else at_right, pair.message, pair.hint)
        return None

    def _no_order(self, node: tree.Compare, left: Value, same: Pair | Clash) -> Clash | None:
        """Two values that can be equal, but neither comes before the other."""
        if isinstance(same, Clash):
            return None
        if node.sign.text.startswith("is"):
            timed = isinstance(left.kind, kinds.TimeOfDay)
            hint = "For a time of day: <, <=, >, >=" if timed else None
            message = f'"{node.sign.text}" needs dates, but this is {say_one(left.kind)}.'
            return Clash("T06", message, hint)
        message = (
            f'"{node.sign.text}" needs numbers, amounts or dates, but this is {say_one(left.kind)}.'
        )
        return Clash("T06", message)

    def _wording(self, node: tree.Compare, left: Value, right: Value) -> Test | None:
        sign = node.sign.text
        if sign in ("has", "does not have"):
            return self._has(node, left, right)
        if isinstance(left.kind, kinds.ListOf):
            hint = 'For a list write "has".'
            self.error("T04", node.sign, f'"{sign}" looks into a text, but this is a list.', hint)
            return None
        for value, at in ((left, node.left), (right, node.right)):
            if not isinstance(value.kind, _TEXTS):
                self.error("T02", at, f'"{sign}" needs text, but this is {say_one(value.kind)}.')
                return None
        what = "contains" if sign == "does not contain" else sign
        known = cast('Literal["contains", "starts with", "ends with", "matches"]', what)
        exact = not isinstance(left.kind, kinds.Text)
        test = tt.Wording(known, left, right, exact)
        return tt.Not(test) if sign == "does not contain" else test

    def _has(self, node: tree.Compare, left: Value, right: Value) -> Test | None:
        if not isinstance(left.kind, kinds.ListOf):
            hint = 'For a piece of text use "contains".' if isinstance(left.kind, _TEXTS) else None
            message = f'"{node.sign.text}" looks into a list, but this is {say_one(left.kind)}.'
            self.error("T04", node.sign, message, hint)
            return None
        item = entry_of(left)
        pair = self._pair(node, item, right, "same", node.left, node.right)
        if pair is None:
            return None
        test = tt.Has(how_compared(pair, item), left, (pair.right,), every=False)
        return tt.Not(test) if node.sign.text == "does not have" else test

    def _between(self, node: tree.Between) -> Test | None:
        value, low, high = self.value(node.value), self.value(node.low), self.value(node.high)
        if value is None or low is None or high is None:
            return None
        by_day = any(isinstance(side.kind, kinds.Date) for side in (value, low, high))
        style: Style = "day" if by_day else "order"
        first = self._pair(node, value, low, style, node.value, node.low)
        second = self._pair(node, value, high, style, node.value, node.high)
        if first is None or second is None:
            return None
        return both_ends(first, second)

    # -- lists

    def _one_of(self, node: tree.OneOf) -> Test | None:
        value = self.value(node.value)
        test: Test | None
        if isinstance(node.items.items, tree.Path):
            listed = self._list(node, node.items.items)
            if value is None or listed is None:
                return None
            item = entry_of(listed)
            pair = self._pair(node, value, item, "same", node.value, node.items)
            test = None if pair is None else tt.Among(how_compared(pair, item), pair.left, listed)
        else:
            pairs = self._items(node, value, node.items.items)
            if pairs is None:
                return None
            groups: dict[tuple[tt.How, Value], list[Value]] = {}
            for pair in pairs:
                groups.setdefault((pair.how, pair.left), []).append(pair.right)
            tests = [tt.Among(*side, tuple(items)) for side, items in groups.items()]
            test = tests[0] if len(tests) == 1 else tt.Any_(tuple(tests))
        if test is None:
            return None
        return tt.Not(test) if node.negated else test

    def _has_list(self, node: tree.HasList) -> Test | None:
        value = self.value(node.value)
        if value is not None and not isinstance(value.kind, kinds.ListOf):
            message = f'"{node.sign.text}" looks into a list, but this is {say_one(value.kind)}.'
            hint = f"Write: {self.quote(node.value)} is one of (...)"
            self.error("T04", node.sign, message, hint)
            return None
        item = None if value is None else entry_of(value)
        every = node.how == "all"
        test: Test | None
        if isinstance(node.items.items, tree.Path):
            listed = self._list(node, node.items.items)
            if value is None or listed is None or item is None:
                return None
            other = entry_of(listed)
            pair = self._pair(node, item, other, "same", node.value, node.items)
            test = (
                None
                if pair is None
                else tt.Has(how_compared(pair, item, other), value, listed, every)
            )
        else:
            pairs = self._items(node, item, node.items.items)
            if pairs is None or value is None or item is None:
                return None
            groups: dict[tt.How, list[Value]] = {}
            for pair in pairs:
                groups.setdefault(how_compared(pair, item), []).append(pair.right)
            tests = tuple(tt.Has(how, value, tuple(few), every) for how, few in groups.items())
            joined = tt.All(tests) if every else tt.Any_(tests)
            test = tests[0] if len(tests) == 1 else joined
        if test is None:
            return None
        return tt.Not(test) if node.how == "none" else test

    def _list(self, node: tree.OneOf | tree.HasList, path: tree.Path) -> Value | None:
        listed = self.value(path)
        if listed is not None and not isinstance(listed.kind, kinds.ListOf):
            message = f'"{node.sign.text}" needs a list, but this is {say_one(listed.kind)}.'
            self.error("T04", path, message, 'Write a list in brackets, or "is".')
            return None
        return listed

    def _items(
        self, node: tree.OneOf | tree.HasList, value: Value | None, items: tuple[tree.Node, ...]
    ) -> list[Pair] | None:
        """The value beside each of the items."""
        if not items:
            self.error("T10", node.items, "This list is empty.", 'For example: ("DE", "AT")')
            return None
        pairs: list[Pair | None] = []
        for item in items:
            typed = self.value(item)
            known = value is not None and typed is not None
            pairs.append(
                self._pair(node, value, typed, "same", node.value, item)
                if known and value is not None and typed is not None
                else None
            )
        sound = [pair for pair in pairs if pair is not None]
        return sound if len(sound) == len(pairs) else None

    # -- presence and nearness

    def _near(self, node: tree.Near) -> Test | None:
        self.reads.clock = True
        value = self.value(node.value)
        if value is None:
            return None
        moment = as_instant(value)
        if moment is None:
            message = f'"is within" needs a date, but this is {say_one(value.kind)}.'
            self.error("T07", node.value, message)
            return None
        return tt.Near(node.ahead, moment, node.length.value)

    def _presence(self, node: tree.Presence) -> Test | None:
        known = node.what == "known"
        test = self._known_test(node.value) if known else self._channel_test(node)
        if test is None:
            return None
        return tt.Not(test) if node.negated else test

    def _known_test(self, node: tree.Node) -> Test | None:
        if isinstance(node, tree.Path) and len(node.parts) == 1:
            name = node.parts[0].text
            shadowed = self.row is not None and name in self.row.fields
            if name in self.scope.steps and not shadowed:
                step = self.scope.steps[name]
                key = step.key or name
                self.reads.steps.add(key)
                return tt.StepKnown(key, step.sort in ("wait", "webhook"))
        value = self.value(node)
        if isinstance(value, tv.Aggregate) and value.how in ("count", "sum"):
            said = self.quote(node)
            hint = f"Write: did {said}" if isinstance(node, tree.Path) else f"Write: {said} >= 1"
            self.error("T01", node, "A number of events is always known, even if it is 0.", hint)
            return None
        return None if value is None else tt.Known(value)

    def _channel_test(self, node: tree.Presence) -> Test | None:
        path = node.value
        if not isinstance(path, tree.Path) or len(path.parts) != 1:
            said = "is reachable" if node.what == "reachable" else "window is open"
            self.error("N09", path, f'Before "{said}" stands a channel.', "For example: email")
            return None
        if node.what == "window" and not self.in_journey:
            self.no_journey(node, "window")
            return None
        channel = self.known_channel(path.parts[0])
        if channel is None:
            return None
        self.reads.channels.add(channel)
        if node.what == "window":
            self.reads.clock = True
            return tt.WindowOpen(channel)
        return tt.Reachable(channel)


def _open_where(part: tree.Node) -> tuple[history.Where, tree.Word] | None:
    """The unbracketed ``where`` a part ends with, and its event."""
    if isinstance(part, tree.Not):
        return _open_where(part.part)
    if isinstance(part, history.Did):
        where, word = part.selection.where, part.selection.event
    elif isinstance(part, tree.Compare) and isinstance(part.left, history.Aggregate):
        where, word = part.left.where, part.left.path.parts[0]
    else:
        return None
    return (where, word) if where is not None and not where.bracketed else None
