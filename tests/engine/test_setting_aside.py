"""A bug that shows with one person stops that person, and nobody else."""

from __future__ import annotations

import io
import json
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from channels.content import Built, Content, Missing, Stale, Unfinished
from dsl.calendar import DAY, MINUTE, Instant
from dsl.expr.context import Context, Happened, Wording
from engine.core.signals import Arrival, Erased, EventArrived, ProfileChanged
from engine.faults import nickname, tell_faults
from engine.logs import open_log
from engine.loops import RunnerLoop
from engine.metrics import Metrics
from engine.runner import Ran, Runner
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Aside, Changes, Store, StoreUnavailableError
from tests.engine.scene import Scene, journey
from tests.postgres import address_of

TWO_MESSAGES = journey("""
  - {id: greeting, send: hello, to: push}
  - {id: pause, wait: 1 day}
  - {id: reminder, send: named, to: push}
  - {id: reply, wait for: viewed, at most: 9 days}
""")
PEOPLE = ("ada", "bob", "cleo", "dora", "eve", "finn", "gus")
PATIENCE = 10


class Bug(Exception):
    """Something of ours went wrong."""


class Poisoned(Content):
    """What Wayline says, but for some people one message raises. The people can be cured."""

    def __init__(self, content: Content, people: Collection[str], error: Exception) -> None:
        self.content = content
        self.people = set(people)
        self.error = error

    def build(
        self,
        message: str,
        channel: str,
        context: Context,
        values: Mapping[str, Any],
        delivery: str,
    ) -> Built | Missing:
        if message == "named" and context.attributes.get("first_name") in self.people:
            raise self.error
        return self.content.build(message, channel, context, values, delivery)

    def finish(
        self, unfinished: Unfinished, answers: Sequence[Mapping[str, Any] | None], delivery: str
    ) -> Built | Missing | Stale:
        return self.content.finish(unfinished, answers, delivery)

    def say(self, wording: Wording, context: Context) -> str | None:
        return self.content.say(wording, context)


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


def arrivals(person: str, now: Instant) -> list[Arrival]:
    """Somebody who can be reached, has agreed, and signs up."""
    known = {"email": f"{person}@example.com", "first_name": person}
    granted = Happened("consent_granted", now, now, 0, {"category": "promotional"})
    return [
        ProfileChanged(f"{person} 1", person, now, 0, known, {"push": f"token-{person}"}),
        EventArrived(f"{person} 2", person, granted),
        EventArrived(f"{person} 3", person, Happened("signed_up", now, now, 0, {})),
    ]


class Stage(Scene):
    """A scene with people in it, in whom a bug may sleep."""

    def __init__(
        self,
        store: Store,
        *poisoned: str,
        error: Exception | None = None,
        people: Sequence[str] = PEOPLE,
        limit: int = 1000,
    ) -> None:
        super().__init__(TWO_MESSAGES, store=store, limit=limit)
        self.poison = Poisoned(self.program.content, poisoned, error or Bug("no such thing"))
        self.program = replace(self.program, content=self.poison)
        self.runner = Runner(store, self.program, sets_aside=True)
        store.append([each for person in people for each in arrivals(person, self.now)])
        self.settle()

    def views(self, event: str, *people: str) -> None:
        """They look at something, all at once."""
        seen = Happened("viewed", self.now, self.now, 0, {})
        self.store.append([EventArrived(f"{person} {event}", person, seen) for person in people])
        self.settle()

    def all_of(self, person: str) -> Any:
        """Everything that is known of somebody, but for the numbers in the log."""
        (view,) = self.store.people([person], ["signed_up", "message_sent", "viewed"]).values()
        past = {
            name: [each._replace(number=0) for each in happened]
            for name, happened in view.history.items()
        }
        runs = [
            each._replace(trigger=each.trigger and each.trigger._replace(number=0))
            for each in view.runs
        ]
        deliveries = self.store.deliveries_of(person)
        return view.profile, runs, past, self.store.decisions(person), deliveries


def told(stage: Stage, person: str) -> list[tuple[str, ...]]:
    return [(d.what, d.reason, d.step, d.channel) for d in stage.store.decisions(person)]


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
    assert aside.reason.startswith("Bug: no such thing (test_setting_aside.py, line ")


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


def test_the_runners_thread_lives_on_and_says_what_happened(store: Store) -> None:
    stage = Stage(store, "dora")
    metrics, said = Metrics(), io.StringIO()
    log = open_log("json", stream=said)
    rests = threading.Semaphore(0)
    failures: list[BaseException] = []

    class Clock:
        def now(self) -> Instant:
            return stage.now + DAY

    def ran(done: Ran) -> None:
        tell_faults(log, done.faults)

    loop = RunnerLoop(
        stage.runner,
        Clock(),
        metrics,
        ran=ran,
        rested=rests.release,
        outdated=lambda: None,
        failed=failures.append,
    )
    loop.start()
    assert rests.acquire(timeout=PATIENCE)
    alive = loop.is_alive
    loop.stop()
    (line,) = map(json.loads, said.getvalue().splitlines())

    assert alive
    assert failures == []
    assert metrics.registry.get_sample_value("wayline_faults_total") == 1
    assert line["level"] == "error"
    assert line["nicknames"] == [nickname("dora")]
    assert line["error"] == "Bug"
    assert "in build" in line["exception"]


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_log_says_nothing_of_what_is_known_of_somebody(form: str) -> None:
    stage = Stage(MemoryStore(), "dora", "eve", error=Bug("dora@example.com lives in Kiel"))
    stage.now += DAY
    said = io.StringIO()
    ran = stage.runner.run_once(stage.now)
    tell_faults(open_log(form, stream=said), ran.faults)
    text = said.getvalue()

    assert len(ran.faults) == 2
    assert "Kiel" not in text
    assert "dora" not in text
    assert text.count("set aside") == 1
    assert nickname("dora") in text
    assert nickname("eve") in text
