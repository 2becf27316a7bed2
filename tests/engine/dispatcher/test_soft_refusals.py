"""What a server refuses until we give up is held against the address if it was because of it."""

from __future__ import annotations

import pytest

from channels.outcome import FailureClass, Rejected
from engine.core.effects import Delivery
from engine.core.suppression import SOFT
from engine.dispatcher.verdicts import Route, settle

NOW = 1_772_366_400_000_000
ROUTE = Route(0, 1, again=False, name="smtp")


def delivery(attempts: int) -> Delivery:
    address = "ada@shop.example"
    made = Delivery(
        *("d1", "ada", "j", "r1", "s", "email", "news", "m", address), {"text": "x"}, NOW, NOW, None
    )
    return made._replace(attempts=attempts)


@pytest.mark.parametrize(
    ("failure", "alone", "told"),
    [
        (FailureClass.TRANSIENT, True, SOFT),  # a full mailbox
        (FailureClass.TRANSIENT, False, "transient"),  # a server that is away
        (FailureClass.PERMANENT_CONFIG, True, "permanent_config"),
        (FailureClass.PERMANENT_RECIPIENT, True, "permanent_recipient"),
    ],
)
def test_the_last_refusal_says_whether_it_is_about_the_recipient(
    failure: FailureClass, alone: bool, told: str
) -> None:
    refusal = Rejected(failure, "4.2.2", "mailbox full", alone)
    final = settle(delivery(11), refusal, ROUTE, NOW)

    assert final.receipt is not None
    assert (final.settlement.status, final.receipt.failure) == ("refused", told)


def test_as_long_as_it_is_tried_again_nothing_is_told() -> None:
    refusal = Rejected(FailureClass.TRANSIENT, "4.2.2", "mailbox full", alone=True)

    assert settle(delivery(0), refusal, ROUTE, NOW).receipt is None
