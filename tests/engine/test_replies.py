"""What people write back: whose it is, what it answers, and what journeys see of it."""

from __future__ import annotations

import pytest

from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected
from dsl.calendar import HOUR, MINUTE, SECOND
from tests.engine.scene import journey
from tests.engine.talk import ADA, BOB, Talk

CHAT = """
  - id: ask
    send: chat
    to: whatsapp
"""
BY_SMS = """
  - id: ask
    send: chat
    to: sms
"""
WAITS = """
  - id: ask
    send: chat
    to: sms
  - id: reply
    wait for: message_replied
    at most: 2 days
  - if: ask was answered
    then:
      - id: more
        send: news
        to: sms
"""


def test_a_reply_stands_in_the_history_with_what_it_answers() -> None:
    talk = Talk(journey(BY_SMS))
    talk.known()
    talk.event("signed_up")
    talk.after(MINUTE)
    talk.says("Yes, a lot!")

    (reply,) = talk.written()
    assert dict(reply.properties) == {
        "channel": "sms",
        "text": "Yes, a lot!",
        "category": "promotional",
        "journey": "welcome",
        "step": "ask",
        "message": "chat",
    }
    assert reply.occurred == talk.now


def test_a_journey_waits_for_the_answer() -> None:
    talk = Talk(journey(WAITS))
    talk.known()
    talk.event("signed_up")
    talk.after(HOUR)
    talk.says("Yes!")

    assert talk.texts == [(ADA, "Do you like it?"), (ADA, "Here is news")]


def test_without_an_answer_it_goes_on_without() -> None:
    talk = Talk(journey(WAITS))
    talk.known()
    talk.event("signed_up")
    talk.says("Yes!", BOB)
    talk.after(49 * HOUR)

    assert talk.texts == [(ADA, "Do you like it?")]
    assert talk.written() == []


def test_what_is_told_twice_was_written_once() -> None:
    talk = Talk(journey(BY_SMS))
    talk.known()
    for _ in range(3):
        talk.says("Hello", key="SM1")
        talk.after(SECOND)

    assert len(talk.written()) == 1


def test_what_is_quoted_is_what_is_answered() -> None:
    """Two journeys wrote; the answer quotes the first."""
    talk = Talk(journey(BY_SMS), journey(BY_SMS.replace("chat", "news"), "other"))
    talk.known()
    talk.event("signed_up")
    talk.after(MINUTE)
    first, last = (each.id for each in talk.adapter.accepted)
    talk.says("About the first", quoted=first)
    talk.says("About the other", quoted=last)
    talk.says("About nothing", quoted="unknown")

    journeys = {each.properties["text"]: each.properties["journey"] for each in talk.written()}
    by_id = talk.store.deliveries([first, last])
    assert journeys["About the first"] == by_id[first].journey
    assert journeys["About the other"] == by_id[last].journey
    assert journeys["About the first"] != journeys["About the other"]


def test_who_writes_first_has_written() -> None:
    talk = Talk(journey(BY_SMS))
    talk.known()
    talk.says("Are you open?")

    (reply,) = talk.written()
    assert dict(reply.properties) == {"channel": "sms", "text": "Are you open?"}


def test_of_several_with_one_number_the_last_one_written_to_has_answered() -> None:
    talk = Talk(journey(BY_SMS, head="trigger: {event: signed_up}"))
    for name in ("ada", "bob", "eve"):
        talk.known(name)
    for name in ("ada", "eve", "bob"):
        talk.event("signed_up", name)
        talk.after(MINUTE)
    talk.says("Yes!")

    assert [len(talk.written(name)) for name in ("ada", "bob", "eve")] == [0, 1, 0]


def test_what_was_never_handed_over_is_not_answered() -> None:
    """Bob's message was refused, so it was Ada who answered."""

    def answer(message: Message) -> Outcome:
        known = talk.store.deliveries([message.id])[message.id].person
        if known == "ada":
            return Accepted(message.id)
        return Rejected(FailureClass.PERMANENT_CONTENT, "x", "no")

    talk = Talk(journey(BY_SMS), answer=answer)
    for name in ("ada", "bob"):
        talk.known(name)
        talk.event("signed_up", name)
        talk.after(MINUTE)
    talk.says("Yes!")

    assert [len(talk.written(name)) for name in ("ada", "bob")] == [1, 0]


@pytest.mark.parametrize("written", ["+49 151 1234 5678", "0049 (0)151/12345678"])
def test_numbers_are_written_in_many_ways(written: str) -> None:
    talk = Talk(journey(BY_SMS))
    talk.known(number=written)
    talk.says("Hello")

    assert len(talk.written()) == 1


def test_whatsapp_has_a_digit_more_in_mexico() -> None:
    talk = Talk(journey(BY_SMS))
    talk.known(number="+52 55 1234 5678")
    talk.says("Hola", "+5215512345678", "whatsapp")

    assert len(talk.written()) == 1


# ------------------------------------------------------------------------------------ the window


def test_free_text_goes_to_who_wrote_within_a_day() -> None:
    """Nobody wrote; then somebody who was never written to does; and a day later it is over."""
    talk = Talk(journey(CHAT))
    talk.known()
    talk.event("signed_up")
    assert talk.story("ada", "dropped") == ["dropped window"]

    talk.says("Hi", channel="whatsapp")
    talk.event("signed_up")
    assert talk.texts == [(ADA, "Do you like it?")]

    talk.after(24 * HOUR - 1)
    talk.event("signed_up")
    assert len(talk.texts) == 2
    talk.after(1)
    talk.event("signed_up")
    assert len(talk.texts) == 2


def test_an_sms_does_not_open_the_window_of_whatsapp() -> None:
    talk = Talk(journey(CHAT))
    talk.known()
    talk.says("Hi")
    talk.event("signed_up")

    assert talk.texts == []


def test_an_approved_wording_needs_no_window() -> None:
    talk = Talk(journey(CHAT.replace("chat", "news")))
    talk.known()
    talk.event("signed_up")

    assert [each for _, each in talk.texts] == ["Here is news"]


def test_a_rule_sees_the_window() -> None:
    steps = """
  - if: whatsapp window is open
    then:
      - id: ask
        send: chat
        to: whatsapp
    else:
      - id: sms
        send: chat
        to: sms
"""
    talk = Talk(journey(steps))
    talk.known()
    talk.event("signed_up")
    talk.says("Hi", channel="whatsapp")
    talk.event("signed_up")

    channels = [each.channel for each in talk.adapter.accepted]
    assert channels == ["sms", "whatsapp"]


def test_a_window_that_closes_while_a_message_is_queued_lets_it_go_by_the_next_channel() -> None:
    """Decided while it was open, and put off by the provider until it was not."""
    steps = """
  - id: ask
    send: chat
    to first of: [whatsapp, sms]
"""
    talk = Talk(journey(steps))
    talk.known()
    talk.says("Hi", channel="whatsapp")
    talk.after(24 * HOUR - MINUTE)
    talk.adapter.script(RateLimited("sender", 120.0))
    talk.event("signed_up")
    assert talk.texts == []
    talk.after(5 * MINUTE)

    assert [each.channel for each in talk.adapter.accepted] == ["sms"]
    assert "stopped window: the free-text window has closed whatsapp" in talk.story()
