"""Many arrivals go another way into PostgreSQL than few: with the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.store import open_store
from engine.store.postgres import receiving
from engine.store.protocol import Store
from engine.store.testing import TestArrivals, TestAside
from engine.store.testing.samples import due, event, process

__all__ = ["TestArrivals", "TestAside"]


@pytest.fixture
def store(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """For which one is many already."""
    monkeypatch.setattr(receiving, "_MANY", 1)
    opened = open_store(postgres_url)
    yield opened
    opened.close()


def test_an_id_that_two_use_at_once_for_two_people_counts_for_one(
    store: Store, postgres_url: str
) -> None:
    """Their people are of different shards, so neither waits for the other at the door."""
    names = [f"person {number}" for number in range(40)]
    other = open_store(postgres_url)
    with ThreadPoolExecutor(2) as threads:
        for turn in range(5):
            ids = [f"{turn}/{number}" for number in range(20)]
            mine = [event(each, name) for each, name in zip(ids, names[:20], strict=True)]
            theirs = [event(each, name) for each, name in zip(ids[::-1], names[20:], strict=True)]
            one = threads.submit(store.append, mine)
            two = threads.submit(other.append, theirs)
            first, second = one.result(), two.result()

            assert first.accepted + second.accepted == 20
            assert first.repeated + second.repeated == 20
            assert len(process(store, 10)) == 20
    other.close()
    assert due(store, 100) == []
