"""START: it gives back what STOP took, and no more."""

from __future__ import annotations

from dsl.calendar import HOUR, MINUTE
from tests.engine.scene import journey
from tests.engine.talk import ADA, BACK, BY_SMS, OFFER, STOPPED, Talk, talk


def test_start_gives_back_what_stop_took() -> None:
    scene = talk()
    scene.says("STOP")
    scene.after(HOUR)
    scene.says("START")
    assert scene.agrees()

    scene.event("signed_up")
    assert scene.texts == [(ADA, STOPPED), (ADA, BACK), (ADA, "Do you like it?")]


def test_the_next_stop_is_a_new_one() -> None:
    scene = talk()
    for text in ("STOP", "START", "STOP", "STOP", "START", "START"):
        scene.says(text)
        scene.after(HOUR)

    assert scene.answers == [STOPPED, BACK, STOPPED, BACK]
    assert scene.agrees()


def test_who_has_agreed_elsewhere_meanwhile_is_told_again() -> None:
    """A form was filled in after the STOP: the next one begins anew."""
    scene = talk()
    scene.says("STOP")
    scene.after(HOUR)
    scene.event("consent_granted", category="promotional", channel="sms", method="form")
    assert scene.agrees()
    scene.says("STOP")

    assert scene.answers == [STOPPED, STOPPED]
    assert not scene.agrees()


def test_start_gives_no_more_than_stop_took() -> None:
    """Nobody has agreed to anything by SMS: neither before the STOP nor by the START."""
    scene = Talk(OFFER)
    scene.change("ada", {"phone": ADA}, {"sms": ADA})
    scene.event("consent_granted", category="promotional", channel="email")
    scene.says("START")
    assert scene.answers == []
    scene.says("STOP")
    scene.after(HOUR)
    scene.says("START")

    assert not scene.agrees("sms")
    assert scene.agrees("email")


def test_start_takes_back_a_stop_that_only_the_provider_has_heard() -> None:
    """It refused, and so the ledger knows; but it told us nothing of the STOP itself."""
    scene = talk()
    scene.event("consent_withdrawn", category="*", channel="sms", method="reply", source="21610")
    scene.after(HOUR)
    scene.says("START")

    assert scene.agrees()
    assert scene.answers == []


def test_start_takes_nothing_back_that_was_not_stop() -> None:
    """They unsubscribed from everything by SMS in the preference centre."""
    scene = talk()
    scene.event("consent_withdrawn", category="*", channel="sms", method="preference centre")
    scene.after(HOUR)
    scene.says("START")

    assert not scene.agrees()


def test_who_has_unsubscribed_from_a_kind_of_messages_stays_so() -> None:
    scene = talk()
    scene.event("consent_withdrawn", category="promotional", method="one-click")
    scene.after(HOUR)
    scene.says("STOP")
    scene.after(HOUR)
    scene.says("START")

    assert not scene.agrees()


def test_what_was_given_for_everything_is_given_back_although_stop_stands_in_its_place() -> None:
    scene = Talk(OFFER)
    scene.change("ada", {"phone": ADA}, {"sms": ADA})
    scene.event("consent_granted", category="*", channel="sms", method="form")
    scene.after(HOUR)
    scene.says("STOP")
    scene.after(HOUR)
    assert not scene.agrees()
    scene.says("START")

    assert scene.agrees()


def test_yes_is_start_only_if_it_can_be_about_nothing_else() -> None:
    order = journey(BY_SMS, "order", "category: service\ntrigger: {event: purchase}")
    scene = talk(order)
    scene.says("Yes")
    scene.says("STOP")
    scene.after(HOUR)
    scene.event("purchase", total="10 EUR")  # "Do you like it?"
    scene.after(MINUTE)
    scene.says("YES")
    assert not scene.agrees()
    assert scene.written()[-1].properties["journey"] == "order"

    scene.says("STOP")
    scene.after(MINUTE)
    scene.says("yes please")
    assert scene.agrees()
