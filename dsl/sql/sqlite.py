"""What SQLite's parser can hold: a statement nested too deeply is refused, whatever it says."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, literal_column, select
from sqlalchemy.dialects import sqlite

from dsl.sql.pieces import NOW

__all__ = ["can_parse"]

_TOO_DEEP = ("parser stack overflow", "maximum depth")


def can_parse(condition: ColumnElement[bool], people: FromClause) -> bool:
    """Whether SQLite takes a query for the people of whom ``condition`` is true.

    Its own parser is asked, in an empty database, with some brackets around for the statement the
    condition will stand in; that there are no tables it finds out only afterwards.
    """
    query: Select[Any] = (
        select(literal_column("1")).select_from(people).where(condition).params({NOW: 0})
    )
    written = query.compile(
        dialect=sqlite.dialect(),
        compile_kwargs={"render_postcompile": True},
    )
    text = str(written)
    with closing(sqlite3.connect(":memory:")) as parser:
        try:
            parser.execute(f"explain select 1 where (1 and (1 and 1 in ({text})))")
        except sqlite3.OperationalError as error:
            return not any(words in str(error) for words in _TOO_DEEP)
    return True
