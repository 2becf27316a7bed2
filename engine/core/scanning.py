"""Who opens and clicks, as far as what they do tells: programs try what is in a message before its
reader does.

What they call themselves says little. What they do says more: they are there as soon as a message
is, and they follow everything in it at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from dsl.calendar import SECOND
from engine.core.profile import Contact
from engine.core.signals import Arrival, ReceiptArrived

__all__ = ["AT_ONCE", "BROWSER", "typed", "unmasked"]

AT_ONCE: Final = SECOND
"""Nobody follows two links of a message within it."""

BROWSER: Final = "browser"
"""What calls itself one: a person, unless it does what nobody does."""

_SOON: Final = 2 * SECOND
_SEEN = frozenset({"opened", "clicked"})
_CERTAIN = frozenset({"human", "machine"})


def unmasked(pending: Sequence[Arrival]) -> Sequence[Arrival]:
    """The same arrivals; clicks on several links of a message at once are by a machine."""
    clicks: dict[str, list[ReceiptArrived]] = defaultdict(list)
    for arrival in pending:
        if isinstance(arrival, ReceiptArrived) and arrival.what == "clicked":
            clicks[arrival.delivery].append(arrival)
    caught = {
        click.id
        for of_one in clicks.values()
        for together in _together(of_one)
        if len({click.reason for click in together}) > 1
        for click in together
    }
    if not caught:
        return pending
    return [
        arrival._replace(by="machine")
        if isinstance(arrival, ReceiptArrived) and arrival.id in caught and arrival.by != "human"
        else arrival
        for arrival in pending
    ]


def _together(clicks: Sequence[ReceiptArrived]) -> Iterator[list[ReceiptArrived]]:
    """Those that follow one another at once."""
    before: list[ReceiptArrived] = []
    for click in sorted(clicks, key=lambda each: each.occurred):
        if before and click.occurred - before[-1].occurred >= AT_ONCE:
            yield before
            before = []
        before.append(click)
    yield before


def typed(receipt: ReceiptArrived, contacts: Iterable[Contact]) -> ReceiptArrived:
    """The same receipt; whatever opens or clicks before anybody can have read is a machine, and what
    calls itself a browser and does nothing of the kind is a person. ``contacts`` are those of the
    person.
    """
    if receipt.what not in _SEEN or receipt.by in _CERTAIN:
        return receipt
    if _is_too_soon(receipt, contacts):
        return receipt._replace(by="machine")
    return receipt._replace(by="human") if receipt.by == BROWSER else receipt


def _is_too_soon(receipt: ReceiptArrived, contacts: Iterable[Contact]) -> bool:
    return any(
        contact.delivery == receipt.delivery
        and contact.sent is not None
        and receipt.occurred < contact.sent + _SOON
        for contact in contacts
    )
