"""What cannot be read or written of one person stops that person, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from channels.content import Built, Missing
from channels.content.destinations import NO_OCCASION, Occasion
from dsl.calendar import DAY
from dsl.expr.context import Context, Happened
from engine.core.decision import Decision
from engine.core.hooks import Hook
from engine.core.profile import Profile
from engine.core.signals import Arrival, CallAnswered, Erased, EventArrived
from engine.runner import Runner
from engine.store import open_store
from engine.store.protocol import Changes, UnwritableError
from engine.store.sql.store import SqlStore
from engine.store.testing.samples import call, commit, delivery, event, process, run
from tests.engine.poisoned import PEOPLE, Poisoned, Stage
from tests.postgres import address_of

_OF_DORA = "person = (select number from people where id = 'dora')"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    if request.param == "sqlite":
        opened = open_store(f"sqlite:///{tmp_path / 'wayline.db'}")
    else:
        opened = open_store(address_of(request.getfixturevalue("postgres")))
    assert isinstance(opened, SqlStore)
    yield opened
    opened.close()


def _damage(store: SqlStore, statement: str) -> None:
    with store._database.writing() as session:
        session.execute(statement, (b"\xc1\x00 no document",))


_PLACES = {
    "open runs and contacts": f"update standings set document = ? where {_OF_DORA}",
    "attributes and consents": "update people set document = ? where id = 'dora'",
    "an arrival of a newer version": "update log set kind = 'later', document ="
    f" coalesce(document, ?) where {_OF_DORA} and name = 'viewed'",
    "an arrival": f"update log set document = ? where {_OF_DORA} and name = 'viewed'",
}


@pytest.mark.parametrize("place", _PLACES)
def test_all_others_go_on(store: SqlStore, place: str) -> None:
    stage = Stage(store)
    stage.now += DAY
    stage.views("look", *(name for name in PEOPLE if name != "dora"))
    store.append(_views(stage, "dora"))
    _damage(store, _PLACES[place])
    stage.settle()
    stage.after(20 * DAY)

    (aside,) = store.set_aside()
    assert aside.person == "dora"
    assert any(word in aside.reason for word in ("codec.py", "letters.py", "decoded"))
    for name in PEOPLE:
        if name != "dora":
            assert stage.story(name, "left") == ["left end"]
    assert not store.people(["dora"], ["viewed"])["dora"].readable or place.startswith("an arrival")


def test_what_only_a_newer_version_knows_waits_for_it_and_is_not_lost(store: SqlStore) -> None:
    """Two versions side by side: the older one leaves it, and a process of the newer one that begins
    takes it.
    """
    stage = Stage(store)
    stage.now += DAY
    store.append(_views(stage, "dora"))
    _damage(store, _PLACES["an arrival of a newer version"])
    stage.settle()
    (aside,) = store.set_aside()
    assert aside.person == "dora"

    with store._database.writing() as session:
        session.execute("update log set kind = 'event' where kind = ?", ("later",))
    assert store.release(stage.now) == 1
    stage.settle()

    assert store.set_aside() == []
    assert len(store.people(["dora"], ["viewed"])["dora"].history["viewed"]) == 1


def _views(stage: Stage, person: str) -> list[Arrival]:
    return [EventArrived("seen", person, Happened("viewed", stage.now, stage.now, 0, {}))]


@pytest.mark.parametrize("place", _PLACES)
def test_they_can_be_forgotten_all_the_same(store: SqlStore, place: str) -> None:
    stage = Stage(store)
    stage.now += DAY
    store.append(_views(stage, "dora"))
    _damage(store, _PLACES[place])
    stage.settle()
    stage.take(Erased("forget dora", "dora", stage.now, 0))

    assert store.people(["dora"], ()) == {}
    assert store.set_aside() == []
    with store._database.reading() as session:
        for table in ("decisions", "deliveries"):
            people = session.rows(f"select distinct person from {table}")
            assert len(people) == len(PEOPLE) - 1
            assert session.rows(f"select count(*) from {table}") != [(0,)]


def test_nothing_is_handed_over_to_somebody_of_whom_it_is_not_known_whether_they_agree(
    store: SqlStore,
) -> None:
    stage = Stage(store)
    stage.now += DAY
    stage.runner.run_once(stage.now)
    _damage(store, _PLACES["attributes and consents"])
    stage.settle()

    waiting = store.claim(stage.now + DAY, 99, stage.now + 2 * DAY)
    assert [(d.person, d.status, d.step) for d in waiting] == [("dora", "calling", "reminder")]


@pytest.mark.parametrize("table", ["closed_runs", "contents", "log"])
def test_what_a_batch_asks_for_later_is_left_out_as_well(store: SqlStore, table: str) -> None:
    people = ["ada", "bob"]
    store.append([event(f"of {each}", each) for each in people])
    process(store, 10)
    ended = [run(f"r {each}", each, status="closed", outcome="end") for each in people]
    commit(store, Changes(runs=ended, deliveries=[delivery(f"d {each}", each) for each in people]))
    first = f"number = (select min(number) from {table})"
    _damage(store, f"update {table} set document = ? where {first}")

    with store.batch() as batch:
        batch.load(people, 10)
        past = batch.history(people, ["order"])
        closed = batch.closed_runs(people, ["welcome"])
        sent = batch.deliveries(["d ada", "d bob"])
        assert list(batch.unreadable()) == ["ada"]
    assert len(past["bob"]["order"]) == len(closed["bob"]) == 1
    assert "d bob" in sent


class _Unspeakable(Poisoned):
    """Says to some people what cannot be written down."""

    def build(
        self,
        message: str,
        channel: str,
        context: Context,
        values: Mapping[str, Any],
        delivery: str,
        occasion: Occasion = NO_OCCASION,
    ) -> Built | Missing:
        built = self.content.build(message, channel, context, values, delivery, occasion)
        if (
            isinstance(built, Built)
            and message == "named"
            and context.attributes.get("first_name") in self.people
        ):
            return built._replace(parts={"body": "\ud800"})
        return built


def test_who_cannot_be_written_is_set_aside(store: SqlStore) -> None:
    stage = Stage(store)
    content = _Unspeakable(stage.program.content, {"dora"}, ValueError())
    stage.runner = Runner(store, replace(stage.program, content=content), sets_aside=True)
    stage.after(20 * DAY)

    (aside,) = store.set_aside()
    assert aside.person == "dora"
    assert aside.reason.startswith("UnicodeEncodeError")
    assert stage.story("dora", "sent") == ["sent hello push"]
    assert stage.story("eve", "sent") == ["sent hello push", "sent named push"]


@pytest.mark.parametrize(
    "changes",
    [
        Changes(profiles=[Profile("ada"), Profile("bob", {"n": 2**64})]),
        Changes(runs=[run("r1", "ada"), run("r2", "bob", due=2**63)]),
        Changes(runs=[run("r1", "ada"), run("r2", "bob", variables={"x": "\ud800"})]),
        Changes(decisions=[Decision("ada", 1, "sent", ""), Decision("bob", 1, "sent", "\ud800")]),
    ],
)
def test_whom_it_is_about_is_said_and_nothing_is_written(store: SqlStore, changes: Changes) -> None:
    with pytest.raises(UnwritableError) as caught:
        commit(store, changes, ["ada", "bob"])

    assert list(caught.value.people) == ["bob"]
    assert store.people(["ada", "bob"], ()) == {}


@pytest.mark.parametrize("lost", [False, True], ids=["claimed", "lost"])
def test_a_message_that_cannot_be_read_is_in_nobodys_way(store: SqlStore, *, lost: bool) -> None:
    stage = Stage(store)
    stage.now += DAY
    stage.runner.run_once(stage.now)
    if lost:
        store.claim(stage.now, 99, stage.now + 1)
    _damage(store, f"update contents set document = ? where {_OF_DORAS_MESSAGE}")

    found = store.lost(stage.now + 2) if lost else store.claim(stage.now, 99, stage.now + 1)
    assert {each.person for each in found} == {*PEOPLE} - {"dora"}
    assert store.lost(stage.now + 2) == found
    stage.runner.run_once(stage.now + 2)
    (aside,) = store.set_aside()
    assert aside.person == "dora"


_OF_DORAS_MESSAGE = (
    f"number in (select number from deliveries where {_OF_DORA} and wake is not null)"
)


def test_a_call_that_cannot_be_read_is_answered_by_nobody(store: SqlStore) -> None:
    people = ["ada", "bob"]
    store.append([event(f"of {each}", each) for each in people])
    process(store, 10)
    commit(store, Changes(calls=[call(f"c {each}", person=each) for each in people]), people)
    _damage(store, "update calls set document = ? where id = 'c ada'")

    assert [each.person for each in store.claim_calls(20, 99, 30)] == ["bob"]
    with store.batch() as batch:
        (answer,) = batch.load(["ada"], 20)["ada"].pending
    assert isinstance(answer, CallAnswered)
    assert (answer.call, answer.values) == ("c ada", None)
    assert answer.reason.startswith("it cannot be read")
    assert [each.person for each in store.claim_calls(40, 99, 50)] == ["bob"]


def test_what_is_damaged_is_not_told_and_keeps_nobody_from_being_told(store: SqlStore) -> None:
    store.append([event(name, name, name="message_sent") for name in ("ada", "dora", "eve")])
    with store._database.writing() as session:
        session.execute(f"update log set document = ? where {_OF_DORA}", (b"{broken",))
    hook = Hook("h", "https://crm.example/", ("*",), 1)

    store.hooks.horizon()
    told, through = store.hooks.happened(hook, store.hooks.horizon(), 9)

    assert [each.person for each in told] == ["ada", "eve"]
    assert through.log == 3
