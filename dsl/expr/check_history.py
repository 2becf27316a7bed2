"""Questions about what a person did, where they belong and what they were sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Literal

from dsl import kinds
from dsl.expr import history, tree
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.expr.check_values import as_instant
from dsl.expr.ground import Row, fields_of
from dsl.expr.names import Names
from dsl.expr.speech import say_one
from dsl.expr.typed_test import Test
from dsl.expr.typed_value import Rows, Value, Window
from dsl.kinds import Kind
from dsl.plan import SEEN, Event, membership_event
from dsl.spelling import did_you_mean

__all__ = ["History", "by_people", "properties_of"]

_TIMES: dict[str, Literal["==", "<", "<=", ">", ">="]] = {
    "at least": ">=",
    "at most": "<=",
    "exactly": "==",
    "more than": ">",
    "fewer than": "<",
}


def properties_of(event: Event) -> Mapping[str, Kind]:
    """The kinds of an event's properties by name."""
    return {name: field.kind for name, field in event.properties.items()}


def by_people(event: Event, where: Test | None, root: tv.Root) -> Test | None:
    """``where``, for opens and clicks that no machine made, unless it asks itself who it was."""
    if event.name not in SEEN or (where is not None and asks_who(where, root)):
        return where
    kind = event.properties["by"].kind
    machine = tt.Compare("==", "plain", tv.Stored(kind, root, "by"), tv.Constant(kind, "machine"))
    people = tt.Not(machine)
    return people if where is None else tt.All((where, people))


def asks_who(test: object, root: tv.Root) -> bool:
    """Whether it reads ``by`` of the event under test."""
    match test:
        case tv.Stored(root=found, name="by"):
            return found == root
        case tuple():
            return any(asks_who(part, root) for part in test)
        case _ if is_dataclass(test):
            return any(asks_who(getattr(test, part.name), root) for part in fields(test))
        case _:
            return False


class History(Names):
    """Gives every question about the person's history its meaning."""

    def question(self, node: tree.Node) -> Test | None:
        match node:
            case tree.InSegment(segment=word):
                segment = self.known_segment(word)
                if segment is None:
                    return None
                self.reads.segments.add(segment)
                return tt.InSegment(segment)
            case tree.InJourney(journey=word):
                journey = self.known_journey(word)
                if journey is None:
                    return None
                self.reads.journeys.add(journey)
                return tt.InJourney(journey)
            case tree.Subscribed():
                return self._subscribed(node)
            case tree.Outcome():
                return self._outcome(node)
            case history.SegmentChange():
                return self._changed(node)
            case history.Messaged():
                return self._messaged(node)
            case history.Did():
                return self._did(node)
            case history.Aggregate():
                return self._quantified(node)
            case _:
                raise AssertionError(node)

    # -- membership and messages

    def _subscribed(self, node: tree.Subscribed) -> Test | None:
        category = self.known_category(node.category)
        channel = None if node.channel is None else self.known_channel(node.channel)
        if category is None or (node.channel is not None and channel is None):
            return None
        self.reads.consent = True
        return tt.Subscribed(category, channel)

    def _outcome(self, node: tree.Outcome) -> Test | None:
        if len(node.step.parts) != 1:
            self.error("N12", node.step, f'"{self.quote(node.step)}" is not a step.')
            return None
        step = self.known_step(node.step.parts[0])
        if step is None:
            return None
        if self.scope.steps[step].sort != "send":
            message = f'"{step}" sends nothing, so it cannot be {node.what}.'
            self.error("T11", node.step, message)
            return None
        self.reads.messages = True
        within = None if node.within is None else node.within.value
        key = self.scope.steps[step].key or step
        test = tt.Outcome(key, node.what, within)
        return tt.Not(test) if node.negated else test

    def _messaged(self, node: history.Messaged) -> Test | None:
        before = len(self.found)
        channel = None if node.channel is None else self.known_channel(node.channel)
        category = None if node.category is None else self.known_category(node.category)
        journey = None if node.journey is None else self.known_journey(node.journey)
        window = self.window_of(node.window)
        if self._failed_since(before):
            return None
        self.reads.messages = True
        return tt.Messaged(channel, category, journey, window)

    def _changed(self, node: history.SegmentChange) -> Test | None:
        """The segment itself is read as well: whoever changes it changes the answer."""
        if self._nested(node):
            return None
        before = len(self.found)
        segment = self.known_segment(node.segment)
        window = self.window_of(node.window)
        if segment is None or self._failed_since(before):
            return None
        self.reads.segments.add(segment)
        self.reads.events.add(membership_event(segment, entered=node.entered))
        return tt.SegmentChanged(segment, node.entered, window)

    # -- events

    def _did(self, node: history.Did) -> Test | None:
        rows = self._selected(node.selection, node.window)
        follow: tt.Follow | None = None
        if node.followed is not None:
            follow = self._follow(node.followed)
            if follow is None:
                return None
        if rows is None:
            return None
        times = None if node.times is None else (_TIMES[node.times.how], node.times.count)
        test = tt.Some(rows, times, follow)
        return tt.Not(test) if node.negated else test

    def _selected(
        self, selection: history.Selection, window: history.Window | None
    ) -> tv.Events | None:
        if self._nested(selection):
            return None
        before = len(self.found)
        event = self.known_event(selection.event, with_where=selection.where is not None)
        typed_window = self.window_of(window)
        if event is None:
            return None
        _, where = self.where_test(selection.where, Row(properties_of(event), event))
        if self._failed_since(before):
            return None
        return tv.Events(event.name, by_people(event, where, "row"), typed_window)

    def _follow(self, node: history.Followed) -> tt.Follow | None:
        rows = self._selected(node.selection, None)
        if rows is None:
            return None
        within = None if node.within is None else node.within.value
        return tt.Follow(node.negated, rows.event, rows.where, within)

    def _quantified(self, node: history.Aggregate) -> Test | None:
        if node.how == "all":
            if node.where is None:
                message = '"all of" needs a test.'
                self.error("T01", node, message, f"Write: {self.quote(node)} where ...")
                return None
            found = self.rows_of(node.path, None, node.window)
            row = None if found is None else self._row(found[0])
            if found is None or row is None:
                return None
            sound, test = self.where_test(node.where, row)
            if not sound or test is None:
                return None
            rows = found[0]
            if isinstance(rows, tv.Events) and asks_who(test, "row"):
                rows = replace(rows, where=None)
            return tt.Every(rows, test)
        found = self.rows_of(node.path, node.where, node.window)
        if found is None:
            return None
        some = tt.Some(found[0])
        return tt.Not(some) if node.how == "none" else some

    # -- rows

    def rows_of(
        self, path: tree.Path, where: history.Where | None, window: history.Window | None
    ) -> tuple[Rows, Value | None] | None:
        word = path.parts[0]
        event = None if self._is_value(word.text) else self.scope.plan.event_called(word.text)
        if event is None:
            return self._items_of(path, where, window)
        if self._nested(path):
            return None
        before = len(self.found)
        self.reads.events.add(event.name)
        typed_window = self.window_of(window)
        row = Row(properties_of(event), event)
        _, test = self.where_test(where, row)
        of = self._column(path, event, row)
        if self._failed_since(before):
            return None
        return tv.Events(event.name, by_people(event, test, "row"), typed_window), of

    def _column(self, path: tree.Path, event: Event, row: Row) -> Value | None:
        if len(path.parts) == 1:
            return None
        part = path.parts[1]
        if part.text in row.fields:
            first: Value = tv.Stored(row.fields[part.text], "row", part.text)
        elif part.text == "time":
            first = tv.TimeOf("row")
        else:
            hint = did_you_mean(part.text, [*row.fields, "time"])
            message = f'"{event.name}" has no property called "{part.text}".'
            self.error("N02", part, message, hint)
            return None
        with self.inside(row):
            return self.follow_path(first, path, 2)

    def _items_of(
        self, path: tree.Path, where: history.Where | None, window: history.Window | None
    ) -> tuple[Rows, Value | None] | None:
        value = self.path_value(path)
        if value is None:
            return None
        if not isinstance(value.kind, kinds.ListOf):
            hint = did_you_mean(path.parts[0].text, self.event_words())
            message = f'"{self.quote(path)}" is {say_one(value.kind)}: neither an event nor a list.'
            self.error("N04", path, message, hint)
            return None
        if window is not None:
            said = self.quote(path)
            self.error("T11", window, f'"{said}" is a list; its entries have no time.')
            return None
        if not isinstance(value, tv.Column):
            items: Value = value
            of: Value | None = None
        else:
            items, of = value.items, _field_of_row(value)
        item = items.kind
        assert isinstance(item, kinds.ListOf)
        if where is None:
            return tv.Items(items), of or _entry_of_row(item.item)
        row = self._row(tv.Items(items))
        if row is None:
            message = f'The entries of "{self.quote(path)}" have no properties.'
            self.error("T11", where, message, 'Write "has": tags has "vip"')
            return None
        sound, test = self.where_test(where, row)
        return (tv.Items(items, test), of) if sound else None

    def _row(self, rows: Rows) -> Row | None:
        if isinstance(rows, tv.Events):
            event = self.scope.plan.events[rows.event]
            return Row(properties_of(event), event)
        kind = rows.items.kind
        item = kind.item if isinstance(kind, kinds.ListOf) else kind
        return Row(fields_of(item), None) if isinstance(item, kinds.Record) else None

    def where_test(self, where: history.Where | None, row: Row) -> tuple[bool, Test | None]:
        if where is None:
            return True, None
        with self.inside(row):
            test = self.test(where.test)
        return test is not None, test

    def _is_value(self, name: str) -> bool:
        if self.row is not None and name in self.row.fields:
            return True
        scope = self.scope
        return name in scope.variables or name in scope.steps or name in scope.plan.attributes

    def _nested(self, node: tree.Node) -> bool:
        """A question about the history inside ``where``: names would mean two things."""
        if self.row is None:
            return False
        message = 'Inside "where", only the properties of the event can be asked about.'
        self.error("T12", node, message, "Make it a test of its own, joined with and.")
        return True

    # -- windows

    def window_of(self, window: history.Window | None) -> Window | None:
        match window:
            case None | history.Ever():
                return None
            case history.Last(length=length):
                self.reads.clock = True
                return tv.Last(length.value)
            case history.Period(name=name):
                self.reads.clock = True
                return tv.Period(name)
            case history.Since(moment=tree.Path(parts=(tree.Word(text="entry"),)) as path):
                return None if self.path_value(path) is None else tv.SinceEntry()
            case history.Since(moment=moment):
                value = self._moment(moment)
                return None if value is None else tv.Since(value)
            case history.Before(moment=moment):
                value = self._moment(moment)
                return None if value is None else tv.Before(value)
            case history.Range(low=low, high=high):
                begin, end = self._moment(low), self._moment(high)
                return None if begin is None or end is None else tv.Range(begin, end)
            case history.WithinAfter(length=length, moment=moment):
                value = self._moment(moment)
                return None if value is None else tv.WithinAfter(length.value, value)

    def _moment(self, node: tree.Node) -> Value | None:
        value = self.value(node)
        if value is None:
            return None
        moment = as_instant(value)
        if moment is None:
            hint = None
            if isinstance(value.kind, kinds.Length):
                hint = f"Write: in the last {self.quote(node)}"
            self.error("T07", node, f"Here stands a date, but this is {say_one(value.kind)}.", hint)
        return moment

    def _failed_since(self, before: int) -> bool:
        return any(finding.severity == "error" for finding in self.found[before:])


def _entry_of_row(item: Kind) -> Value | None:
    return None if isinstance(item, kinds.Record) else tv.Stored(item, "row", "")


def _field_of_row(column: tv.Column) -> Value:
    first, *rest = column.path
    return tv.Stored(column.kind.item, "row", first, tuple(rest))
