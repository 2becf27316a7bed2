"""The server that tests of PostgreSQL stand on."""

from __future__ import annotations

import pytest
from sqlalchemy import URL, create_engine, text


@pytest.mark.parametrize("time", ["the first", "the second"])
def test_each_test_has_an_empty_database_of_its_own(postgres: URL, time: str) -> None:
    db = create_engine(postgres)
    with db.begin() as connection:
        connection.execute(text("create table here (a int)"))
        version = connection.execute(text("show server_version_num")).scalar_one()
    db.dispose()

    assert int(version) >= 150000, time
