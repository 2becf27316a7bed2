"""A key that everybody can read: what may be said with it, and what not."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.compiler import compile_project
from engine.ingest import Sender, guard_of

from .shop import BROWSER, call, change, error, event, take


def test_events_and_what_is_told_of_a_person_are_taken() -> None:
    assert event(take(call("track", event="Order Completed"), sender=BROWSER)).person == "ada"
    found = change(take(call("identify", traits={"first_name": "Ada"}), sender=BROWSER))

    assert (found.id, found.attributes) == ("0a1b2c3d/m-1", {"first_name": "Ada"})


@pytest.mark.parametrize(
    "name", ["consent_granted", "consent_withdrawn", "consent_requested", "preferences_set"]
)
@pytest.mark.parametrize("who", [{}, {"userId": None, "anonymousId": "7c1f"}])
def test_nobody_speaks_of_consent_for_others(name: str, who: dict[str, Any]) -> None:
    made = call("track", event=name, properties={"category": "promotional"}, **who)

    assert "is about consent. Send it from a server." in error(take(made, sender=BROWSER))
    assert event(take(made)).event.name == name


def test_nobody_does_what_consent_is_judged_by() -> None:
    assert "about consent" in error(take(call("track", event="opted_in"), sender=BROWSER))
    said = error(take(call("identify", traits={"newsletter": True}), sender=BROWSER))

    assert said.startswith('A browser\'s key may not set "newsletter": consent is judged by it.')
    assert change(take(call("identify", traits={"newsletter": True}))).attributes


@pytest.mark.parametrize(
    "traits", [{"email": "eve@example.com"}, {"phone": "+49 30 123456"}, {"email": None}]
)
def test_nobody_changes_the_address_of_somebody_known(traits: dict[str, Any]) -> None:
    made = call("identify", traits=traits)

    said = error(take(made, sender=BROWSER))
    assert said.startswith("A browser's key may not change the address of somebody known")
    assert error(take({**made, "anonymousId": "7c1f"}, sender=BROWSER)) == said
    assert error(take(call("identify", context={"traits": traits}), sender=BROWSER)) == said


def test_whoever_is_not_known_may_leave_an_address() -> None:
    made = call("identify", userId=None, anonymousId="7c1f", traits={"email": "eve@example.com"})

    left = change(take(made, sender=BROWSER))
    assert (left.addresses, left.origin) == ({"email": "eve@example.com"}, "observed")
    assert change(take(made)).origin == ""
    told = {**made, "traits": {"first_name": "Eve"}}
    assert change(take(told, sender=BROWSER)).origin == ""


def test_the_device_of_somebody_known_is_left_out() -> None:
    """Clients add it to everything, so it is not refused."""
    made = call("identify", traits={"first_name": "Eve"}, context={"device": {"token": "t"}})

    assert change(take(made, sender=BROWSER)).addresses == {}
    assert change(take(made)).addresses == {"push": "t"}
    unknown = {**made, "userId": None, "anonymousId": "7c1f"}
    assert change(take(unknown, sender=BROWSER)).addresses == {"push": "t"}


def test_what_only_we_report_nobody_sends() -> None:
    for sender in (BROWSER, Sender()):
        assert "is reserved" in error(take(call("track", event="message_clicked"), sender=sender))


FILES = {
    "plan.yaml": """\
tracking plan: shop
profile:
  newsletter: yes/no
  country: text
  tier: text
events:
  opted_in:
    from: Opted In
  purchase:
    from: Order Completed
""",
    "policy.yaml": """\
policy: shop
time zone: Europe/Berlin
languages: en
currency: EUR
channels:
  sms:
    reachable when: yes
categories:
  promotional:
    consent: newsletter is yes and in segment agreed
  service:
    consent: not needed
""",
    "segments.yaml": """\
segments:
  agreed:
    who: in segment german or did opted_in
  german:
    who: country is "DE"
  gold:
    who: tier is "gold" and did purchase
""",
}


def test_the_guard_knows_all_that_consent_is_judged_by() -> None:
    project = compile_project(FILES).project
    assert project is not None
    guard = guard_of(project.policy, project.segments)

    assert guard.attributes == {"newsletter", "country"}
    assert guard.events - {"opted_in"} == guard_of(project.policy, {}).events
    assert "opted_in" in guard.events
    assert "purchase" not in guard.events
