"""Attributes in columns of their own: a person's JSON is read once, however often a rule asks for it.

For PostgreSQL, which looks through JSON from its beginning each time something is looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, ColumnElement, FromClause, Text, func, literal, literal_column, true
from sqlalchemy import column as column_of
from sqlalchemy.sql import quoted_name

from dsl.sql.called import call
from dsl.sql.pieces import Cell, looked_up

__all__ = ["Told"]

_LONGEST = 63  # bytes in the name of a column


class Told:
    """The attributes that rules turn out to ask for while their SQL is written."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}

    def cell_of(self, path: Sequence[str]) -> Cell | None:
        """What stands at the end of a path that begins with an attribute; None if no column can have
        its name.
        """
        name, *steps = looked_up(path)
        if len(name.encode()) > _LONGEST:
            return None
        self._names[name] = None
        value: ColumnElement[Any] = literal_column(f'told."{name}"', Text())
        if steps:
            value = call("within", value, literal(".".join(steps), Text()))
        return Cell(call("sort_of", value), call("plainly", value))

    def beside(self, people: FromClause, attributes: ColumnElement[Any]) -> FromClause:
        """``people``, each beside the columns that were asked for; ``attributes`` is their JSON."""
        if not self._names:
            return people
        columns = [column_of(quoted_name(name, quote=True), JSON) for name in self._names]
        told = func.json_to_record(attributes).table_valued(*columns)
        return people.join(
            told.render_derived(name="told", with_types=True).lateral("told"), true()
        )
