"""Rules in SQL: whole audiences asked at once, with the answers they give person by person.

``sql_of`` makes a condition on ``Tables.people`` out of a compiled rule. It builds expressions
and asks no database; ``register`` gives a SQLite connection the functions they call, and
``install`` a PostgreSQL database. What cannot be said exactly is ``LiveOnly``, and is asked of one
person at a time.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement

from dsl.machine import Rule
from dsl.sql.facts import SqlWriter
from dsl.sql.functions import register
from dsl.sql.pieces import NOW, NotInSql
from dsl.sql.postgres import install
from dsl.sql.sqlite import can_parse
from dsl.sql.tables import LiveOnly, Setting, Tables, plain_tables
from dsl.sql.told import Told

__all__ = [
    "NOW",
    "LiveOnly",
    "Setting",
    "Tables",
    "Told",
    "install",
    "live_only",
    "register",
    "sql_of",
]


def sql_of(
    rule: Rule, tables: Tables, setting: Setting | None = None
) -> ColumnElement[bool] | LiveOnly:
    """The rule as a condition on the rows of ``tables.people``.

    It is never NULL. Its one parameter is ``NOW``, the instant at which it is asked.
    """
    setting = setting or Setting()
    try:
        condition = SqlWriter(tables, setting).rule(rule, "this")
    except NotInSql as reason:
        return LiveOnly(str(reason))
    if setting.database == "sqlite" and not can_parse(condition, tables.people):
        return LiveOnly("it is nested too deeply")
    return condition


def live_only(rule: Rule, setting: Setting | None = None) -> LiveOnly | None:
    """Why a rule cannot be asked in SQL, for the author; None if it can."""
    answer = sql_of(rule, plain_tables(), setting)
    return answer if isinstance(answer, LiveOnly) else None
