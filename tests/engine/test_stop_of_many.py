"""STOP of several people who have one number, and of nobody who is known yet."""

from __future__ import annotations

import asyncio

from channels.replies import Reply
from dsl.calendar import HOUR, MINUTE, SECOND
from dsl.expr.context import Happened
from engine.core.numbers import Said
from engine.core.signals import EventArrived
from tests.engine.talk import ADA, BACK, BOB, OFFER, STOPPED, Talk, talk


def test_all_who_have_the_number_are_left_alone_and_one_is_told() -> None:
    scene = Talk(OFFER)
    for name in ("ada", "bob"):
        scene.known(name)
    scene.event("signed_up", "ada")
    scene.after(MINUTE)
    scene.event("signed_up", "bob")
    scene.after(MINUTE)
    scene.says("STOP")

    assert [scene.agrees(person=name) for name in ("ada", "bob")] == [False, False]
    assert scene.answers == [STOPPED]
    assert [len(scene.written(name)) for name in ("ada", "bob")] == [0, 1]

    scene.after(HOUR)
    scene.says("START")
    assert [scene.agrees(person=name) for name in ("ada", "bob")] == [True, True]
    assert scene.answers == [STOPPED, BACK]


def test_stop_of_somebody_unknown_counts_when_they_come() -> None:
    scene = Talk(OFFER)
    scene.says("STOP", BOB)
    scene.after(HOUR)
    assert scene.texts == []
    scene.change("bob", {"phone": BOB}, {"sms": BOB})
    scene.event("consent_granted", "bob", category="promotional", happened="2026-03-01 10:00")

    assert not scene.agrees(person="bob")
    scene.event("signed_up", "bob")
    assert scene.texts == []


def test_who_agrees_after_that_has_agreed() -> None:
    scene = Talk(OFFER)
    scene.says("STOP", BOB)
    scene.after(HOUR)
    scene.known("bob", BOB)

    assert scene.agrees(person="bob")


def test_start_of_somebody_unknown_undoes_their_stop() -> None:
    scene = Talk(OFFER)
    scene.says("STOP", BOB)
    scene.after(HOUR)
    scene.says("START", BOB)
    scene.change("bob", {"phone": BOB}, {"sms": BOB})
    scene.event("consent_granted", "bob", category="promotional", happened="2026-03-01 10:00")

    assert scene.agrees(person="bob")


def test_a_stop_that_fell_between_two_stools_counts_when_something_leaves() -> None:
    """Somebody was being made known at the very moment: the door did not see them, and whoever
    made them known did not see the STOP.
    """
    scene = talk()
    scene.store.numbers.hear("sms", ADA, [], lambda _: (Said(stopped=scene.now), []))
    scene.after(MINUTE)
    scene.event("signed_up")

    assert scene.texts == []
    assert "stopped consent: no consent for promotional on sms sms" in scene.story()


def test_a_new_number_brings_its_stop_along() -> None:
    scene = talk()
    scene.says("STOP", BOB)
    scene.change("ada", {"phone": BOB}, {"sms": BOB})

    assert not scene.agrees()


def test_what_is_kept_of_somebody_unknown_is_no_number() -> None:
    scene = Talk(OFFER)
    scene.says("STOP", BOB)

    assert scene.store.people(["bob"], ()) == {}
    assert scene.store.numbers.people(BOB) == []
    assert scene.store.numbers.said([("sms", BOB)])["sms", BOB].is_stopped


def test_a_confirmation_is_never_behind_a_campaign() -> None:
    """Thirty messages of a campaign are due, and eight can be called at a time."""
    scene = talk()
    names = [f"p{number}" for number in range(30)]
    for number, name in enumerate(names):
        scene.known(name, f"+491511234{number:04}")
    for name in names:
        happened = Happened("signed_up", scene.now, scene.now, 0, {})
        scene.store.append([EventArrived(f"up {name}", name, happened)])
    scene.runner.run_once(scene.now)
    scene.now += SECOND
    asyncio.run(scene.replies.take([Reply("sms", ADA, "in1", "STOP")], scene.now))
    scene.runner.run_once(scene.now)
    asyncio.run(scene.dispatcher.run_once(scene.now))

    assert len(scene.texts) <= 8
    assert (ADA, STOPPED) in scene.texts
