"""Two versions side by side on one database, while the newer one takes the place of the older.

Programs of earlier versions are not here to be tried. What they do is: they write rows with the
columns that they know. So rows are written with the columns of every earlier revision into the
tables of the latest one; and the documents in them are read by either (``test_codec``).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import (
    Engine,
    LargeBinary,
    MetaData,
    NullPool,
    Table,
    Text,
    create_engine,
    insert,
    inspect,
    select,
    update,
)

from engine.store.migrations import REVISIONS, making, upgrade

Build = Callable[[], Engine]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """An empty one."""
    if request.param == "sqlite":
        return create_engine(f"sqlite:///{tmp_path / 'store.db'}", poolclass=NullPool)
    url: str = request.getfixturevalue("postgres_url")
    return create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool
    )


def _tables(database: Engine) -> dict[str, Table]:
    """As a program that was written for the tables of this moment knows them."""
    known = MetaData()
    known.reflect(database)
    return {name: table for name, table in known.tables.items() if name != "alembic_version"}


def _row(table: Table, number: int) -> dict[str, Any]:
    """A value of each kind for every column."""

    def value(kind: Any) -> Any:
        if isinstance(kind, LargeBinary):
            return str(number).encode()
        return str(number) if isinstance(kind, Text) else number

    return {column.name: value(column.type) for column in table.columns}


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_earlier_version_goes_on_writing_and_reading(database: Engine, revision: str) -> None:
    """Whatever has been added since fills itself in, and nothing that it uses is gone."""
    place = REVISIONS.index(revision) + 1
    with database.begin() as connection:
        for each in REVISIONS[:place]:
            making.make(connection, each)
    old = _tables(database)
    with database.begin() as connection:
        upgrade(connection, REVISIONS[place:])

    for table in old.values():
        rows = [_row(table, number) for number in (1001, 1002)]
        keys = list(table.primary_key.columns)
        with database.begin() as connection:
            connection.execute(insert(table), rows)
        with database.begin() as connection:
            for row in rows:
                mine = [key == row[key.name] for key in keys]
                connection.execute(update(table).where(*mine).values(row))
                read = connection.execute(select(table).where(*mine)).one()
                assert read._asdict() == row
    database.dispose()


def test_what_is_read_back_by_the_latest_version_is_whole(database: Engine) -> None:
    """Every column that was added since the first tables has a value of its own, or may lack one."""
    with database.begin() as connection:
        making.make(connection, REVISIONS[0])
    old = _tables(database)
    with database.begin() as connection:
        upgrade(connection, REVISIONS[1:])
    seen = inspect(database)

    for name, table in old.items():
        known = {column.name for column in table.columns}
        added = [each for each in seen.get_columns(name) if each["name"] not in known]
        assert [
            each["name"] for each in added if not each["nullable"] and not each["default"]
        ] == []
    database.dispose()
