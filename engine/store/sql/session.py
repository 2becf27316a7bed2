"""A connection inside a transaction, as the store uses it: sets of rows in, sets of rows out.

The driver is called directly: a row costs half as much as through a result object.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

__all__ = ["Row", "Session"]

Row: TypeAlias = tuple[Any, ...]

_CHUNK = 1024  # values asked for in one statement


class Session:
    """Statements in the store's own SQL, with ``?`` for each value."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Runs one statement that gives nothing back."""
        self._driver.execute(sql, values)

    def undo(self) -> None:
        """Rolls back, unless the database has done so by itself (on a full disk, for one)."""
        if self._driver.in_transaction:
            self._driver.execute("rollback")

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        return self._driver.execute(sql, values).fetchall()

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of a query one by one, for as long as they are wanted."""
        return self._driver.execute(sql, values)

    def one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The single value of a query that always has one."""
        return self._driver.execute(sql, values).fetchone()[0]

    def among(self, sql: str, wanted: Sequence[Any], *more: Any) -> list[Row]:
        """All rows of a query for any number of wanted values: ``{}`` stands for the list of
        marks, and the marks of ``more`` come after it.

        Lists are filled up to a power of two, so that few different statements are prepared.
        """
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

    def all_or_none(self, sql: str, rows: Iterable[Row]) -> bool:
        """Runs one statement for each row, or for none if one of them breaks a constraint."""
        self._driver.execute("savepoint attempt")
        try:
            self._driver.executemany(sql, rows)
        except sqlite3.IntegrityError:
            self._driver.execute("rollback to attempt")
            return False
        finally:
            self._driver.execute("release attempt")
        return True

    def many(self, sql: str, rows: Iterable[Row]) -> None:
        """Runs one statement for each row."""
        self._driver.executemany(sql, rows)
