"""What people say to providers instead of to us, as the ledger of consent keeps it."""

from __future__ import annotations

from channels.outcome import Withdrawal
from dsl.expr.context import Happened
from engine.core.effects import Delivery
from engine.core.ids import receipt_id
from engine.core.signals import EventArrived, ReceiptArrived

__all__ = ["withdrawn"]


def withdrawn(withdrawal: Withdrawal, delivery: Delivery, receipt: ReceiptArrived) -> EventArrived:
    """That the person has told a provider to be left alone; told again, it has the same id."""
    properties = {
        "category": "*" if withdrawal.of == "channel" else delivery.category,
        "channel": delivery.channel,
        "method": withdrawal.method,
        "source": withdrawal.source,
    }
    name = "consent_withdrawn"
    happened = Happened(name, receipt.occurred, receipt.received, 0, properties)
    return EventArrived(receipt_id(receipt.id, name, 0), receipt.person, happened)
