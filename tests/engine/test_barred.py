"""An address is suppressed, and not a person: whoever has it is not written to, now or later."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected
from dsl.calendar import DAY, HOUR
from engine.core.bars import Bar, destination_of
from engine.core.signals import Erased
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.engine.scene import Scene, journey

SHARED = "family@example.com"
JOURNEY = journey("  - {id: hi, send: hello, to first of: [email, push]}\n")
LATER = journey("  - {id: w, wait: 1 day}\n  - {id: hi, send: hello, to first of: [email, push]}\n")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = MemoryStore() if request.param == "memory" else _file(tmp_path)
    with closing(made):
        yield made


def _file(folder: Path) -> Store:
    made = open_store(f"sqlite:///{folder / 'wayline.db'}")
    made.bars.under([b"a key that is not in the store"])
    return made


def _answer(message: Message) -> Outcome:
    """One mailbox does not exist."""
    if message.channel == "email" and message.address == SHARED:
        return Rejected(
            FailureClass.PERMANENT_RECIPIENT, "550", "no such mailbox", rule="550 5.1.1"
        )
    return Accepted("p1")


def _scene(store: Store, *journeys: str) -> Scene:
    return Scene(*journeys, store=store, answer=_answer)


def _meet(scene: Scene, name: str, email: str = SHARED) -> None:
    scene.person(name)
    scene.change(name, {"email": email}, {"email": email})


def _tried(scene: Scene) -> list[str]:
    """To whom an e-mail was handed over."""
    tried = [each for each in scene.adapter.messages if each.channel == "email"]
    return [each.address for each in tried]


def test_who_comes_to_have_it_is_not_written_to(store: Store) -> None:
    scene = _scene(store, JOURNEY)
    _meet(scene, "ada")
    scene.event("signed_up", "ada")
    scene.after(HOUR)
    _meet(scene, "bob", "Family@Example.COM")
    scene.event("signed_up", "bob")

    assert _tried(scene) == [SHARED]
    assert scene.story("bob", "suppressed", "passed over", "sent") == [
        "suppressed refused for good email",
        "passed over unreachable email",
        "sent hello push",
    ]
    (told,) = [each for each in scene.decisions("bob") if each.what == "suppressed"]
    assert "550 5.1.1" in told.detail


def test_who_has_it_already_is_told_at_the_last_look(store: Store) -> None:
    scene = _scene(store, LATER)
    for name in ("ada", "bob", "eve"):
        _meet(scene, name)
    scene.event("signed_up", "ada")
    scene.after(2 * HOUR)
    scene.event("signed_up", "bob")
    scene.after(2 * DAY)
    scene.event("signed_up", "bob")
    scene.after(2 * DAY)

    assert _tried(scene) == [SHARED]
    assert scene.story("bob", "sent", "suppressed", "passed over", "stopped") == [
        "sent hello email",
        "stopped unreachable: the address is suppressed (refused for good) email",
        "suppressed refused for good email",
        "sent hello push",
        "passed over unreachable email",
        "sent hello push",
    ]


def test_it_stays_when_the_person_is_forgotten_and_holds_for_whoever_comes(store: Store) -> None:
    scene = _scene(store, JOURNEY)
    _meet(scene, "ada")
    scene.event("signed_up", "ada")
    scene.take(Erased("x1", "ada", scene.now, 0))
    scene.after(DAY)
    assert list(store.suppressed()) == []
    _meet(scene, "new")
    scene.event("signed_up", "new")

    assert _tried(scene) == [SHARED]
    assert "passed over unreachable email" in scene.story("new")


def test_who_was_forgotten_has_withdrawn_for_whoever_comes_until_they_agree_again(
    store: Store,
) -> None:
    address = "ada@example.com"
    scene = _scene(store, JOURNEY)
    scene.person("ada")
    scene.after(HOUR)
    scene.take(Erased("x1", "ada", scene.now, 0))
    scene.after(HOUR)
    scene.change("new", {"email": address}, {"email": address})
    scene.event(
        "consent_granted", "new", happened="2026-03-01 09:00", category="promotional"
    )  # as a list has it that was made before
    scene.event("signed_up", "new")
    before = _tried(scene)
    scene.event("consent_granted", "new", category="promotional")
    scene.event("signed_up", "new")

    assert (before, _tried(scene)) == ([], [address])
    words = [(each.word, each.method) for each in store.consents("new")]
    assert words == [("withdrawn", "forgotten"), ("granted", ""), ("granted", "")]


def test_who_shares_the_address_of_somebody_forgotten_keeps_what_they_agreed_to(
    store: Store,
) -> None:
    scene = _scene(store, JOURNEY)
    for name in ("ada", "bob"):
        _meet(scene, name, "both@example.com")
    scene.take(Erased("x1", "ada", scene.now, 0))
    scene.after(HOUR)
    scene.change("bob", {"email": "both@example.com"}, {"email": "both@example.com"})
    scene.event("signed_up", "bob")

    assert _tried(scene) == ["both@example.com"]


def test_once_it_is_lifted_everybody_is_written_to_again(store: Store) -> None:
    scene = _scene(store, JOURNEY)
    _meet(scene, "ada")
    scene.event("signed_up", "ada")
    scene.take(Erased("x1", "ada", scene.now, 0))
    scene.after(DAY)
    place = destination_of("email", SHARED)
    store.bars.tell([(place, Bar(lifted=scene.now))])
    scene.after(HOUR)
    _meet(scene, "new")
    scene.event("signed_up", "new")

    assert _tried(scene) == [SHARED, SHARED]


def test_what_was_held_back_before_it_was_lifted_suppresses_nobody_after(store: Store) -> None:
    """The word that a message was held back waits while an operator lifts the suppression."""
    scene = _scene(store, LATER)
    for name in ("ada", "bob"):
        _meet(scene, name)
    scene.event("signed_up", "ada")
    scene.after(HOUR)
    scene.event("signed_up", "bob")
    scene.until("2026-03-03 10:30")
    place = destination_of("email", SHARED)
    scene.now = scene.at("2026-03-03 11:00")
    scene.runner.run_once(scene.now)
    stopped = asyncio.run(scene.dispatcher.run_once(scene.now)).stopped
    store.bars.tell([(place, Bar(lifted=scene.now))])
    scene.settle()

    assert stopped == 1
    assert [each.id for each in store.suppressed()] == ["ada"]


def test_a_number_is_the_same_however_it_is_written() -> None:
    assert destination_of("sms", "0049 (0)151 / 1234 5678") == ("sms", "+4915112345678")
    assert destination_of("email", " Ada@Example.COM ") == ("email", "ada@example.com")
    assert destination_of("push", "Token ") == ("push", "Token ")
