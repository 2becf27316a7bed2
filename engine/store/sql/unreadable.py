"""Messages and calls that cannot be read when they are claimed: damaged rows, which concern one
person each and stop nobody else.

They are given up, and that is said where it concerns somebody: as an arrival of that person. Whoever
advances them finds the damage then and sets them aside, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from dsl.calendar import Instant
from engine.core.ids import answer_id, receipt_id
from engine.core.signals import CallAnswered, ReceiptArrived
from engine.store.protocol import CallSettlement, Settlement
from engine.store.sql.session import Row, Session

__all__ = ["calls_given_up", "deliveries_given_up", "read_each"]

_DELIVERIES = """
    select d.number, d.id, p.id, d.attempts from deliveries d join people p on p.number = d.person
    where d.number in ({})
"""
_CALLS = """
    select c.number, c.id, p.id, c.attempts from calls c join people p on p.number = c.person
    where c.number in ({})
"""

_T = TypeVar("_T")


def read_each(
    rows: Sequence[Row], read: Callable[[Row], _T], number: int
) -> tuple[list[_T], dict[int, str]]:
    """Those that can be read; and of all others why not, by the row's ``number``: its place in it."""
    found: list[_T] = []
    broken: dict[int, str] = {}
    for row in rows:
        try:
            found.append(read(row))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is about that row alone
            broken[row[number]] = f"it cannot be read: {type(error).__name__}"
    return found, broken


def deliveries_given_up(
    session: Session, broken: Mapping[int, str], now: Instant
) -> tuple[list[Settlement], list[ReceiptArrived]]:
    """What becomes of messages that cannot be read."""
    settlements, receipts = [], []
    for number, name, person, attempts in session.among(_DELIVERIES, list(broken)):
        reason = f"failed: {broken[number]}"
        identity = receipt_id(name, "stopped", attempts)
        settlements.append(Settlement(name, "stopped", now, attempts))
        receipts.append(
            ReceiptArrived(identity, person, now, 0, name, "stopped", reason, now),
        )
    return settlements, receipts


def calls_given_up(
    session: Session, broken: Mapping[int, str], now: Instant
) -> list[CallSettlement]:
    """What becomes of calls that cannot be read: nobody answers them."""
    return [
        CallSettlement(
            name,
            attempts,
            now,
            CallAnswered(answer_id(name), person, now, 0, name, None, broken[number]),
        )
        for number, name, person, attempts in session.among(_CALLS, list(broken))
    ]
