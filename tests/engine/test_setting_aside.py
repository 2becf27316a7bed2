"""A bug that shows with one person stops that person, and nobody else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dsl.calendar import DAY, MINUTE
from engine.core.signals import Erased
from engine.runner import Runner
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Aside, Changes, Store, StoreUnavailableError
from tests.engine.poisoned import PEOPLE, TWO_MESSAGES, Bug, Stage, told
from tests.postgres import address_of


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    match request.param:
        case "memory":
            opened = open_store("memory:")
        case "sqlite":
            opened = open_store(f"sqlite:///{tmp_path / 'wayline.db'}")
        case _:
            opened = open_store(address_of(request.getfixturevalue("postgres")))
    yield opened
    opened.close()


@pytest.mark.parametrize("limit", [1000, 3, 1])
def test_all_others_go_on_as_if_there_were_no_such_person(store: Store, limit: int) -> None:
    stage = Stage(store, "dora", limit=limit)
    undisturbed = Stage(MemoryStore(), people=[name for name in PEOPLE if name != "dora"])
    for each in (stage, undisturbed):
        each.after(DAY)
        each.views("look", "bob", "gus")
        each.after(20 * DAY)

    assert [each.person for each in store.set_aside()] == ["dora"]
    for name in PEOPLE:
        if name != "dora":
            assert stage.all_of(name) == undisturbed.all_of(name)


def test_nothing_of_theirs_is_half_written(store: Store) -> None:
    """The timer fired, the message was begun, then came the bug: none of it happened."""
    stage = Stage(store, "dora")
    before = stage.all_of("dora")
    stage.after(20 * DAY)

    assert stage.all_of("dora") == before
    (aside,) = store.set_aside()
    assert aside.since == stage.at("2026-03-03 10:00")
    assert aside.reason.startswith("Bug: no such thing (poisoned.py, line ")


def test_released_after_the_bug_is_gone_they_are_as_if_it_had_never_been(store: Store) -> None:
    stage, healthy = Stage(store, "dora"), Stage(MemoryStore())
    stage.after(2 * DAY)
    stage.views("first", "dora", "eve")
    stage.views("second", "dora", "eve")
    asleep = told(stage, "dora")
    stage.poison.people.clear()
    released = stage.store.release(stage.now)
    stage.settle()
    healthy.now = stage.now  # nobody was at work meanwhile
    healthy.views("first", "dora", "eve")
    healthy.views("second", "dora", "eve")

    assert asleep == told(healthy, "dora")[: len(asleep)]
    assert released == 1
    assert stage.all_of("dora") == healthy.all_of("dora")
    assert store.set_aside() == []
    assert "2026-03-04 10:00 named push" in stage.sent


def test_who_is_released_too_soon_is_set_aside_again(store: Store) -> None:
    stage = Stage(store, "dora")
    stage.after(2 * DAY)
    stage.store.release(stage.now)
    stage.settle()

    assert [each.since for each in store.set_aside()] == [stage.now]
    assert store.next_wake() is not None  # the others'


def test_a_deploy_brings_them_back(store: Store) -> None:
    stage = Stage(store, "dora")
    stage.after(2 * DAY)
    stage.poison.people.clear()
    stage.edit(TWO_MESSAGES)

    assert store.set_aside() == []
    assert stage.story("dora", "sent")[-1] == "sent named push"


@pytest.mark.parametrize("wish", ["before", "after"])
def test_forgetting_somebody_is_not_kept_up_by_a_bug(store: Store, wish: str) -> None:
    stage = Stage(store, "dora")
    forget = Erased("forget dora", "dora", stage.now + 2 * DAY, 0)
    if wish == "before":  # it is waiting when the timer fires, which raises
        stage.now += 2 * DAY
        stage.store.append([forget])
        stage.settle()
    else:
        stage.after(2 * DAY)
        assert [each.person for each in store.set_aside()] == ["dora"]
        stage.take(forget)

    assert store.people(["dora"], ()) == {}
    assert store.set_aside() == []
    assert store.decisions("dora") == []
    assert len(store.people(PEOPLE, ())) == len(PEOPLE) - 1


def test_if_most_of_many_people_fail_it_is_not_the_people(store: Store) -> None:
    people = [f"p{number:02}" for number in range(20)]
    stage = Stage(store, *people[:11], people=people)
    stage.now += DAY

    with pytest.raises(Bug) as raised:
        stage.settle()

    assert raised.value.__notes__ == ["This happened to 11 of the 20 people of one batch."]
    assert store.set_aside() == []
    assert store.next_wake() == stage.now
    assert all(stage.story(name, "sent") == ["sent hello push"] for name in people)
    stage.poison.people.remove("p00")
    stage.settle()
    assert len(store.set_aside()) == 10


def test_those_who_are_only_tried_once_more_stop_nobody(store: Store) -> None:
    """Set aside bit by bit, and released all at once."""
    people = [f"p{number:02}" for number in range(30)]
    stage = Stage(store, *people[:25], people=people, limit=10)
    stage.now += DAY
    stage.settle()
    assert len(store.set_aside()) == 25
    stage.limit = 1000
    stage.store.release(stage.now)
    stage.settle()

    assert len(store.set_aside()) == 25


def test_what_is_no_fault_of_a_person_goes_up(store: Store) -> None:
    for error in (StoreUnavailableError("gone"), MemoryError(), OSError("too many files")):
        stage = Stage(MemoryStore(), "dora", error=error)
        stage.now += DAY

        with pytest.raises(type(error)):
            stage.settle()
        assert stage.store.set_aside() == []


def test_a_store_that_has_no_number_to_give_is_no_fault_of_a_person(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'wayline.db'}")
    stage = Stage(store, people=["ada"])
    batch = store.batch

    def broken() -> Any:
        entered = batch()

        def number() -> int:
            raise sqlite3.OperationalError("disk I/O error")

        monkeypatch.setattr(entered, "number", number, raising=False)
        return entered

    monkeypatch.setattr(store, "batch", broken)
    stage.now += DAY

    with pytest.raises(sqlite3.OperationalError):
        stage.settle()
    assert store.set_aside() == []
    store.close()


def test_dying_before_they_are_set_aside_is_harmless(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(store, "dora")
    stage.now += DAY
    batch, count = store.batch, 0

    def dying() -> Any:
        nonlocal count
        count += 1
        if count == 2:
            raise KeyboardInterrupt
        return batch()

    with monkeypatch.context() as patch:
        patch.setattr(store, "batch", dying)
        with pytest.raises(KeyboardInterrupt):
            stage.runner.run_once(stage.now)
    assert store.set_aside() == []
    assert store.next_wake() == stage.now

    stage.settle()
    assert [each.person for each in store.set_aside()] == ["dora"]
    assert stage.story("eve", "sent") == ["sent hello push", "sent named push"]


def test_where_people_are_not_set_aside_it_goes_up() -> None:
    """In simulations and scenarios: whoever looks wants to see it."""
    stage = Stage(MemoryStore(), "dora")
    stage.runner = Runner(stage.store, stage.program)
    stage.now += DAY

    with pytest.raises(Bug):
        stage.settle()
    assert stage.store.set_aside() == []


def test_a_message_that_waits_for_the_morning_waits_for_the_person_too(store: Store) -> None:
    """They may have withdrawn their consent, and it is not known yet."""
    stage = Stage(store, people=["dora"])
    (greeting,) = store.deliveries_of("dora")
    later = greeting._replace(
        id="another",
        status="queued",
        due=stage.now + MINUTE,
        attempts=0,
        provider_id="",
        lease=None,
    )
    with store.batch() as batch:
        batch.load(["dora"], stage.now)
        aside = Aside("dora", stage.now, "a bug")
        batch.commit(Changes(deliveries=[later], aside=[aside]))
    stage.after(MINUTE)

    assert len(stage.adapter.accepted) == 1
    assert store.deliveries([later.id])[later.id].status == "queued"
    stage.store.release(stage.now)
    stage.after(10 * MINUTE)
    assert len(stage.adapter.accepted) == 2
