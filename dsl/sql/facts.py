"""SQL for what a store knows beside attributes and events: reach, consent, membership, messages."""

from __future__ import annotations

from typing import Any, assert_never

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)

from dsl.expr import typed_test as tt
from dsl.expr.typed_test import Test
from dsl.machine import ConsentNotNeeded, ConsentRequired, ConsentRule, Rule
from dsl.sql.pieces import NotInSql, any_of
from dsl.sql.rows import RowQuestions

__all__ = ["SqlWriter"]


class SqlWriter(RowQuestions):
    """All parts of the writer together."""

    def fact(self, test: Test) -> ColumnElement[bool]:
        match test:
            case tt.Reachable(channel=channel):
                return self._reachable(channel)
            case tt.Subscribed(category=category, channel=channel):
                return self._subscribed(category, channel)
            case tt.InSegment(segment=segment):
                return self._in_segment(segment)
            case tt.InJourney(journey=journey):
                return self._there(self.tables.runs, journey=journey)
            case tt.Messaged():
                return self._messaged(test)
            case _:
                raise AssertionError(test)

    def rule(self, rule: Rule, words: str) -> ColumnElement[bool]:
        """Another rule of the project, in the middle of this one."""
        if not isinstance(rule.meaning, Test):
            raise NotInSql(f"{words} has no rule that can be read")
        outer, self.row = self.row, None
        try:
            return self.test(rule.meaning)
        finally:
            self.row = outer

    def _there(self, table: FromClause, **values: str) -> ColumnElement[bool]:
        rows = table.alias()
        same = [rows.c[name] == literal(value, Text()) for name, value in values.items()]
        query = select(1).select_from(rows).where(rows.c.person == self.person, *same)
        return exists(query.correlate_except(rows))

    # -- reach and consent

    def _reachable(self, channel: str) -> ColumnElement[bool]:
        known = self.setting.channels.get(channel)
        if known is None:
            return false()
        address = self._there(self.tables.addresses, channel=channel)
        if known.reachable is None:
            return address
        return and_(address, self.rule(known.reachable, f"the reach of {channel}"))

    def _subscribed(self, category: str, channel: str | None) -> ColumnElement[bool]:
        if category not in self.setting.categories:
            return false()
        channels = (channel,) if channel is not None else tuple(self.setting.channels)
        return any_of([self._consented(category, name) for name in channels])

    def _consented(self, category: str, channel: str) -> ColumnElement[bool]:
        """An opt-out always wins."""
        stand = self._ledger(category, channel)
        match self.setting.categories[category].consent:
            case ConsentNotNeeded():
                return stand >= 0
            case ConsentRequired():
                return stand > 0
            case ConsentRule(rule):
                return and_(stand >= 0, self.rule(rule, f"the consent to {category}"))
            case _ as unreachable:
                assert_never(unreachable)

    def _ledger(self, category: str, channel: str) -> ColumnElement[int]:
        """The later of what was said about this channel and about all: positive is a grant."""
        here, anywhere = (self._said(category, name) for name in (channel, "*"))
        return case((func.abs(here) >= func.abs(anywhere), here), else_=anywhere)

    def _said(self, category: str, channel: str) -> ColumnElement[Any]:
        rows = self.tables.consents.alias()
        query = select(func.max(rows.c.said)).where(
            rows.c.person == self.person,
            rows.c.category == literal(category, Text()),
            rows.c.channel == literal(channel, Text()),
        )
        return func.coalesce(query.correlate_except(rows).scalar_subquery(), 0)

    # -- membership and messages

    def _in_segment(self, name: str) -> ColumnElement[bool]:
        if self.setting.membership == "stored":
            return self._there(self.tables.members, segment=name)
        segment = self.setting.segments.get(name)
        if segment is None:
            return false()
        if name in self.segments:
            raise NotInSql(f"segment {name} uses itself")
        outer, self.segments = self.segments, (*self.segments, name)
        try:
            return self.rule(segment.who, f"segment {name}")
        finally:
            self.segments = outer

    def _messaged(self, test: tt.Messaged) -> ColumnElement[bool]:
        """Open messages count whatever their age, unless the window itself is missing."""
        rows = self.tables.messages.alias()
        asked = {"channel": test.channel, "category": test.category, "journey": test.journey}
        same = [
            rows.c[name] == literal(value, Text())
            for name, value in asked.items()
            if value is not None
        ]
        time: ColumnElement[bool] = true()
        if test.window is not None:
            edges = [edge for edge in self.edges(test.window) if edge is not None]
            known = [edge.sql.is_not(null()) for edge in edges if not edge.sure]
            bounds = and_(true(), *self.window(test.window, rows.c.sent))
            time = and_(true(), *known, or_(rows.c.sent.is_(null()), bounds))
        query = select(1).select_from(rows).where(rows.c.person == self.person, *same, time)
        return exists(query.correlate_except(rows))
