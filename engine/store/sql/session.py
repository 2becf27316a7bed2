"""A connection inside a transaction, as the store uses it: sets of rows in, sets of rows out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeAlias

from engine.store.sql.statements import Add

__all__ = ["Row", "Session"]

Row: TypeAlias = tuple[Any, ...]


class Session(Protocol):
    """Statements in the store's own SQL, with ``?`` for each value."""

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Runs one statement that gives nothing back."""
        ...

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        ...

    def one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The single value of a query that always has one."""
        ...

    def among(self, sql: str, wanted: Sequence[Any], *more: Any) -> list[Row]:
        """All rows of a query for any number of wanted values: ``{}`` stands for the list of
        marks, and the marks of ``more`` come after it.
        """
        ...

    def all_or_none(self, sql: Add, rows: Sequence[Row]) -> bool:
        """Adds all rows, or none if one of them breaks a constraint."""
        ...

    def pour(self, sql: Add, rows: Sequence[Row]) -> None:
        """Adds rows that are many, as fast as may be."""
        ...

    def many(self, sql: str, rows: Iterable[Row]) -> None:
        """Runs one statement for each row."""
        ...

    def numbers(self, table: str, count: int) -> Sequence[int]:
        """So many ascending numbers for new rows of a table, above all that are taken."""
        ...
