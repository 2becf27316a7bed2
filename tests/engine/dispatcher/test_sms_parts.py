"""The parts of text messages that were taken are counted, because each is paid for."""

from __future__ import annotations

import pytest

from channels.outcome import Accepted, FailureClass, Outcome, Rejected, Unknown
from engine.core.effects import Delivery
from engine.dispatcher.verdicts import Route, count, settle

NOW = 1_772_366_400_000_000
ROUTE = Route(0, 1, again=False)


def delivery(text: str, channel: str = "sms") -> Delivery:
    return Delivery(
        "d1", "ada", "j", "r1", "s", channel, "news", "m", "+49", {"text": text}, NOW, NOW, None
    )


@pytest.mark.parametrize(
    ("text", "channel", "outcome", "parts"),
    [
        ("x" * 160, "sms", Accepted("1"), 1),
        ("x" * 161, "sms", Accepted("1"), 2),
        ("ë" * 71, "sms", Accepted("1"), 2),
        ("x" * 161, "whatsapp", Accepted("1"), 0),
        ("x" * 161, "sms", Rejected(FailureClass.PERMANENT_RECIPIENT, "1", "gone"), 0),
        ("x" * 161, "sms", Unknown("cut off"), 0),
    ],
)
def test_what_a_text_message_takes_is_counted_when_it_is_taken(
    text: str, channel: str, outcome: Outcome, parts: int
) -> None:
    verdict = settle(delivery(text, channel), outcome, ROUTE, NOW)

    assert verdict.sms_parts == parts
    assert count([verdict, verdict], more=False).sms_parts == 2 * parts
