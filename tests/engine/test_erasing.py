"""A person who is forgotten, whatever they were in the middle of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsl.expr.context import Happened
from engine.core.signals import Arrival, Erased, EventArrived, ProfileChanged
from engine.store import open_store
from engine.store.protocol import Store

from .scene import Scene, journey

WAITING = journey("""
  - {id: greeting, send: named, to: push}
  - {id: pause, wait: 3 days}
  - {id: reminder, send: hello, to: email}
""")
QUIET = """
quiet hours:
  - on: push
    from: 22:00 to 06:00
when quiet: wait
"""


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'wayline.db'}"
    opened = open_store(url)
    yield opened
    opened.close()


def forget(scene: Scene, person: str = "ada") -> None:
    """The person asks to be forgotten, now."""
    scene.take(Erased(f"forget {person}", person, scene.now, 0))


def test_somebody_erased_in_a_wait_gets_nothing_more(store: Store) -> None:
    scene = Scene(WAITING, store=store)
    for name in ("ada", "bob"):
        scene.person(name, first_name=name.title())
        scene.event("signed_up", name)
    forget(scene)

    scene.until("2026-03-09 10:00")

    assert [message.address for message in scene.adapter.accepted] == [
        "token-ada",
        "token-bob",
        "bob@example.com",
    ]
    assert store.people(["ada"], ["signed_up"]) == {}
    assert store.decisions("ada") == []
    assert store.deliveries_of("ada") == []
    assert store.next_wake() is None


def test_what_waits_for_the_morning_is_not_sent(store: Store) -> None:
    send = journey("  - {id: greeting, send: hello, to: push}")
    scene = Scene(send, store=store, start="2026-03-02 23:00", policy=QUIET)
    scene.person()
    scene.event("signed_up")
    assert scene.runs()[0].due == scene.at("2026-03-03 06:00")
    forget(scene)

    scene.until("2026-03-04 12:00")

    assert scene.adapter.accepted == []
    assert store.people(["ada"], []) == {}


def test_who_comes_back_is_somebody_new_who_has_agreed_to_nothing(store: Store) -> None:
    """The rules for entering again know nothing of the earlier life either."""
    send = journey("  - {id: greeting, send: hello, to: email}", head="re-enter: never")
    scene = Scene(send, store=store)
    scene.person()
    scene.event("signed_up")
    forget(scene)
    scene.person(consent=None)
    scene.event("signed_up")

    assert len(scene.adapter.accepted) == 1
    assert scene.story("ada", "entered", "sent", "dropped") == [
        "entered signed_up",
        "dropped consent",
    ]


def test_an_end_and_a_beginning_in_one_batch_are_two_lives(store: Store) -> None:
    """What the earlier life decided in this batch, and did not send yet, goes with it."""
    scene = Scene(WAITING, store=store)
    scene.store.append(_life(scene, "one"))
    scene.store.append([Erased("forget", "ada", scene.now, 0)])
    scene.store.append(_life(scene, "two"))
    scene.settle()

    assert [run.entered for run in scene.runs()] == [scene.now]
    assert [message.parts["title"] for message in scene.adapter.accepted] == ["Hello two"]
    history = store.people(["ada"], ["signed_up"])["ada"].history["signed_up"]
    assert len(history) == 1
    assert store.people(["ada"], [])["ada"].profile.attributes["first_name"] == "two"


def test_somebody_nobody_has_heard_of_can_be_forgotten(store: Store) -> None:
    scene = Scene(WAITING, store=store)
    forget(scene, "nobody")

    assert store.people(["nobody"], []) == {}
    assert store.next_wake() is None


def test_no_table_knows_of_a_person_who_was_erased(tmp_path: Path) -> None:
    """Neither by id, nor by address, nor by anything they did or were sent."""
    path = tmp_path / "wayline.db"
    store = open_store(f"sqlite:///{path}")
    scene = Scene(WAITING, store=store)
    scene.person("zebulon", first_name="Zebulon")
    scene.event("viewed", "zebulon", product="zebulons-secret")
    scene.event("signed_up", "zebulon")
    assert b"zebulon" in _contents(path)
    forget(scene, "zebulon")
    store.tidy()
    store.close()

    left = _contents(path)

    assert b"zebulon" not in left.replace(b"forget zebulon", b"").lower()
    assert not any(b"zebulons-secret" in file.read_bytes() for file in tmp_path.iterdir())


def _contents(path: Path) -> bytes:
    """Every value of every table."""
    with sqlite3.connect(path) as db:
        tables = [
            name for (name,) in db.execute("select name from sqlite_master where type='table'")
        ]
        values = [
            value
            for table in tables
            for row in db.execute(f"select * from {table}")
            for value in row
        ]
    return b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in values)


def _life(scene: Scene, number: str) -> list[Arrival]:
    known = {"email": "ada@example.com", "first_name": number}
    granted = Happened(
        "consent_granted", scene.now, scene.now, 0, {"category": "promotional", "channel": None}
    )
    signed = Happened("signed_up", scene.now, scene.now, 0, {})
    return [
        ProfileChanged(f"{number} 1", "ada", scene.now, 0, known, {"push": "token-ada"}),
        EventArrived(f"{number} 2", "ada", granted),
        EventArrived(f"{number} 3", "ada", signed),
    ]
