"""Several who work on one PostgreSQL store at once: as if each were alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock

import psycopg
import pytest

from engine.core.knowing import number_of
from engine.core.profile import Profile
from engine.core.signals import EventArrived
from engine.store import open_store
from engine.store.postgres.database import PostgresDatabase
from engine.store.postgres.shards import shard_of
from engine.store.protocol import (
    Appended,
    Changes,
    Deployment,
    Settlement,
    Store,
)
from engine.store.testing.samples import call, commit, delivery, due, event, process, run


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


def test_an_open_batch_keeps_neither_readers_nor_senders_waiting(
    store: Store, other: Store
) -> None:
    commit(store, Changes(profiles=[Profile("ada", {"n": 1})]))
    with store.batch() as batch:
        batch.load(["ada"], 10)
        other.append([event("e1")])
        seen = other.people(["ada"], ["order"])["ada"]
        batch.commit(Changes(profiles=[Profile("ada", {"n": 2})]))

    assert seen.profile.attributes == {"n": 1}
    assert len(seen.history["order"]) == 1
    assert [each.id for each in process(other, 10)] == ["e1"]


def test_what_arrives_after_loading_is_not_history_before_the_next_batch(
    store: Store, other: Store
) -> None:
    store.append([event("e1"), event("e2", "bob")])
    with store.batch() as batch:
        batch.load(["ada"], 10)
        other.append([event("e3"), event("e4", "bob")])
        past = batch.history(["ada", "bob"], ["order"])
        batch.commit(Changes(processed=[1]))

    assert [each.number for each in past["ada"]["order"]] == [1]
    assert {each.id for each in process(store, 10)} == {"e2", "e3", "e4"}


def test_what_arrives_for_somebody_whose_timer_is_due_waits_for_the_next_batch(
    store: Store, other: Store
) -> None:
    commit(store, Changes(runs=[run("r1", due=5), run("r2", "bob", due=6)]))
    store.append([event("e1", "bob")])
    with store.batch() as batch:
        assert batch.due(10, 10) == ["ada", "bob"]
        other.append([event("e2"), event("e3", "bob")])
        people = batch.load(["ada", "bob"], 10)
        past = batch.history(["ada", "bob"], ["order"])
        batch.commit(Changes(processed=[number_of(each) for each in people["bob"].pending]))

    assert not people["ada"].pending
    assert not past["ada"]["order"]
    assert {each.id for each in people["bob"].pending} == {"e1", "e3"}
    assert {each.id for each in process(store, 10)} == {"e2"}


def test_two_workers_work_on_different_people(store: Store, other: Store) -> None:
    names = [f"person {number}" for number in range(200)]
    store.append([event(name, name) for name in names])

    with store.batch() as one, other.batch() as two:
        mine = one.due(10, 10)
        yours = two.due(10, 10)
        nobody_waits = one.due(10, 10)

    assert len(mine) == len(yours) == 10
    assert not {shard_of(name) for name in mine} & {shard_of(name) for name in yours}
    assert nobody_waits == mine


def test_little_to_do_is_done_in_one_batch(store: Store) -> None:
    names = [f"person {number}" for number in range(60)]
    store.append([event(name, name) for name in names])

    assert due(store, 10, limit=1_000) == names


def test_whoever_is_in_somebodys_hands_is_due_for_nobody_else(store: Store, other: Store) -> None:
    store.append([event("e1")])

    with store.batch() as batch:
        assert batch.due(10, 10) == ["ada"]
        assert due(other, 10) == []
    assert due(other, 10) == ["ada"]


@pytest.mark.parametrize("what", ["deploy", "wake everyone"])
def test_a_batch_ends_under_the_version_it_began_with(
    store: Store, other: Store, postgres_url: str, what: str
) -> None:
    """Whoever changes something for everybody waits until no batch is under way."""

    def change() -> None:
        if what == "deploy":
            other.deploy(Deployment("2", 5, {}))
        else:
            other.wake_everyone(5)

    with ThreadPoolExecutor(1) as thread, psycopg.connect(postgres_url, autocommit=True) as seen:
        with store.batch() as batch:
            assert batch.current() == 0
            changed = thread.submit(change)
            while not seen.execute("select 1 from pg_locks where not granted").fetchall():
                assert not changed.done()
            assert batch.current() == 0
            batch.commit(Changes(profiles=[Profile("ada", {"n": 1})]))
        changed.result(timeout=30)

    assert store.people(["ada"], [])["ada"].profile.attributes == {"n": 1}


def test_two_workers_never_have_one_person_in_hand(postgres_url: str) -> None:
    stores = [open_store(postgres_url) for _ in range(3)]
    names = [f"person {number}" for number in range(90)]
    for name in names:
        stores[0].append([event(f"{name}/{each}", name) for each in range(3)])
    in_hand: set[str] = set()
    guard = Lock()
    processed: list[str] = []

    def work(store: Store) -> None:
        while len(processed) < 270:
            with store.batch() as batch:
                people = batch.due(10, 7)
                with guard:
                    assert not in_hand & set(people)
                    in_hand.update(people)
                loaded = batch.load(people, 10)
                first = [person.pending[0] for person in loaded.values()]
                with guard:
                    in_hand.difference_update(people)
                batch.commit(Changes(processed=[number_of(each) for each in first]))
            with guard:
                processed.extend(each.id for each in first)

    with ThreadPoolExecutor(3) as threads:
        for each in [threads.submit(work, store) for store in stores]:
            each.result()
    for store in stores:
        store.close()

    assert len(set(processed)) == len(processed) == 270


def test_a_person_is_waited_for(store: Store, other: Store) -> None:
    commit(store, Changes(profiles=[Profile("ada", {"n": 1})]))
    began = Event()

    def look() -> object:
        with other.batch() as batch:
            began.set()
            return batch.load(["ada"], 10)["ada"].profile.attributes

    with ThreadPoolExecutor(1) as thread:
        with store.batch() as batch:
            batch.load(["ada"], 10)
            seen = thread.submit(look)
            began.wait()
            batch.commit(Changes(profiles=[Profile("ada", {"n": 2})]))
        assert seen.result(timeout=30) == {"n": 2}


def test_numbers_ascend_as_they_are_seen_whoever_appends(store: Store, other: Store) -> None:
    """A number is given before its transaction ends; nobody may see a later one of the same
    person before it.
    """
    together = Barrier(2)

    def send(sender: tuple[str, Store]) -> None:
        name, mine = sender
        together.wait()
        for number in range(60):
            mine.append([event(f"{name}/{number}"), event(f"{name}/{number}/x", "bob")])

    seen: dict[str, list[int]] = {"ada": [], "bob": []}
    with ThreadPoolExecutor(2) as threads:
        sent = [threads.submit(send, each) for each in (("a", store), ("b", other))]
        while len(seen["ada"]) < 120 or len(seen["bob"]) < 120:
            for arrival in process(store, 10):
                seen[arrival.person].append(number_of(arrival))
        for each in sent:
            each.result()

    for numbers in seen.values():
        assert numbers == sorted(set(numbers))


def test_of_two_who_send_the_same_at_once_one_is_repeated(store: Store, other: Store) -> None:
    for number in range(20):
        together = Barrier(2)
        mine = [event(f"{number}/{each}", f"p{each}") for each in range(10)]

        def send(to: Store, events: list[EventArrived], together: Barrier = together) -> Appended:
            together.wait()
            return to.append(events)

        with ThreadPoolExecutor(2) as threads:
            one = threads.submit(send, store, mine)
            two = threads.submit(send, other, mine[::-1])
            assert one.result().accepted + two.result().accepted == 10

    assert len(process(store, 10)) == 200


def test_a_late_settlement_does_not_touch_a_later_claim(store: Store) -> None:
    commit(store, Changes(deliveries=[delivery("d1")]))
    store.claim(10, 1, lease=20)
    store.settle([Settlement("d1", "queued", 30, 1, lease=20)], [])
    store.claim(30, 1, lease=40)

    store.settle([Settlement("d1", "queued", 30, 1, lease=20)], [])

    assert store.deliveries(["d1"])["d1"].lease == 40


def test_each_renews_what_it_has_claimed_itself_and_who_was_cut_off_everything(
    store: Store, other: Store
) -> None:
    commit(store, Changes(deliveries=[delivery("d1"), delivery("d2")], calls=[call("c1")]))
    store.claim(10, 1, lease=20)
    store.claim_calls(10, 1, lease=20)
    other.claim(10, 1, lease=21)

    store.renew(40, 40)
    assert [each.id for each in store.lost(39)] == ["d2"]
    store.renew(60, 60, everybody=True)
    assert store.lost(59) == []
    other.renew(70, 70)
    assert [each.id for each in store.lost(60)] == ["d1"]
    assert [each.id for each in other.claim_calls(60, 1, lease=80)] == ["c1"]


def test_whoever_listens_hears_that_something_is_to_be_done(store: Store, other: Store) -> None:
    heard = Event()
    store.listen(heard.set)
    assert heard.wait(30)  # that it listens now
    heard.clear()

    other.append([event("e1")])
    assert heard.wait(30)
    heard.clear()
    commit(other, Changes(deliveries=[delivery("d1")]))
    assert heard.wait(30)


def test_all_who_share_a_store_sign_alike(store: Store, other: Store) -> None:
    assert len(store.secret()) > 30
    assert store.secret() == other.secret()


def test_housekeeping_is_done_once_by_all(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []
    monkeypatch.setattr(PostgresDatabase, "tidy", lambda _self: done.append(1))

    for each in (store, other, store):
        each.tidy()

    assert len(done) == 1
