"""What every part of the SQL writer stands on: the tables, the person, and the row under test."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, literal

from dsl.expr.typed_test import Test
from dsl.expr.typed_value import Value
from dsl.sql.pieces import Cell, Got
from dsl.sql.tables import Setting, Tables

__all__ = ["Source", "Writer"]


@dataclass(frozen=True, slots=True)
class Source:
    """Rows in SQL: where they come from, which of them are meant, and their order.

    ``record`` is the JSON record of a row, for its properties; ``entry`` the row itself, where it
    is an entry of a list; ``time`` when it happened, where it is an event.
    """

    rows: FromClause
    where: tuple[ColumnElement[bool], ...]
    order: tuple[ColumnElement[Any], ColumnElement[Any]]
    record: ColumnElement[str]
    entry: Cell | None = None
    time: ColumnElement[int] | None = None


class Writer(ABC):
    """State of one translation. The parts of the writer are mixed in above it."""

    def __init__(self, tables: Tables, setting: Setting) -> None:
        self.tables = tables
        self.setting = setting
        self.row: Source | None = None
        self.segments: tuple[str, ...] = ()  # whose rules we are in the middle of

    @property
    def person(self) -> ColumnElement[Any]:
        """The key of the person."""
        return self.tables.people.c.person

    @property
    def zone(self) -> ColumnElement[str]:
        """The name of the person's zone."""
        return self.tables.people.c.zone

    @property
    def holidays(self) -> ColumnElement[str]:
        """The company's holidays."""
        days = sorted(day.isoformat() for day in self.setting.holidays)
        return literal(" ".join(days), Text())

    @contextmanager
    def inside(self, row: Source) -> Iterator[None]:
        """``row`` is the row under test meanwhile."""
        outer, self.row = self.row, row
        try:
            yield
        finally:
            self.row = outer

    @abstractmethod
    def value(self, value: Value) -> Got:
        """SQL for a value."""

    @abstractmethod
    def test(self, test: Test) -> ColumnElement[bool]:
        """SQL for a test, which is never NULL."""

    @abstractmethod
    def measure(self, value: Value) -> Got:
        """SQL for an aggregate or a pick."""

    @abstractmethod
    def question(self, test: Test) -> ColumnElement[bool]:
        """SQL for a question about rows, messages or membership."""
