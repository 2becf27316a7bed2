"""Of what is written side by side nothing is passed over, whoever is the first to be done."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from engine.core.hooks import Hook, Mark
from engine.store import open_store
from engine.store.protocol import Store
from engine.store.testing.samples import event


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    opened = open_store(postgres_url)
    yield opened
    opened.close()


def _told(store: Store, hook: Hook) -> tuple[list[str], Hook]:
    found, through = store.hooks.happened(hook, store.hooks.horizon(), 100)
    return [each.id for each in found], hook._replace(mark=through)


def test_what_is_not_over_yet_is_waited_for(store: Store, postgres_url: str) -> None:
    """A number is given before its row can be seen: whoever read on would never see that row."""
    hook = Hook("h", "https://crm.example/", ("*",), 1, Mark())
    late = open_store(postgres_url)
    with psycopg.connect(postgres_url) as other:
        other.execute("select nextval('log_number_seq')")  # somebody is about to write
        store.append([event("quick", name="message_sent")])
        first, hook = _told(store, hook)
        second, hook = _told(late, hook)
        other.execute(
            "insert into log (number, id, person, kind, name, occurred, received, document)"
            " select currval('log_number_seq'), 'slow', number, 'event', 'message_sent', 1, 1, '{}'"
            " from people where id = 'ada'"
        )
        other.commit()
    third, hook = _told(store, hook)
    fourth, hook = _told(store, hook)

    assert first == second == []
    assert third + fourth == ["slow", "quick"]
    assert _told(store, hook)[0] == []
    late.close()


def test_whoever_only_reads_for_long_delays_and_loses_nothing(
    store: Store, postgres_url: str
) -> None:
    hook = Hook("h", "https://crm.example/", ("*",), 1, Mark())
    with psycopg.connect(postgres_url) as reader:
        reader.execute("select count(*) from log")
        store.append([event("e1", name="message_sent")])
        assert _told(store, hook)[0] == []
        reader.rollback()
    store.hooks.horizon()

    assert _told(store, hook)[0] == ["e1"]
