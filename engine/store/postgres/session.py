"""PostgreSQL inside a transaction. Many rows go in by COPY: straight into a table when they are new,
and by way of a table of the connection's own when they change what is there. Measured against
arrays and single statements, see the README.
"""

# ruff: noqa: S608 - statements are put together from our own tables and columns

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.errors import IntegrityError
from sqlalchemy import BigInteger, Double, Integer, LargeBinary, MetaData, SmallInteger, Text

from engine.store.postgres import statements as own
from engine.store.postgres.values import copied_as
from engine.store.sql.session import Row, Session
from engine.store.sql.statements import Add, Remove, Set
from engine.store.waits import Waits

__all__ = ["Columns", "PostgresSession"]

_FEW = 8  # rows: for fewer, COPY is not worth its questions and answers
_KINDS = {
    BigInteger: "int8",
    Integer: "int4",
    SmallInteger: "int2",
    Text: "text",
    LargeBinary: "bytea",
    Double: "float8",
}


class Columns:
    """Of which kind the columns are, in PostgreSQL's words."""

    def __init__(self, schema: MetaData) -> None:
        self._kinds = {
            (table.name, column.name): _KINDS[type(column.type)]
            for table in schema.tables.values()
            for column in table.columns
        }

    def of(self, table: str, columns: Iterable[str]) -> list[str]:
        """The kinds of some columns of a table."""
        return [self._kinds[table, column] for column in columns]


class PostgresSession(Session):
    """A connection that is in a transaction. ``trouble`` makes of the driver's error what is raised
    instead.
    """

    def __init__(
        self,
        driver: psycopg.Connection[Row],
        columns: Columns,
        trouble: Callable[[psycopg.Error], Exception],
        waits: Waits,
    ) -> None:
        self.driver = driver
        self._columns = columns
        self._trouble = trouble
        self.waits = waits
        self._cursor = driver.cursor(binary=True)
        self._staged: set[str] = set()  # this connection's own tables
        self._made: set[str] = set()  # those of them that a roll-back takes away
        self._filled: set[str] = set()  # those with rows in this transaction

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        if text := own.told(sql):
            with self._talking():
                self._cursor.execute(text, values)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        with self._talking():
            return self._cursor.execute(own.told(sql), values).fetchall()

    def one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        ((value,),) = self.rows(sql, values)
        return value

    def among(self, sql: str, wanted: Sequence[Any], *more: Any) -> list[Row]:
        return self.rows(sql, [list(wanted), *more]) if wanted else []

    def all_or_none(self, sql: Add, rows: Sequence[Row]) -> bool:
        with self._talking():
            self._cursor.execute("savepoint attempt")
            try:
                self._write(sql, rows, few=0)
            except IntegrityError:
                self._cursor.execute("rollback to attempt")
                return False
            finally:
                if self.driver.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
                    self._cursor.execute("release attempt")
        return True

    def pour(self, sql: Add, rows: Sequence[Row]) -> None:
        with self._talking():
            self._write(sql, rows)

    def many(self, sql: str, rows: Iterable[Row]) -> None:
        with self._talking():
            self._write(sql, list(rows))

    def numbers(self, table: str, count: int) -> Sequence[int]:
        if not count:
            return []
        return [number for (number,) in self.rows(own.NUMBERS, (f"{table}_number_seq", count))]

    def run(self, text: str, values: Sequence[Any]) -> list[Row]:
        """A statement in the driver's own words, with ``%s`` for each value; its rows, if it gives
        any.
        """
        with self._talking():
            self._cursor.execute(text, values)
            return self._cursor.fetchall() if self._cursor.description else []

    def copy(self, table: str, kinds: Sequence[str], rows: Iterable[Row]) -> None:
        """Puts rows into a table."""
        with self._talking():
            self._copy(table, kinds, list(rows))

    def begin(self, how: str = "") -> None:
        """Starts a transaction."""
        self.execute(f"begin {how}")

    def commit(self) -> None:
        """Makes everything since ``begin`` durable."""
        self.execute("commit")
        self._made.clear()
        self._filled.clear()

    def undo(self) -> None:
        """Forgets everything since ``begin``."""
        self._staged -= self._made
        self._made.clear()
        self._filled.clear()
        self.execute("rollback")

    def _write(self, sql: str, rows: Sequence[Row], few: int = _FEW) -> None:
        if not rows:
            return
        if len(rows) < few or not isinstance(sql, Add | Set | Remove):
            self._cursor.executemany(own.told(sql), rows)
        elif isinstance(sql, Add) and not sql.once:
            kinds = self._columns.of(sql.table, sql.columns)
            self._copy(f"{sql.table} ({', '.join(sql.columns)})", kinds, rows)
        elif isinstance(sql, Add):
            names = ", ".join(sql.columns)
            staged = self._stage("add", sql.table, sql.columns, rows)
            self._cursor.execute(
                f"insert into {sql.table} ({names}) select {names} from {staged}"
                f" order by {sql.once} on conflict ({sql.once}) do nothing"
            )
        elif isinstance(sql, Set):
            staged = self._stage("set", sql.table, (*sql.columns, sql.key), rows)
            values = ", ".join(f"{column} = s.{column}" for column in sql.columns)
            self._cursor.execute(
                f"update {sql.table} t set {values} from {staged} s where t.{sql.key} = s.{sql.key}"
            )
        else:
            staged = self._stage("gone", sql.table, sql.columns, rows)
            which = " and ".join(f"t.{column} = s.{column}" for column in sql.columns)
            self._cursor.execute(f"delete from {sql.table} t using {staged} s where {which}")

    def _stage(self, what: str, table: str, columns: Sequence[str], rows: Sequence[Row]) -> str:
        """Puts rows into a table of this connection's own, which is empty in each transaction."""
        kinds = self._columns.of(table, columns)
        name = "_".join(("w", what, table, *(column[:3] for column in columns)))
        if name not in self._staged:
            fields = ", ".join(f"{c} {k}" for c, k in zip(columns, kinds, strict=True))
            self._cursor.execute(f"create temp table {name} ({fields}) on commit delete rows")
            self._staged.add(name)
            self._made.add(name)
        elif name in self._filled:
            self._cursor.execute(f"delete from {name}")
        self._filled.add(name)
        self._copy(name, kinds, rows)
        return name

    def _copy(self, where: str, kinds: Sequence[str], rows: Sequence[Row]) -> None:
        with self._cursor.copy(f"copy {where} from stdin (format binary)") as copy:
            copy.set_types(copied_as(kinds, rows))
            for row in rows:
                copy.write_row(row)

    @contextmanager
    def _talking(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise self._trouble(error) from error
