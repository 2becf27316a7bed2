"""A fresh store of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.store import open_store
from engine.store.protocol import Store


@pytest.fixture(params=["memory", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'wayline.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def new_sqlite(tmp_path: Path) -> Callable[[], Store]:
    numbers = iter(range(1_000_000))
    return lambda: open_store(f"sqlite:///{tmp_path / f'{next(numbers)}.db'}")
