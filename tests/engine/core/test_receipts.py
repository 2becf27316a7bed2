"""What a receipt is in a person's history."""

from __future__ import annotations

from itertools import count

import pytest

from dsl.calendar import HOUR, Instant
from engine.core.effects import Delivery
from engine.core.receipts import history_of
from engine.core.signals import ReceiptArrived

NOW: Instant = 1_772_355_600_000_000

DELIVERY = Delivery(
    *("d1", "ada", "win_back", "r1", "offer", "email", "promotional", "offer"),
    *("ada@shop.example", {}, NOW, NOW, None),
)


def receipt(what: str, **more: str) -> ReceiptArrived:
    return ReceiptArrived("c1", "ada", NOW, 7, "d1", what, "", NOW - HOUR, **more)


@pytest.mark.parametrize(
    ("by", "told"), [("human", "human"), ("machine", "machine"), ("", "unverified")]
)
@pytest.mark.parametrize("what", ["opened", "clicked"])
def test_history_keeps_who_looked(what: str, by: str, told: str) -> None:
    (event,) = history_of(receipt(what, by=by), DELIVERY, count(8).__next__)

    assert event.event.name == f"message_{what}"
    assert event.event.properties["by"] == told


def test_of_a_delivery_nobody_asks_by_whom() -> None:
    (event,) = history_of(receipt("delivered"), DELIVERY, count(8).__next__)

    assert "by" not in event.event.properties


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("failed", ["message_failed"]),
        ("bounced", ["message_failed", "message_bounced"]),
        ("complained", ["message_complained"]),
        ("unsubscribed", ["message_unsubscribed"]),
        ("unknown", []),
    ],
)
def test_what_a_receipt_is_in_history(what: str, names: list[str]) -> None:
    events = history_of(receipt(what), DELIVERY, count(8).__next__)

    assert [each.event.name for each in events] == names
    assert [each.event.number for each in events] == list(range(8, 8 + len(names)))
    assert len({each.id for each in events}) == len(names)


@pytest.mark.parametrize(("failure", "hard"), [("permanent_recipient", True), ("transient", False)])
def test_history_tells_hard_bounces_from_soft_ones(failure: str, hard: bool) -> None:
    *_, event = history_of(receipt("bounced", failure=failure), DELIVERY, count(8).__next__)

    assert event.event.properties["hard"] is hard
