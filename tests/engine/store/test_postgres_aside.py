"""Setting people aside while others are at work on the same PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from engine.core.signals import Erased
from engine.store import open_store
from engine.store.postgres.receiving import hold_doors
from engine.store.protocol import Aside, Changes, Deployment, Store
from engine.store.sql.appending import Appending
from engine.store.testing.samples import NUMBERLESS, due, event, process

ADA = Aside("ada", 10, "a bug")
PATIENCE = 20


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    opened = open_store(postgres_url)
    yield opened
    opened.close()


@pytest.fixture
def other(store: Store, postgres_url: str) -> Iterator[Store]:
    """The store as another process sees it."""
    opened = open_store(postgres_url)
    yield opened
    opened.close()


def test_what_arrives_while_they_are_being_set_aside_waits_too(store: Store, other: Store) -> None:
    """But for the wish to be forgotten."""
    store.append([event("e1", "ada", 5)])
    with store.batch() as batch:
        batch.load(batch.due(10, 10), 10)
        other.append([event("e2", "ada", 6)])
        batch.commit(Changes(aside=[ADA]))
    other.append([event("e3", "ada", 7)])
    assert other.next_wake() is None
    assert due(other, 1_000) == []

    assert other.release(20, ["ada"]) == 1
    assert [each.id for each in process(store, 20)] == ["e1", "e2", "e3"]

    store.append([event("e4", "ada", 25)])
    with store.batch() as batch:
        batch.load(batch.due(30, 10), 30)
        other.append([Erased("x1", "ada", 26, NUMBERLESS)])
        batch.commit(Changes(aside=[ADA]))
    assert other.next_wake() == 26


def test_whoever_appends_at_this_moment_is_waited_for(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise their arrival would be seen neither by the one nor by the other."""
    store.append([event("e1", "ada", 5)])
    held, go_on = Event(), Event()

    def slowly(self: Appending, session: object, arrivals: object) -> None:
        hold_doors(session, ["ada"])  # type: ignore[arg-type]
        held.set()
        assert go_on.wait(PATIENCE)

    def set_aside() -> None:
        with store.batch() as batch:
            batch.load(batch.due(10, 10), 10)
            batch.commit(Changes(aside=[ADA]))

    with ThreadPoolExecutor(2) as threads:
        monkeypatch.setattr(Appending, "hold_for", slowly)
        appending = threads.submit(other.append, [event("e2", "ada", 6)])
        assert held.wait(PATIENCE)
        setting = threads.submit(set_aside)
        with pytest.raises(TimeoutError):
            setting.result(0.3)
        go_on.set()
        appending.result(PATIENCE)
        setting.result(PATIENCE)

    assert store.next_wake() is None
    assert [each.person for each in store.set_aside()] == ["ada"]


def test_a_deploy_and_a_release_wait_for_whoever_has_them_in_hand(
    store: Store, other: Store
) -> None:
    store.append([event("e1", "ada", 5), event("e2", "bob", 6)])
    with store.batch() as batch:
        batch.load(["ada"], 10)
        batch.commit(Changes(aside=[ADA]))
    with ThreadPoolExecutor(1) as threads, store.batch() as batch:
        batch.load(["ada"], 10)
        deploying = threads.submit(other.deploy, Deployment("1", 20, {}))
        with pytest.raises(TimeoutError):
            deploying.result(0.3)
        batch.commit(Changes())
        assert deploying.result(PATIENCE) == "deployed"

    assert store.set_aside() == []
    assert sorted(each.id for each in process(store, 20)) == ["e1", "e2"]
