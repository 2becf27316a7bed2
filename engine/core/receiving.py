"""What a provider says of a message, for the person it went to: slot, story and history, and what of
it goes back to the send step.
"""

from __future__ import annotations

from dsl.calendar import Instant
from engine.core.barring import learn
from engine.core.bars import Bar, destination_of
from engine.core.books import Books, Made
from engine.core.effects import Delivery
from engine.core.receipts import (
    fail_over,
    goes_back,
    history_of,
    is_proof,
    settle,
    story_of,
    suppression_story,
    taken,
)
from engine.core.scanning import typed
from engine.core.signals import ReceiptArrived
from engine.core.suppression import judge

__all__ = ["receive"]


def receive(books: Books, receipt: ReceiptArrived, now: Instant) -> list[Made]:
    """One word about a delivery, and what it proves beside. What is not known is about nobody."""
    delivery = books.known_deliveries.get(receipt.delivery)
    if delivery is None:
        return []
    if delivery.person != receipt.person:
        delivery = delivery._replace(person=receipt.person)  # they have become one since
    made: list[Made] = []
    receipt = typed(receipt, books.standing.profile.contacts)
    if is_proof(receipt):
        if delivery.status == "unknown" or (delivery.status == "queued" and delivery.attempts):
            made += _hear(books, taken(delivery, receipt), delivery, now)
        elif delivery.status == "calling":
            _correct(books, delivery._replace(proven=True))
    elif receipt.what == "unknown" and delivery.proven:
        receipt = taken(delivery, receipt)
    return made + _hear(books, receipt, delivery, now)


def _hear(books: Books, receipt: ReceiptArrived, delivery: Delivery, now: Instant) -> list[Made]:
    """Slot, story and history of one word about a delivery."""
    if receipt.what == "accepted" and delivery.status != "accepted":
        _correct(books, delivery._replace(status="accepted", lease=None))
    profile = settle(books.standing.profile, receipt)
    if receipt.what == "stopped":
        suppressed = None
        if receipt.failure and books.bars:
            profile, suppressed = learn(books, profile, delivery)
    else:
        profile, suppressed = judge(profile, receipt, delivery)
        if suppressed is not None:
            bar = Bar(receipt.occurred, suppressed.cause, suppressed.rule)
            books.changes.bar(destination_of(delivery.channel, delivery.address), bar)
    books.standing.become(profile)
    story = story_of(receipt, delivery, now)
    if story is not None:
        books.changes.decisions.append(story)
    if suppressed is not None:
        told = suppression_story(receipt, delivery, suppressed, now)
        books.changes.decisions.append(told)
    made: list[Made] = [*history_of(receipt, delivery, books.number)]
    if goes_back(receipt):
        made += _fail_over(books, receipt, delivery, now)
    return made


def _correct(books: Books, delivery: Delivery) -> None:
    """What is known of a delivery is another thing than its row says."""
    books.changes.deliveries.append(delivery)
    books.known_deliveries = {**books.known_deliveries, delivery.id: delivery}


def _fail_over(
    books: Books, receipt: ReceiptArrived, delivery: Delivery, now: Instant
) -> list[Made]:
    run = books.standing.runs.get(delivery.run)
    if run is None:
        run = next((ended for ended in books.closed if ended.id == delivery.run), None)
    machine = None if run is None else books.program.machine_of(run)
    if run is None or machine is None:
        return []
    passage, emitted = books.passage(machine, run, now)
    books.keep(fail_over(passage, delivery, receipt), run)
    return books.made(emitted, run, now)
