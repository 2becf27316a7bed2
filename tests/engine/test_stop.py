"""STOP and HELP: who says so is left alone at once, and hears of it exactly once."""

from __future__ import annotations

import asyncio

import pytest

from channels.outcome import RateLimited, Unknown
from channels.replies import Reply, Wish
from dsl.calendar import HOUR, MINUTE, SECOND
from engine.core.bars import Bar, destination_of
from engine.why import Names, as_text, tell
from tests.engine.scene import journey
from tests.engine.talk import ADA, BY_SMS, OFFER, STOPPED, Talk, talk

QUIET = """
quiet hours:
  - on: sms
    from: 00:00 to 23:59
"""


# ------------------------------------------------------------------------------------------ STOP


def test_who_says_stop_gets_one_confirmation_and_nothing_more() -> None:
    scene = talk()
    scene.says("STOP")
    assert scene.texts == [(ADA, STOPPED)]
    assert not scene.agrees()

    scene.event("signed_up")
    assert scene.texts == [(ADA, STOPPED)]
    assert scene.story("ada", "dropped") == ["dropped consent"]


def test_the_withdrawal_is_in_the_ledger_with_its_proof() -> None:
    scene = talk()
    scene.says("Please stop texting me")

    (word,) = scene.store.people(["ada"], ["consent_withdrawn"])["ada"].history["consent_withdrawn"]
    assert dict(word.properties) == {
        "category": "*",
        "channel": "sms",
        "method": "reply",
        "source": ADA,
    }
    assert [each.properties["text"] for each in scene.written()] == ["Please stop texting me"]


def test_a_second_stop_is_not_confirmed_again() -> None:
    scene = talk()
    for text in ("STOP", "stop!!", "I said stop", "unsubscribe"):
        scene.says(text)
        scene.after(HOUR)

    assert scene.answers == [STOPPED]


def test_stop_is_about_the_channel_it_came_by() -> None:
    scene = talk()
    scene.says("STOP")

    assert not scene.agrees("sms")
    assert scene.agrees("whatsapp")
    assert scene.agrees("email")


def test_stop_may_be_about_all_channels() -> None:
    scene = talk(policy="\nreplies: {stop ends: all channels}\n")
    scene.says("STOP")
    assert not any(scene.agrees(channel) for channel in ("sms", "whatsapp", "email", "push"))

    scene.after(HOUR)
    scene.says("START")
    assert all(scene.agrees(channel) for channel in ("sms", "whatsapp", "email", "push"))


def test_what_needs_no_consent_goes_on() -> None:
    order = journey(BY_SMS, "order", "category: service\ntrigger: {event: purchase}")
    scene = talk(order)
    scene.says("STOP")
    scene.event("purchase", total="10 EUR")

    assert [text for _, text in scene.texts] == [STOPPED, "Do you like it?"]


def test_a_message_that_is_queued_is_not_handed_over_any_more() -> None:
    scene = talk()
    scene.adapter.script(RateLimited("sender", 60.0))
    scene.event("signed_up")
    scene.says("STOP")
    scene.after(5 * MINUTE)

    assert scene.texts == [(ADA, STOPPED)]


def test_stop_counts_before_anybody_has_processed_it() -> None:
    """The provider was told "not now", and STOP has just come in."""
    scene = talk()
    scene.adapter.script(RateLimited("sender", 60.0))
    scene.event("signed_up")
    scene.now += 2 * MINUTE
    asyncio.run(scene.replies.take([Reply("sms", ADA, "in1", "STOP")], scene.now))
    asyncio.run(scene.dispatcher.run_once(scene.now))

    assert scene.texts == []


def test_the_confirmation_waits_for_no_hour_and_no_cap() -> None:
    scene = talk(policy=QUIET + "\nfrequency caps: 1 per week on sms\n")
    scene.says("STOP")

    assert scene.texts == [(ADA, STOPPED)]
    assert scene.store.people(["ada"], ())["ada"].profile.contacts == ()
    (answer,) = scene.store.deliveries_of("ada")
    assert len(answer.run) == len(answer.id) == 32  # a trace of its own


def test_a_confirmation_that_comes_too_late_does_not_come() -> None:
    """Within five minutes (47 CFR 64.1200(a)(12))."""
    scene = talk()
    scene.says("STOP", occurred=scene.now - 5 * MINUTE)

    assert scene.texts == []
    assert scene.story("ada", "stopped") == ["stopped expired: too late to be useful sms"]
    assert not scene.agrees()


def test_just_in_time_it_does() -> None:
    scene = talk()
    scene.says("STOP", occurred=scene.now - 5 * MINUTE + 1)

    assert scene.texts == [(ADA, STOPPED)]


def test_a_provider_that_answers_itself_is_left_to_it() -> None:
    scene = talk()
    scene.says("STOP", answered=True)
    assert not scene.agrees()
    scene.says("HELP", answered=True)
    scene.after(MINUTE)
    scene.says("START", answered=True)

    assert scene.agrees()
    assert scene.texts == []


def test_a_word_of_the_providers_own_counts() -> None:
    """In its console somebody has added "basta cosi"."""
    scene = talk()
    scene.says("basta cosi", word="stop", answered=True)

    assert not scene.agrees()


def test_what_is_told_twice_is_confirmed_once() -> None:
    scene = talk()
    for _ in range(3):
        scene.says("STOP", key="SM1")

    assert scene.answers == [STOPPED]
    assert len(scene.written()) == 1


def test_an_answer_that_may_have_been_taken_is_not_sent_again() -> None:
    scene = talk()
    scene.adapter.script(Unknown("no answer"))
    scene.says("STOP")
    scene.after(10 * MINUTE)

    assert len(scene.adapter.messages) == 1


def test_a_button_that_says_so_is_obeyed() -> None:
    scene = talk()
    scene.says("Not for me", channel="whatsapp", button="Unsubscribe")

    assert not scene.agrees("whatsapp")


# ------------------------------------------------------------------------------------------ HELP


def test_help_says_who_writes_and_how_to_stop() -> None:
    scene = talk(policy="\nreplies: {contact: help@shop.example}\n")
    scene.says("HELP")

    assert scene.answers == [
        (
            "shop: for help: help@shop.example. To unsubscribe: STOP. To subscribe again: START."
            " Msg & data rates may apply."
        )
    ]
    assert scene.agrees()


def test_whoever_asks_for_help_is_answered_also_where_nothing_else_goes() -> None:
    """The number was suppressed when somebody else had it; and whoever writes from it is there."""
    scene = talk(policy="\nreplies: {contact: help@shop.example}\n")
    scene.store.bars.tell([(destination_of("sms", ADA), Bar(1, "refused for good"))])
    scene.says("HELP")

    assert len(scene.answers) == 1


def test_two_machines_do_not_help_each_other_for_ever() -> None:
    scene = talk()
    for _ in range(10):
        scene.says("HELP")
        scene.after(10 * SECOND)

    assert len(scene.answers) == 2


@pytest.mark.parametrize(
    ("language", "answer"),
    [
        ("de", "shop: Sie sind abgemeldet"),
        ("de-AT", "shop: Sie sind abgemeldet"),
        ("fr", "shop : vous êtes désabonné"),
        ("sv", "shop: you are unsubscribed"),
        ("", "shop: you are unsubscribed"),
    ],
)
def test_it_is_answered_in_the_language_of_the_person(language: str, answer: str) -> None:
    scene = Talk(OFFER)
    scene.known(language=language or None)
    scene.says("STOP")

    assert scene.answers[0].startswith(answer)


def test_the_company_may_say_it_in_words_of_its_own() -> None:
    policy = """
replies:
  to stop: {en: "Bye from the Shop."}
  to help: "Call us: +49 30 123456."
"""
    scene = talk(policy=policy)
    scene.says("HELP")
    scene.says("STOP")

    assert scene.answers == ["Call us: +49 30 123456.", "Bye from the Shop."]


# ------------------------------------------------------------------------------- Meta's own switch


def test_who_tells_meta_to_stop_is_left_alone_on_whatsapp_only() -> None:
    scene = talk(policy="\nreplies: {stop ends: all channels}\n")
    scene.hear(Wish("whatsapp", ADA, "w1", stop=True, occurred=scene.now))

    assert not scene.agrees("whatsapp")
    assert scene.agrees("sms")
    assert scene.texts == []
    assert scene.written() == []

    scene.after(HOUR)
    scene.hear(Wish("whatsapp", ADA, "w2", stop=False, occurred=scene.now))
    assert scene.agrees("whatsapp")


# ------------------------------------------------------------------------------------ what is seen


def test_it_is_told_why() -> None:
    scene = talk()
    scene.says("STOP")
    names = Names.of(scene.program.project.plan, scene.program.zone)
    story = tell(scene.store, "ada", names)
    assert story is not None
    lines = [text for sort, text in as_text(story) if sort == "sent"]

    assert len(lines) == 1
    assert "sent confirmation on sms: “shop: you are unsubscribed" in lines[0]
    assert lines[0].endswith("(in answer to STOP)")
