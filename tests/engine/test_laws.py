"""Laws in the send pipeline and at the last look: promotional texts keep them, whatever the policy
says of its own quiet hours; what is not promotional does not; and why is written down.
"""

from __future__ import annotations

import pytest

from channels.outcome import RateLimited
from dsl.laws.book import book
from engine.why import Names, tell
from tests.engine.scene import POLICY, SHOP, Scene, journey

TO_SMS = """
  - id: greet
    send: hello
    to: sms
"""
SMS_THEN_EMAIL = """
  - id: greet
    send: hello
    to first of: [sms, email]
"""
MIAMI, NEW_YORK, BERLIN, DELHI = "+13055550100", "+12125550100", "+4930123456", "+919812345678"
VERSION = book().version


def scene_at(start: str, steps: str = TO_SMS, zone: str = "America/New_York", **more: str) -> Scene:
    """A shop that waits when it is quiet; times are of ``zone``."""
    policy = "\nwhen quiet: wait up to 7 days\n" + more.pop("policy", "")
    return Scene(journey(steps, **more), start=start, zone=zone, policy=policy)


def greeted(scene: Scene, phone: str, **known: str) -> list[str]:
    """What somebody with that number gets within a week of signing up."""
    scene.person(phone=phone, **known)
    scene.event("signed_up")
    scene.after(7 * 24 * 3600 * 1_000_000)
    return scene.sent


@pytest.mark.parametrize(
    ("phone", "signed_up", "sent"),
    [
        (NEW_YORK, "2026-11-24 20:59:59", "2026-11-24 20:59"),
        (NEW_YORK, "2026-11-24 21:00", "2026-11-25 08:00"),
        (NEW_YORK, "2026-03-08 00:30", "2026-03-08 08:00"),
        (MIAMI, "2026-11-24 20:00", "2026-11-25 08:00"),
        (BERLIN, "2026-11-24 21:00", "2026-11-24 21:00"),
        (DELHI, "2026-11-24 12:00", "2026-11-24 23:30"),
    ],
)
def test_a_promotional_text_waits_for_the_hours_of_the_law(
    phone: str, signed_up: str, sent: str
) -> None:
    """By the number alone; nobody said where they live. Germany leaves it to consent."""
    assert greeted(scene_at(signed_up), phone) == [f"{sent} hello sms"]


def test_the_company_and_the_law_are_quiet_together() -> None:
    """Florida is quiet from 20:00, the company until 9:30."""
    policy = "\nquiet hours:\n  - {on: sms, from: 23:00 to 09:30}\n"
    scene = scene_at("2026-11-24 20:30", policy=policy)

    assert greeted(scene, MIAMI, time_zone="America/New_York") == ["2026-11-25 09:30 hello sms"]


def test_whoever_ignores_quiet_hours_ignores_those_of_the_company() -> None:
    """A category that needs consent keeps the law all the same."""
    scene = Scene(
        journey(TO_SMS),
        start="2026-11-24 22:00",
        zone="America/New_York",
        files={
            "policy.yaml": POLICY.replace(
                "consent: required", "consent: required, ignores: quiet hours"
            )
        },
        policy="\nquiet hours:\n  - {on: sms, from: 06:00 to 12:00}\nwhen quiet: wait up to 1 day\n",
    )

    assert greeted(scene, NEW_YORK) == ["2026-11-25 08:00 hello sms"]


def test_what_needs_no_consent_is_free() -> None:
    """A text about an order goes at night."""
    scene = scene_at("2026-11-24 23:00", head="category: service")

    assert greeted(scene, MIAMI) == ["2026-11-24 23:00 hello sms"]


def test_a_company_can_do_without() -> None:
    """``laws: none``, for whoever has others to see to them."""
    scene = scene_at("2026-11-24 23:00", policy="\nlaws: none\n")

    assert greeted(scene, MIAMI) == ["2026-11-24 23:00 hello sms"]


def test_the_decision_names_the_law_and_the_version_of_the_data() -> None:
    """So that "why did it come so late" has an answer years later."""
    scene = scene_at("2026-11-24 20:30")
    scene.person(phone=MIAMI)
    scene.event("signed_up")
    scene.settle()

    (waits,) = [each for each in scene.decisions() if each.what == "waits"]
    assert (waits.reason, waits.channel) == ("quiet", "sms")
    assert waits.detail == (
        "quiet hours until 25 November, 08:00 in America/New_York. "
        f"Florida: marketing texts only from 8:00 to 20:00, us.fl.hours {VERSION}"
    )


def test_a_fourth_text_in_24_hours_goes_another_way_in_florida() -> None:
    """Three texts and no more; in New York there is no such limit. What is no advertising does not
    count.
    """
    for phone, channels in ((MIAMI, "sms sms sms email"), (NEW_YORK, "sms sms sms sms")):
        scene = scene_at("2026-11-24 09:00", SMS_THEN_EMAIL, policy="\nwhen capped: next channel\n")
        scene.person(phone=phone)
        for _ in range(4):
            scene.after(3600 * 1_000_000)
            scene.event("signed_up")
            scene.settle()
        assert " ".join(line.split()[-1] for line in scene.sent) == channels

        limited = [each for each in scene.decisions() if each.reason == "capped"]
        said = f"Florida: at most 3 marketing texts in 24 hours, us.fl.limit {VERSION}"
        assert [each.detail for each in limited] == ([said] if phone == MIAMI else [])


def test_what_is_not_promotional_counts_for_no_limit() -> None:
    """Three texts about orders leave room for three others."""
    files = {"journeys/news.yaml": journey(TO_SMS, "news", "trigger: {event: viewed}")}
    scene = Scene(
        journey(TO_SMS, head="category: service"),
        start="2026-11-24 09:00",
        zone="America/New_York",
        files=files,
    )
    scene.person(phone=MIAMI)
    for event in ["signed_up"] * 4 + ["viewed"] * 4:
        scene.after(60 * 1_000_000)
        scene.event(event)
        scene.settle()

    assert len(scene.sent) == 4 + 3


def late(expires: str, policy: str = "") -> Scene:
    """A text that the provider put off for a minute, until it was night."""
    steps = TO_SMS + f"    expires after: {expires}\n"
    scene = Scene(
        journey(steps),
        start="2026-11-24 20:59:30",
        zone="America/New_York",
        policy=f"\nwhen quiet: wait up to 7 days\n{policy}",
    )
    scene.adapter.script(RateLimited("account", 70))
    scene.person(phone=NEW_YORK)
    scene.event("signed_up")
    scene.until("2026-11-25 07:59:59")
    assert scene.sent == []
    return scene


def test_at_the_last_look_it_waits_for_the_morning() -> None:
    """Its slot is kept, and nothing new is decided."""
    scene = late("2 days")
    scene.until("2026-11-25 08:00")

    assert scene.sent == ["2026-11-24 20:59 hello sms"]
    assert scene.story("ada", "stopped", "dropped") == []


def test_what_was_decided_in_time_is_spread_in_the_morning_too() -> None:
    """It leaves at the moment of the person's own."""
    scene = late("2 days", "spread after quiet: 3 hours\n")
    scene.until("2026-11-25 08:00")
    assert scene.store.deliveries_of("ada")[0].status == "queued"
    scene.until("2026-11-25 11:00")

    assert scene.store.deliveries_of("ada")[0].status == "accepted"
    assert len(scene.adapter.accepted) == 1


def test_what_waits_at_the_last_look_tells_why_once() -> None:
    """With the law, however often it is looked at."""
    scene = late("2 days")

    (waits,) = [each for each in scene.decisions() if each.what == "waits"]
    assert (waits.reason, waits.channel, waits.step) == ("quiet", "sms", "greet")
    assert waits.detail == (
        "quiet hours until 25 November, 08:00 in America/New_York. "
        f"The United States: marketing texts only from 8:00 to 21:00, us.hours {VERSION}"
    )


def test_why_tells_of_a_message_that_waits_for_the_morning() -> None:
    """The operator who asks at midnight is told."""
    scene = late("2 days")
    story = tell(scene.store, "ada", Names.of(scene.program.project.plan, scene.zone))

    assert story is not None
    waits = [line.text for line in story.lines if line.sort == "waits"]
    assert len(waits) == 1
    assert waits[0].startswith("waits on sms (welcome/greet): quiet hours until 25 November, 08:00")


def test_everybody_who_waited_goes_at_a_moment_of_their_own() -> None:
    """Twenty people in the evening, within a quarter of an hour in the morning, and nobody at night
    or after their message is of no use.
    """
    scene = scene_at(
        "2026-11-24 22:00",
        TO_SMS + "    expires after: 605 minutes\n",
        policy="\nspread after quiet: 15 minutes\n",
    )
    names = [f"p{number}" for number in range(20)]
    for name in names:
        scene.person(name, phone=NEW_YORK)
        scene.event("signed_up", name)
    scene.after(7 * 24 * 3600 * 1_000_000)

    left = [line[:16] for line in scene.sent]
    assert len(left) == len(names)
    assert len(set(left)) > 3
    assert min(left) >= "2026-11-25 08:00"
    assert max(left) < "2026-11-25 08:05"


def test_at_the_last_look_it_is_given_up_if_it_expires_at_night() -> None:
    """With the law that stopped it."""
    scene = late("3 hours")
    scene.until("2026-11-26 12:00")

    (stopped,) = [each for each in scene.decisions() if each.what == "stopped"]
    assert stopped.reason.startswith(
        "quiet: quiet hours until 25 November, 08:00 in America/New_York"
    )
    assert stopped.reason.endswith(f"us.hours {VERSION}; it expires before")


def test_a_promotional_whatsapp_message_to_the_united_states_is_passed_over() -> None:
    """Meta would not deliver it; the next channel is taken, and the rule is named."""
    for category, channel in (("promotional", "email"), ("service", "whatsapp")):
        steps = "\n  - id: greet\n    send: hello\n    to first of: [whatsapp, email]\n"
        scene = Scene(
            journey(steps, head=f"category: {category}"),
            files={
                "policy.yaml": POLICY.replace("  push:", "  whatsapp:\n  push:"),
                "messages.yaml": SHOP["messages.yaml"].replace(
                    "  named:", "    whatsapp: {text: {en: Hello}}\n  named:"
                ),
            },
        )
        scene.person(phone=NEW_YORK)
        scene.change("ada", addresses={"whatsapp": NEW_YORK})
        scene.event("signed_up")
        scene.settle()
        assert scene.sent == [f"2026-03-02 10:00 hello {channel}"]

        passed = [each for each in scene.decisions() if each.what == "passed over"]
        assert [(each.reason, f"us.whatsapp {VERSION}" in each.detail) for each in passed] == (
            [("unreachable", True)] if category == "promotional" else []
        )


def test_an_email_says_where_the_company_is() -> None:
    """As the policy writes it, safe in HTML, in the plain text too."""
    scene = Scene(
        journey("\n  - id: greet\n    send: hello\n    to: email\n"),
        files={
            "modules.yaml": "modules:\n  footer:\n    required in: email\n    blocks:\n"
            '      - html: "<b>{{ our_address }}</b>"\n'
            '      - text: "{{ unsubscribe_link }}"\n'
        },
        policy="\npostal address: Fish & Sons, 1 Market Street, London\n",
    )
    scene.person()
    scene.event("signed_up")
    scene.settle()

    (message,) = scene.adapter.messages
    assert "<b>Fish &amp; Sons, 1 Market Street, London</b>" in message.parts["html"]
    assert "Fish & Sons, 1 Market Street, London" in message.parts["text"]


def test_at_the_last_look_a_limit_of_where_they_live_now_counts() -> None:
    """Three texts in New York, a fourth on its way, and then they say that they live in Florida: it
    waits until the first one is a day old.
    """
    plan = SHOP["plan.yaml"].replace("  visits:", "  state: text\n  visits:")
    scene = Scene(
        journey(TO_SMS),
        start="2026-11-24 09:00",
        zone="America/New_York",
        files={"plan.yaml": plan},
        policy="\nstate of residence: state\n",
    )
    scene.person(phone=NEW_YORK, state="NY")
    for _ in range(3):
        scene.after(3600 * 1_000_000)
        scene.event("signed_up")
    scene.adapter.script(RateLimited("account", 70))
    scene.after(60 * 1_000_000)
    scene.event("signed_up")
    scene.change("ada", attributes={"state": "FL"})
    scene.until("2026-11-25 09:59")
    assert len(scene.sent) == 3

    scene.until("2026-11-25 10:01")
    assert len(scene.sent) == 4


def test_at_the_last_look_nothing_goes_where_nothing_may() -> None:
    """A promotional WhatsApp message on its way to somebody who turns out to live in the US."""
    scene = Scene(
        journey("\n  - id: greet\n    send: hello\n    to: whatsapp\n"),
        files={
            "policy.yaml": POLICY.replace("  push:", "  whatsapp:\n  push:"),
            "messages.yaml": SHOP["messages.yaml"].replace(
                "  named:", "    whatsapp: {text: {en: Hello}}\n  named:"
            ),
        },
    )
    scene.adapter.script(RateLimited("account", 70))
    scene.person(phone=BERLIN)
    scene.change("ada", addresses={"whatsapp": BERLIN})
    scene.event("signed_up")
    scene.change("ada", attributes={"country": "US"})
    scene.after(3600 * 1_000_000)

    assert scene.sent == []
    (stopped,) = [each for each in scene.decisions() if each.what == "stopped"]
    assert stopped.reason.startswith("unreachable: The United States: no marketing on WhatsApp")
