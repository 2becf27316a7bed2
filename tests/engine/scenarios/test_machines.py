"""What machines open and click, in journeys: it is no answer of a person's."""

from __future__ import annotations

import pytest

from tests.engine.scenarios.acting import failures
from tests.engine.scene import journey

HELLO = "expect sent: hello"
START = "event: signed_up"
DAY = "pass: 1 day"
ASKS = journey("""
  - {id: hi, send: hello, to first of: [push, email]}
  - {id: pause, wait: 1 day}
  - if: hi was clicked
    then: [{stop: clicked}]
    else: [{stop: silent}]
""")
ESCALATES = journey("""
  - id: hi
    send: hello
    to first of: [push, email]
    escalate after: 2 hours
    unless: %s
""")


def by(who: str, event: str = "message_clicked") -> str:
    return f"{{event: {event}, with: {{by: {who}}}}}"


@pytest.mark.parametrize(
    ("who", "left"), [("machine", "silent"), ("unverified", "clicked"), ("human", "clicked")]
)
def test_a_message_was_clicked_if_no_machine_did_it(who: str, left: str) -> None:
    later = "pass: 1 minute"

    assert failures(START, HELLO, later, by(who), DAY, f"expect left: {left}", of=ASKS) == []


def test_what_is_clicked_as_soon_as_it_is_there_nobody_clicked() -> None:
    """Unless it is certain that somebody did: it is what scenarios say if they say nothing."""
    at_once = by("unverified")

    assert failures(START, HELLO, at_once, DAY, "expect left: silent", of=ASKS) == []
    plain = "event: message_clicked"
    assert failures(START, HELLO, plain, DAY, "expect left: clicked", of=ASKS) == []


def test_what_a_machine_opened_was_delivered_and_not_opened() -> None:
    opened, later = by("machine", "message_opened"), "pass: 2 hours"
    again = "{expect sent: hello, on: email}"

    assert failures(START, HELLO, opened, later, of=ESCALATES.replace("%s", "delivered")) == []
    assert failures(START, HELLO, opened, later, again, of=ESCALATES.replace("%s", "opened")) == []
    human = by("human", "message_opened")
    assert failures(START, HELLO, human, later, of=ESCALATES.replace("%s", "opened")) == []
