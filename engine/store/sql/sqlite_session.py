"""SQLite inside a transaction.

The driver is called directly: a row costs half as much as through a result object.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from engine.store.sql.session import Row, Session
from engine.store.sql.statements import Add

__all__ = ["SqliteSession"]

_CHUNK = 1024  # values asked for in one statement
_TOGETHER = 32  # rows added by one


# Numbers of rows that were let go of are not given again: something may still point at them.
_LAST = """
    select max(
        coalesce((select max(number) from {table}), 0),
        coalesce((select cast(value as integer) from meta where name = 'last {table}'), 0)
    )
"""


class SqliteSession(Session):
    """The connection of a thread that is in a transaction."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        self._driver.execute(sql, values)

    def teach(self, functions: Callable[[sqlite3.Connection], None]) -> None:
        """Gives the connection functions to call in queries."""
        functions(self._driver)

    def undo(self) -> None:
        """Rolls back, unless the database has done so by itself (on a full disk, for one)."""
        if self._driver.in_transaction:
            self._driver.execute("rollback")

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        return self._driver.execute(sql, values).fetchall()

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of a query one by one, for as long as they are wanted."""
        return self._driver.execute(sql, values)

    def one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        return self._driver.execute(sql, values).fetchone()[0]

    def among(self, sql: str, wanted: Sequence[Any], *more: Any) -> list[Row]:
        """Lists are filled up to a power of two, so that few different statements are prepared."""
        if len(wanted) > _CHUNK:
            return [
                row
                for start in range(0, len(wanted), _CHUNK)
                for row in self.among(sql, wanted[start : start + _CHUNK], *more)
            ]
        if not wanted:
            return []
        size = 1 << (len(wanted) - 1).bit_length()
        padding = [wanted[-1]] * (size - len(wanted))
        marks = ",".join("?" * size)
        return self.rows(sql.format(marks), [*wanted, *padding, *more])

    def all_or_none(self, sql: Add, rows: Sequence[Row]) -> bool:
        self._driver.execute("savepoint attempt")
        try:
            self.pour(sql, rows)
        except sqlite3.IntegrityError:
            self._driver.execute("rollback to attempt")
            return False
        finally:
            self._driver.execute("release attempt")
        return True

    def many(self, sql: str, rows: Iterable[Row]) -> None:
        self._driver.executemany(sql, rows)

    def pour(self, sql: Add, rows: Sequence[Row]) -> None:
        """Some rows to a statement: that takes four fifths of the time."""
        many = len(rows) - len(rows) % _TOGETHER
        if many:
            values = list(chain.from_iterable(rows[:many]))
            width = len(sql.columns) * _TOGETHER
            parts = (values[at : at + width] for at in range(0, len(values), width))
            self._driver.executemany(sql.together(_TOGETHER), parts)
        self._driver.executemany(sql, rows[many:])

    def numbers(self, table: str, count: int) -> Sequence[int]:
        last = self.one(_LAST.format(table=table))
        return range(last + 1, last + 1 + count)
