"""What a receipt is in a person's history."""

from __future__ import annotations

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
    event = history_of(receipt(what, by=by), DELIVERY, 8)

    assert event is not None
    assert event.event.name == f"message_{what}"
    assert event.event.properties["by"] == told


def test_of_a_delivery_nobody_asks_by_whom() -> None:
    event = history_of(receipt("delivered"), DELIVERY, 8)

    assert event is not None
    assert "by" not in event.event.properties
