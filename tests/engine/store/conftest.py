"""A fresh store of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from engine.store import open_store
from engine.store.protocol import Store
from tests.postgres import address_of, emptied


@pytest.fixture
def postgres_url(postgres: URL) -> str:
    """The address of an empty database, as an operator writes it."""
    return address_of(postgres)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    match request.param:
        case "memory":
            return "memory:"
        case "sqlite":
            return f"sqlite:///{tmp_path / 'wayline.db'}"
        case _:
            found: str = request.getfixturevalue("postgres_url")
            return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def new_sqlite(tmp_path: Path) -> Callable[[], Store]:
    numbers = iter(range(1_000_000))
    return lambda: open_store(f"sqlite:///{tmp_path / f'{next(numbers)}.db'}")


@pytest.fixture
def new_postgres(postgres_url: str) -> Callable[[], Store]:
    return lambda: emptied(postgres_url)
