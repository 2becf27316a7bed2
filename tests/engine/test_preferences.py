"""What a person has said about how much they want to hear holds like a limit of the company's: at
the decision, and once more at the hand-over (language reference, section 4.5).
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.calendar import DAY, HOUR, local, to_datetime
from engine.core.profile import Preferences
from engine.dispatcher import Dispatcher
from engine.ingest import Intake
from engine.why import Names, as_text, tell
from tests.engine.dispatcher.test_waiting import Nobody
from tests.engine.scenarios.acting import failures
from tests.engine.scene import SHOP, Scene, compiled, journey

TO_PUSH = "  - {id: greet, send: hello, to: push}\n"
PATIENT = "  - {id: greet, send: hello, to: push, when capped: wait up to 30 days}\n"
ORDER = journey(TO_PUSH, "order", "category: service\ntrigger: {event: purchase}")


def _pause(scene: Scene, until: str, **more: Any) -> None:
    scene.event("preferences_set", paused_until=f"{until}:00+01:00", **more)


def test_of_the_company_and_the_person_the_stricter_counts() -> None:
    """Three a day are allowed by the company and one a week by Ada."""
    scene = Scene(journey(TO_PUSH), policy="\nfrequency caps: [3 per day]\n")
    scene.person()
    scene.event("preferences_set", at_most_per_week=1)
    for _ in range(3):
        scene.event("signed_up")

    assert scene.sent == ["2026-03-02 10:00 hello push"]
    assert scene.story("ada", "passed over") == ["passed over capped push"] * 2
    details = {each.detail for each in scene.decisions() if each.reason == "capped"}
    assert details == {"the person's own limit: at most 1 per week"}


def test_the_persons_week_is_their_own() -> None:
    """Sunday evening in Berlin; in Auckland the next week has begun."""
    scene = Scene(journey(TO_PUSH), start="2026-03-08 10:00")
    for name, zone in (("ada", "Europe/Berlin"), ("bob", "Pacific/Auckland")):
        scene.person(name, time_zone=zone)
        scene.event("preferences_set", name, at_most_per_week=1)
        scene.event("signed_up", name)
    scene.until("2026-03-08 13:00")
    scene.event("signed_up", "ada")
    scene.event("signed_up", "bob")

    assert scene.story("ada", "dropped") == ["dropped capped"]
    assert scene.story("bob", "dropped") == []


def test_the_step_says_what_is_to_be_done_about_it() -> None:
    """It waits until Monday, or until the limit is lifted: whichever comes first."""
    for lifts in (False, True):
        scene = Scene(journey(PATIENT))
        scene.person()
        scene.event("preferences_set", at_most_per_week=1)
        scene.event("signed_up")
        scene.until("2026-03-03 12:00")
        scene.event("signed_up")
        assert scene.sent == ["2026-03-02 10:00 hello push"]
        if lifts:
            scene.until("2026-03-04 12:00")
            scene.event("preferences_set", at_most_per_week=5)
        scene.until("2026-03-10 12:00")

        then = "2026-03-04 12:00" if lifts else "2026-03-09 00:00"
        assert scene.sent[1:] == [f"{then} hello push"]


def test_a_pause_holds_until_it_ends_or_is_ended() -> None:
    for lifts in (False, True):
        scene = Scene(journey(PATIENT))
        scene.person()
        _pause(scene, "2026-03-12 10:00")
        scene.event("signed_up")
        assert scene.sent == []
        assert scene.story("ada", "waits") == ["waits capped push"]
        if lifts:
            scene.until("2026-03-04 12:00")
            scene.event("preferences_set")
        scene.until("2026-03-20 12:00")

        then = "2026-03-04 12:00" if lifts else "2026-03-12 10:00"
        assert scene.sent == [f"{then} hello push"]


def test_what_is_not_patient_is_dropped_in_a_pause() -> None:
    """On every channel: nobody escapes into the next one."""
    steps = "  - {id: greet, send: hello, to first of: [push, email]}\n"
    scene = Scene(journey(steps))
    scene.person()
    _pause(scene, "2026-03-12 10:00")
    scene.event("signed_up")
    scene.until("2026-03-20 12:00")

    assert scene.sent == []
    assert scene.story("ada", "passed over", "dropped") == [
        "passed over capped push",
        "passed over capped email",
        "dropped capped",
    ]


def test_an_order_confirmation_is_neither_held_back_nor_counted() -> None:
    scene = Scene(ORDER, journey(TO_PUSH))
    scene.person()
    scene.event("preferences_set", at_most_per_week=1)
    scene.event("purchase", total="10 EUR")
    scene.event("purchase", total="10 EUR")
    scene.event("signed_up")
    assert len(scene.sent) == 3

    _pause(scene, "2026-03-12 10:00")
    scene.event("purchase", total="10 EUR")
    assert len(scene.sent) == 4


def test_a_category_that_ignores_the_companys_caps_does_not_ignore_the_persons() -> None:
    files = {
        "policy.yaml": SHOP["policy.yaml"].replace(
            "{consent: required}", "{consent: required, ignores: frequency caps}"
        )
    }
    scene = Scene(journey(TO_PUSH), files=files, policy="\nfrequency caps: [1 per day]\n")
    scene.person()
    scene.event("preferences_set", at_most_per_week=2)
    for _ in range(3):
        scene.event("signed_up")

    assert len(scene.sent) == 2


# ------------------------------------------------------------------------------ at the hand-over


def decided(*journeys: str) -> tuple[Scene, Dispatcher]:
    """A scene in which messages are decided and do not leave, and who can let them."""
    scene = Scene(*(journeys or (journey(TO_PUSH),)))
    real, scene.dispatcher = scene.dispatcher, Nobody()  # type: ignore[assignment]
    scene.person()
    return scene, real


@pytest.mark.parametrize("folded", [True, False], ids=["folded", "not folded yet"])
@pytest.mark.parametrize(
    ("said", "detail"),
    [
        (
            {"paused_until": "2026-03-12T10:00:00+01:00"},
            "the person's own pause, until 12 March 2026, 10:00",
        ),
        ({"at_most_per_week": 0}, "the person's own limit: at most 0 per week"),
    ],
)
def test_what_is_said_after_the_decision_counts_at_the_hand_over(
    said: dict[str, Any], detail: str, folded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, dispatcher = decided()
    scene.event("signed_up")
    with monkeypatch.context() as patched:
        if not folded:
            patched.setattr(scene, "settle", lambda: None)
        scene.event("preferences_set", **said)
    done = asyncio.run(dispatcher.run_once(scene.now))
    scene.settle()

    assert (done.accepted, done.stopped) == (0, 1)
    assert scene.adapter.messages == []
    assert scene.story("ada", "stopped") == [f"stopped capped: {detail} push"]
    assert scene.store.people(["ada"], ())["ada"].profile.contacts == ()


def test_of_more_than_may_go_the_first_decided_go() -> None:
    """Three are on their way when Ada asks for two a week; a receipt does not count."""
    scene, dispatcher = decided(journey(TO_PUSH), ORDER)
    for event in ("signed_up", "signed_up", "signed_up"):
        scene.event(event)
    scene.event("purchase", total="10 EUR")
    first = [each.id for each in scene.store.deliveries_of("ada")][:2]
    scene.event("preferences_set", at_most_per_week=2)
    done = asyncio.run(dispatcher.run_once(scene.now))
    scene.settle()

    assert (done.accepted, done.stopped) == (3, 1)
    assert set(first) <= {each.id for each in scene.adapter.accepted}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["signs up", "buys", "one", "three", "free", "pause", "end", "leave"]),
            st.integers(0, 3 * DAY // HOUR),
        ),
        max_size=14,
    )
)
def test_whatever_happens_nobody_gets_more_than_they_said(
    moves: list[tuple[str, int]],
) -> None:
    """Limits and pauses come and go while messages wait, are decided and leave late."""
    scene, dispatcher = decided(journey(PATIENT), ORDER)
    gone = 0
    said = Preferences()
    for what, hours in moves:
        scene.now += hours * HOUR
        scene.settle()
        match what:
            case "signs up":
                scene.event("signed_up")
            case "buys":
                scene.event("purchase", total="10 EUR")
            case "leave":
                asyncio.run(dispatcher.run_once(scene.now))
                scene.settle()
            case _:
                said = {
                    "one": Preferences(at_most=1),
                    "three": Preferences(at_most=3),
                    "free": Preferences(),
                    "pause": Preferences(said.at_most, scene.now + 4 * DAY),
                    "end": Preferences(said.at_most),
                }[what]
                until = None if said.paused_until is None else to_datetime(said.paused_until)
                scene.event(
                    "preferences_set",
                    at_most_per_week=said.at_most,
                    paused_until=None if until is None else until.isoformat(),
                )
        left = [each for each in scene.adapter.accepted[gone:] if each.category == "promotional"]
        gone = len(scene.adapter.accepted)
        week = local(scene.now, scene.zone).isocalendar()[:2]
        this_week = [
            each
            for each in scene.adapter.accepted
            if each.category == "promotional"
            and local(each.at, scene.zone).isocalendar()[:2] == week
        ]
        if left:
            assert said.paused_until is None or said.paused_until <= scene.now
            assert said.at_most is None or len(this_week) <= said.at_most


# --------------------------------------------------------------------- what people read of it


def test_why_says_it_in_plain_words() -> None:
    scene = Scene(journey(TO_PUSH))
    scene.person()
    scene.event("preferences_set", at_most_per_week=1, method="preference centre")
    scene.event("signed_up")
    scene.event("signed_up")
    scene.after(HOUR)
    _pause(scene, "2026-03-12 10:00", at_most_per_week=2)
    story = tell(scene.store, "ada", Names.of(scene.program.project.plan, scene.zone))

    assert story is not None
    told = [text.strip() for _, text in as_text(story)]
    assert "wants at most 2 messages a week and none until 12 March 2026, 10:00" in told
    assert "10:00  wishes for at most 1 message a week" in told
    said = "10:00  sent nothing (welcome/greet): push: the person's own limit: at most 1 per week"
    assert said in told


def test_a_scenario_can_say_it() -> None:
    start, hello = "event: signed_up", "expect sent: hello"
    limit = "{event: preferences_set, with: {at_most_per_week: 1}}"
    named = "expect nothing"

    assert failures(limit, start, hello, "pass: 1 hour", named) == []
    because = failures(limit, start, hello, "pass: 1 hour", "expect sent: named")
    assert because == [
        (
            "named is sent",
            (
                "nothing was sent: enough messages already [capped], the person's own limit: at"
                " most 1 per week (step again, Monday 2 March 2026, 11:00)"
            ),
        )
    ]


def test_a_scenario_can_begin_with_a_pause() -> None:
    given = """
history:
  - {event: consent_granted, with: {category: promotional}}
  - {event: preferences_set, with: {paused_until: 2026-03-02 10:30}}
"""
    start, named = "event: signed_up", "expect sent: named"

    assert failures(start, "expect nothing", "pass: 1 hour", named, given=given) == []


@pytest.mark.parametrize(
    ("properties", "error"),
    [
        ({"at_most_per_week": -1}, '"at_most_per_week" must be 0 or more'),
        ({"at_most_per_week": 1.5}, "should be a whole number"),
        ({"paused_until": "soon"}, "paused_until"),
        ({}, None),
        ({"at_most_per_week": 2, "paused_until": "2026-04-01T00:00:00Z"}, None),
    ],
)
def test_it_comes_in_by_the_door_like_every_event(
    properties: dict[str, object], error: str | None
) -> None:
    intake = Intake(compiled(SHOP).plan)
    call = {"type": "track", "userId": "ada", "event": "preferences_set", "properties": properties}
    taken = intake.take([call], 1, lambda: "fresh")

    if error is None:
        assert len(taken.arrivals) == 1
    else:
        assert error in taken.refused[0].error
