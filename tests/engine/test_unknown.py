"""A message whose answer was lost is ``unknown`` until its provider speaks of it again."""

from __future__ import annotations

import asyncio

import pytest

from channels.outcome import Unknown
from dsl.calendar import HOUR, MINUTE
from dsl.expr.context import Happened
from engine.core.effects import Delivery
from engine.core.signals import EventArrived
from engine.dispatcher.verdicts import final
from tests.engine.scene import Scene, journey

TO_PUSH = "  - {id: hi, send: hello, to: push}\n  - {id: rest, wait: 3 days}\n"
THEN_EMAIL = "  - {id: hi, send: hello, to first of: [push, email]}\n"


def delivery(scene: Scene) -> Delivery:
    """The first of ada's."""
    return scene.store.deliveries_of("ada")[0]


def unknown(body: str = TO_PUSH, head: str = "") -> Scene:
    """A scene in which the answer to a push was lost."""
    scene = Scene(journey(body, head=head))
    scene.person()
    scene.adapter.script(Unknown("no answer"))
    scene.event("signed_up")
    return scene


@pytest.mark.parametrize("what", ["delivered", "opened", "clicked", "replied"])
def test_a_later_word_of_the_provider_settles_it(what: str) -> None:
    scene = unknown()
    assert delivery(scene).status == "unknown"

    scene.receipt(delivery(scene).id, what)

    assert delivery(scene).status == "accepted"
    assert scene.story("ada", "unknown", "handed over") == [
        "unknown no answer push",
        "handed over hello push",
    ]
    history = scene.store.people(["ada"], ["message_sent", f"message_{what}"])["ada"].history
    assert {name: len(happened) for name, happened in history.items()} == {
        "message_sent": 1,
        f"message_{what}": 1,
    }


def test_it_is_settled_once_whatever_else_is_heard() -> None:
    scene = unknown()
    for what in ("delivered", "opened", "opened"):
        scene.receipt(delivery(scene).id, what)

    assert scene.story("ada", "handed over") == ["handed over hello push"]


def test_the_slot_counts_from_the_hand_over_and_not_from_the_word() -> None:
    scene = unknown()
    (before,) = scene.store.people(["ada"], ())["ada"].profile.contacts
    scene.after(HOUR)
    scene.receipt(delivery(scene).id, "delivered")

    assert scene.store.people(["ada"], ())["ada"].profile.contacts == (before,)


def test_one_that_failed_was_taken_and_the_next_channel_has_its_turn() -> None:
    """Only now is it certain that nobody was reached."""
    scene = unknown(THEN_EMAIL)
    assert [each.channel for each in scene.store.deliveries_of("ada")] == ["push"]
    scene.receipt(delivery(scene).id, "failed", "410")

    pushed, mailed = scene.store.deliveries_of("ada")
    assert (pushed.status, mailed.status) == ("accepted", "accepted")
    assert mailed.channel == "email"


def signed_up(scene: Scene) -> Delivery:
    """A message is decided, and nobody has claimed it yet."""
    scene.person()
    happened = Happened("signed_up", scene.now, scene.now, 0, {})
    scene.store.append([EventArrived("came", "ada", happened)])
    scene.runner.run_once(scene.now)
    return delivery(scene)


def test_one_that_is_to_be_tried_again_is_not_if_it_has_arrived() -> None:
    """``when unknown: retry once``, and the word comes before the second attempt."""
    scene = Scene(journey(TO_PUSH, head="category: service"))
    scene.adapter.script(Unknown("no answer"))
    signed_up(scene)
    asyncio.run(scene.dispatcher.run_once(scene.now))
    waiting = delivery(scene)
    scene.receipt(waiting.id, "delivered")

    assert (waiting.status, waiting.attempts) == ("queued", 1)
    assert delivery(scene).status == "accepted"
    assert len(scene.adapter.messages) == 1
    assert scene.story("ada", "handed over") == ["handed over hello push"]


@pytest.mark.parametrize("category", ["promotional", "service"])
def test_a_word_that_comes_before_the_answer_outlives_its_loss(category: str) -> None:
    """Providers may be quicker with a receipt than with their answer, and then we die."""
    scene = Scene(journey(TO_PUSH, head=f"category: {category}"))
    signed_up(scene)
    (claimed,) = scene.store.claim(scene.now, 10, scene.now + MINUTE)
    scene.receipt(claimed.id, "delivered")
    out = delivery(scene)
    scene.after(2 * MINUTE)

    assert (out.status, out.lease) == ("calling", claimed.lease)
    assert delivery(scene).status == "accepted"
    assert scene.adapter.messages == []
    assert scene.story("ada", "unknown", "handed over") == ["handed over hello push"]


def test_a_word_that_comes_while_the_loss_is_being_written_counts_too() -> None:
    """Who writes that the answer was lost has not heard the word yet."""
    scene = Scene(journey(TO_PUSH))
    signed_up(scene)
    (claimed,) = scene.store.claim(scene.now, 10, scene.now + MINUTE)
    scene.receipt(claimed.id, "delivered")
    asyncio.run(scene.dispatcher._write([final(claimed, "unknown", "lost", scene.now)]))
    scene.settle()

    assert delivery(scene).status == "accepted"
    assert scene.story("ada", "unknown", "handed over") == ["handed over hello push"]


def test_a_word_that_comes_before_the_answer_is_told_once() -> None:
    scene = Scene(journey(TO_PUSH))
    signed_up(scene)
    (claimed,) = scene.store.claim(scene.now, 10, scene.now + MINUTE)
    scene.receipt(claimed.id, "delivered")
    asyncio.run(scene.dispatcher._write([final(claimed, "accepted", "", scene.now)]))
    scene.settle()

    assert delivery(scene).status == "accepted"
    assert scene.story("ada", "unknown", "handed over") == ["handed over hello push"]


def test_an_answer_that_comes_after_it_was_given_up_settles_it() -> None:
    """The process was thought dead, and was only slow."""
    scene = Scene(journey(TO_PUSH))
    signed_up(scene)
    (claimed,) = scene.store.claim(scene.now, 10, scene.now + MINUTE)
    scene.after(2 * MINUTE)
    given_up = delivery(scene).status
    asyncio.run(scene.dispatcher._write([final(claimed, "accepted", "", scene.now)]))
    scene.settle()

    assert given_up == "unknown"
    assert delivery(scene).status == "accepted"
    assert scene.story("ada", "unknown", "handed over") == [
        "unknown the answer was lost push",
        "handed over hello push",
    ]
