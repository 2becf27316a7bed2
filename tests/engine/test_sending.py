"""The send pipeline: whether, when and on which channel (language reference, section 4.5)."""

from __future__ import annotations

import pytest

from channels.outcome import FailureClass, Rejected, Unknown
from dsl.calendar import HOUR, MINUTE
from tests.engine.scene import Scene, journey

PUSH_THEN_EMAIL = """
  - id: greet
    send: hello
    to first of: [push, email]
"""
TO_PUSH = """
  - id: greet
    send: hello
    to: push
"""
QUIET = """
quiet hours:
  - on: push, sms
    from: 22:00 to 06:00
when quiet: wait up to 12 hours
"""


@pytest.mark.parametrize(
    ("signed_up", "sent"),
    [
        ("2026-03-02 21:59", "2026-03-02 21:59"),
        ("2026-03-02 23:30", "2026-03-03 06:00"),
        ("2026-03-03 01:00", "2026-03-03 06:00"),
        ("2026-03-03 06:00", "2026-03-03 06:00"),
        ("2026-03-28 23:30", "2026-03-29 06:00"),
        ("2026-10-25 02:30", "2026-10-25 06:00"),
    ],
)
def test_at_night_a_push_waits_for_the_morning(signed_up: str, sent: str) -> None:
    """Quiet from 22:00 to 06:00, asked before and after midnight and when the clocks change."""
    scene = Scene(journey(TO_PUSH), start="2026-03-01 12:00", policy=QUIET)
    scene.person()
    scene.until(signed_up)
    scene.event("signed_up")
    scene.until("2026-10-26 12:00")

    assert scene.sent == [f"{sent} hello push"]


def test_quiet_hours_are_the_recipients() -> None:
    """23:30 in Berlin is 17:30 in New York, and 06:00 there is noon here."""
    scene = Scene(journey(TO_PUSH), start="2026-03-02 23:30", policy=QUIET)
    scene.person("ada", time_zone="America/New_York")
    scene.person("bob", time_zone="Europe/Berlin")
    scene.event("signed_up", "ada")
    scene.event("signed_up", "bob")

    assert scene.sent == ["2026-03-02 23:30 hello push"]
    scene.until("2026-03-03 12:00")
    assert scene.sent[1:] == ["2026-03-03 06:00 hello push"]


def test_without_a_zone_in_a_country_with_several_it_must_be_allowed_in_all() -> None:
    """09:00 in Berlin is night in all of the United States; 21:00 there is still allowed in none
    before Honolulu wakes up.
    """
    scene = Scene(journey(TO_PUSH), start="2026-03-02 09:00", policy=QUIET)
    scene.person(country="US")
    scene.event("signed_up")
    scene.until("2026-03-03 12:00")

    # 06:00 in Honolulu is 17:00 in Berlin, and 11:00 in New York.
    assert scene.sent == ["2026-03-02 17:00 hello push"]


def test_what_the_category_ignores_wakes_people_up() -> None:
    """An order confirmation at half past eleven at night, while a promotion waits."""
    order = journey(TO_PUSH, "order", "category: service\ntrigger: {event: purchase}")
    scene = Scene(order, journey(TO_PUSH), start="2026-03-02 23:30", policy=QUIET)
    scene.person()
    scene.event("signed_up")
    scene.event("purchase", total="10 EUR")

    assert scene.sent == ["2026-03-02 23:30 hello push"]
    assert scene.story("ada", "waits") == ["waits quiet push"]


def test_quiet_hours_longer_than_the_patience_take_the_next_channel() -> None:
    """Waits up to two hours, but it is quiet for six: e-mail has no quiet hours."""
    policy = QUIET.replace("12 hours", "2 hours")
    scene = Scene(journey(PUSH_THEN_EMAIL), start="2026-03-02 23:30", policy=policy)
    scene.person()
    scene.event("signed_up")

    assert scene.sent == ["2026-03-02 23:30 hello email"]
    assert "passed over quiet push" in scene.story()
    assert "quiet hours until 06:00" in [d.detail for d in scene.decisions()]


def test_a_message_that_would_expire_in_quiet_hours_is_given_up() -> None:
    """Expires after three hours, quiet for six and a half: the next channel, or nothing."""
    steps = TO_PUSH + "    expires after: 3 hours\n"
    scene = Scene(journey(steps), start="2026-03-02 23:30", policy=QUIET)
    scene.person()
    scene.event("signed_up")
    scene.until("2026-03-03 12:00")

    assert scene.sent == []
    assert scene.story("ada", "dropped") == ["dropped quiet"]


def test_the_first_channel_that_is_allowed_is_used_and_the_others_say_why() -> None:
    """No token for push, no consent for SMS: e-mail."""
    steps = """
  - id: greet
    send: hello
    to first of: [push, sms, email]
"""
    scene = Scene(journey(steps))
    scene.person(phone="+491701234567", consent="promotional/email")
    scene.change("ada", addresses={"push": None})
    scene.event("signed_up")

    assert scene.sent == ["2026-03-02 10:00 hello email"]
    assert scene.story("ada", "passed over", "sent") == [
        "passed over unreachable push",
        "passed over consent sms",
        "sent hello email",
    ]


def test_a_channels_own_rule_and_missing_content_pass_it_over() -> None:
    """Push would need the first name, which is not known."""
    steps = """
  - id: greet
    send: named
    to first of:
      - push if visits >= 1
      - push
      - email
"""
    scene = Scene(journey(steps))
    scene.person()
    scene.event("signed_up")

    assert scene.story("ada", "passed over", "sent") == [
        "passed over rule push",
        "passed over content push",
        "sent named email",
    ]


def test_nothing_allowed_is_dropped_for_the_reason_of_the_first_channel() -> None:
    """Nobody agreed to anything: consent is never waited for."""
    scene = Scene(journey(PUSH_THEN_EMAIL))
    scene.person(consent=None)
    scene.event("signed_up")

    assert scene.sent == []
    assert scene.story("ada", "passed over", "dropped") == [
        "passed over consent push",
        "passed over consent email",
        "dropped consent",
    ]


def test_to_all_of_sends_on_every_channel_each_in_its_own_time() -> None:
    """E-mail at once, push in the morning; the journey goes on when both are decided."""
    steps = """
  - id: both
    send: hello
    to all of: [email, push]
  - id: pause
    wait: 1 hour
  - id: second
    send: hello
    to: email
"""
    scene = Scene(journey(steps), start="2026-03-02 23:30", policy=QUIET)
    scene.person()
    scene.event("signed_up")
    assert scene.sent == ["2026-03-02 23:30 hello email"]
    scene.until("2026-03-03 12:00")

    assert scene.sent[1:] == ["2026-03-03 06:00 hello push", "2026-03-03 07:00 hello email"]


CAPS = """
frequency caps:
  - 1 per 7 days about promotional
"""


def test_a_cap_holds_across_journeys() -> None:
    """One promotional message a week, whoever sends it; the second journey's is dropped."""
    first, second = journey(TO_PUSH, "first"), journey(TO_PUSH, "second")
    scene = Scene(first, second, policy=CAPS)
    scene.person()
    scene.event("signed_up")

    assert scene.sent == ["2026-03-02 10:00 hello push"]
    assert scene.story("ada", "dropped") == ["dropped capped"]
    detail = [d.detail for d in scene.decisions() if d.what == "dropped"]
    assert detail == ["1 per 7 days about promotional, policy.yaml:19"]


def test_a_capped_send_may_wait_until_the_oldest_falls_out() -> None:
    """Exactly seven days later, at the same clock time."""
    steps = TO_PUSH + "    when capped: wait up to 8 days\n"
    scene = Scene(journey(steps, "first"), journey(steps, "second"), policy=CAPS)
    scene.person()
    scene.event("signed_up")
    scene.until("2026-03-09 09:59")
    assert len(scene.sent) == 1
    scene.until("2026-03-09 10:00")

    assert scene.sent == ["2026-03-02 10:00 hello push", "2026-03-09 10:00 hello push"]


def test_a_category_that_ignores_caps_is_counted_all_the_same() -> None:
    """An order confirmation goes out although the week is full, and fills it for others."""
    policy = "\nfrequency caps:\n  - 1 per 7 days\n"
    service = journey(TO_PUSH, "order", "category: service\ntrigger: {event: purchase}")
    scene = Scene(service, journey(TO_PUSH, "promo"), policy=policy)
    scene.person()
    scene.event("purchase", total="10 EUR")
    scene.event("purchase", total="10 EUR")
    scene.event("signed_up")

    assert scene.sent == ["2026-03-02 10:00 hello push"] * 2
    assert scene.story("ada", "dropped") == ["dropped capped"]


def test_a_journeys_own_cap_counts_all_its_runs_and_always_holds() -> None:
    """Even in a category that ignores the policy's caps."""
    head = """
category: service
trigger: {event: cart_updated}
one per: trigger.cart_id
frequency caps: [1 per day]
"""
    scene = Scene(journey(TO_PUSH, "cart", head))
    scene.person()
    scene.event("cart_updated", cart_id="a", value="10 EUR")
    scene.event("cart_updated", cart_id="b", value="10 EUR")
    scene.until("2026-03-03 00:00")
    scene.event("cart_updated", cart_id="c", value="10 EUR")

    assert scene.sent == ["2026-03-02 10:00 hello push", "2026-03-03 00:00 hello push"]


def test_the_last_free_slot_goes_to_the_most_important_journey() -> None:
    """Both want to send within a quarter of an hour; the one that woke up first loses."""
    policy = CAPS + "arbitration: {about: promotional, collect for: 15 minutes}\n"
    wait = "  - {id: pause, wait: 1 hour}\n"
    low = journey(wait + TO_PUSH, "low", "priority: 10")
    high = journey(
        wait + TO_PUSH.replace("hello", "named"),
        "high",
        "priority: 90\ntrigger: {event: viewed}",
    )
    scene = Scene(low, high, policy=policy)
    scene.person(first_name="Ada")
    scene.event("signed_up")
    scene.after(10 * MINUTE)
    scene.event("viewed")
    scene.until("2026-03-02 12:00")

    assert scene.sent == ["2026-03-02 11:15 named push"]
    assert [d.journey for d in scene.decisions() if d.what == "dropped"] == ["low"]


def test_nobody_is_collected_who_has_nothing_else_going_on() -> None:
    """With one promotional journey there is nothing to arbitrate, so nothing waits."""
    policy = "\narbitration: {about: promotional, collect for: 15 minutes}\n"
    scene = Scene(journey(TO_PUSH), policy=policy)
    scene.person()
    scene.event("signed_up")

    assert scene.sent == ["2026-03-02 10:00 hello push"]


def test_a_refused_message_frees_its_slot_and_takes_the_next_channel() -> None:
    """The token is gone; the cap of one a week is not used up by what never arrived."""
    scene = Scene(journey(PUSH_THEN_EMAIL), policy=CAPS)
    scene.person()
    scene.adapter.script(Rejected(FailureClass.PERMANENT_RECIPIENT, "410", "unregistered"))
    scene.event("signed_up")

    assert scene.sent == ["2026-03-02 10:00 hello email"]
    profile = scene.store.people(["ada"], ())["ada"].profile
    assert profile.suppressed == {"push token-ada"}
    assert [contact.channel for contact in profile.contacts] == ["email"]


def test_a_refusal_that_may_pass_is_tried_again_later() -> None:
    """Twice too busy, then taken: one message."""
    scene = Scene(journey(TO_PUSH))
    scene.person()
    busy = Rejected(FailureClass.TRANSIENT, "451", "busy")
    scene.adapter.script(busy, busy)
    scene.event("signed_up")
    assert scene.sent == []
    scene.after(HOUR)

    assert len(scene.sent) == 1
    assert len(scene.adapter.messages) == 3


@pytest.mark.parametrize(
    ("category", "calls", "story"),
    [("promotional", 1, ["unknown no answer push"]), ("service", 2, ["handed over hello push"])],
)
def test_an_answer_that_was_lost_is_held_or_tried_once_more(
    category: str, calls: int, story: list[str]
) -> None:
    """Promotional messages are not risked twice; service messages are tried once more."""
    scene = Scene(journey(TO_PUSH, head=f"category: {category}"))
    scene.person()
    scene.adapter.script(Unknown("no answer"))
    scene.event("signed_up")
    scene.after(24 * HOUR)

    assert len(scene.adapter.messages) == calls
    assert scene.story("ada", "unknown", "handed over") == story


def test_consent_withdrawn_before_the_hand_over_stops_the_message() -> None:
    """It waited in the provider's rate limit while the person opted out."""
    scene = Scene(journey(TO_PUSH))
    scene.person()
    scene.adapter.script(Rejected(FailureClass.TRANSIENT, "451", "busy"))
    scene.event("signed_up")
    scene.event("consent_withdrawn", category="promotional")
    scene.after(HOUR)

    assert scene.sent == []
    assert scene.story("ada", "stopped") == [
        "stopped consent: no consent for promotional on push push"
    ]
    assert scene.store.people(["ada"], ())["ada"].profile.contacts == ()


def test_a_failure_that_is_told_twice_takes_one_slot_of_the_next_channel() -> None:
    """Bounced, and dropped, says the provider: both are about the same push."""
    scene = Scene(journey("  - {id: greet, send: hello, to first of: [push, email]}\n"))
    scene.person()
    scene.event("signed_up")
    (push,) = scene.store.deliveries_of("ada")
    scene.receipt(push.id, "failed", "bounced")
    scene.receipt(push.id, "failed", "dropped")

    contacts = scene.store.people(["ada"], ())["ada"].profile.contacts
    assert [(each.channel, each.sent is None) for each in contacts] == [
        ("push", False),
        ("email", False),
    ]
    assert scene.story("ada", "sent") == ["sent hello push", "sent hello email"]
