"""SQL for what a store knows beside attributes and events: reach, consent, membership, messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    and_,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
)

from dsl.expr import typed_test as tt
from dsl.expr.typed_test import Test
from dsl.machine import ConsentNotNeeded, ConsentRequired, ConsentRule, Rule
from dsl.policy import CUSTOMER_CHANNELS, EVERY, EXISTING_CUSTOMER
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
        """What was said last counts, and an opt-out overrides any rule."""
        known = self.setting.categories[category]
        match known.consent:
            case ConsentNotNeeded():
                return self._said((category,), channel) >= 0
            case ConsentRequired():
                granted = self._said((category, EVERY), channel) > 0
                if not known.existing_customers or channel not in CUSTOMER_CHANNELS:
                    return granted
                return or_(granted, self._bought(category, channel))
            case ConsentRule(rule):
                stands = self._said((category, EVERY), channel) >= 0
                return and_(stands, self.rule(rule, f"the consent to {category}"))
            case _ as unreachable:
                assert_never(unreachable)

    def _said(self, categories: Sequence[str], channel: str) -> ColumnElement[Any]:
        """When the last word was said that covers the channel: positive is a grant. Of two words of
        one instant it is the withdrawal.
        """
        rows = self.tables.consents.alias()
        query = (
            select(rows.c.said)
            .where(self._about(rows, categories, (channel, EVERY)))
            .order_by(func.abs(rows.c.said).desc(), rows.c.said)
            .limit(1)
        )
        return func.coalesce(query.correlate_except(rows).scalar_subquery(), 0)

    def _bought(self, category: str, channel: str) -> ColumnElement[bool]:
        """An existing customer, who has not opted out of anything that this belongs to."""
        rows, others = self.tables.consents.alias(), self.tables.consents.alias()
        places = tuple(f"{each}/{EXISTING_CUSTOMER}" for each in (channel, EVERY))
        bought = select(1).where(self._about(rows, (category,), places))
        objected = select(1).where(self._about(others, (category, EVERY), ()), others.c.said < 0)
        return and_(
            exists(bought.correlate_except(rows)), not_(exists(objected.correlate_except(others)))
        )

    def _about(
        self, rows: FromClause, categories: Sequence[str], channels: Sequence[str]
    ) -> ColumnElement[bool]:
        """Words about these categories on these channels; without channels, on any."""
        named = [rows.c.category.in_([literal(each, Text()) for each in categories])]
        if channels:
            named.append(rows.c.channel.in_([literal(each, Text()) for each in channels]))
        return and_(rows.c.person == self.person, *named)

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
