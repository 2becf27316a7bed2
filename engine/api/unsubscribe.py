"""``/unsubscribe/TOKEN``: GET asks, POST withdraws consent, as RFC 8058 wants it."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from dsl.expr.context import Happened
from engine.api.body import read_bytes
from engine.api.front import Front
from engine.api.pages import ask, done, words_for
from engine.api.recipients import Recipients, html, wrong_link
from engine.clock import Clock
from engine.core.effects import Delivery
from engine.core.ids import receipt_id
from engine.core.signals import EventArrived, ReceiptArrived
from engine.inbox import Inbox

__all__ = ["Unsubscribe"]

_LARGEST_FORM = 8 * 1024


class Unsubscribe:
    """The page and what its button does."""

    def __init__(
        self,
        recipients: Recipients,
        inbox: Inbox,
        front: Callable[[], Front | None],
        clock: Clock,
    ) -> None:
        self._recipients = recipients
        self._inbox = inbox
        self._front = front
        self._clock = clock

    async def page(self, request: Request) -> Response:
        """Answers GET (and HEAD) with the question and POST with what it did."""
        token = request.path_params["token"]
        front = self._front()
        found = await self._recipients.find(token, front)
        if found is None:
            return wrong_link(request, front)
        delivery = found.delivery
        words = words_for(found.languages)
        sender = front.name if front else request.url.hostname or ""
        kind = front.kind(delivery.category, words.language) if front else delivery.category
        centre = f"../preferences/{token}"
        if request.method != "POST":
            return html(ask(words, kind, sender, centre))
        await read_bytes(request, _LARGEST_FORM)
        await self._withdraw(delivery)
        return html(done(words, kind, sender, centre))

    async def _withdraw(self, delivery: Delivery) -> None:
        """For the whole category, on every channel: less than was asked for would be wrong, and
        somebody who presses this button does not think in channels.

        A fresh id each time: whoever subscribes again may press the same old button again.
        """
        now = self._clock.now()
        source = f"the link in {delivery.message}"
        said = {"category": delivery.category, "method": "one-click", "source": source}
        withdrawn = Happened("consent_withdrawn", now, now, 0, said)
        name = f"unsubscribe/{delivery.id}/{uuid.uuid4()}"
        told = ReceiptArrived(
            id=receipt_id(delivery.id, name, 0),
            person=delivery.person,
            received=now,
            number=0,
            delivery=delivery.id,
            what="unsubscribed",
            reason="",
            occurred=now,
        )
        await self._inbox.add([EventArrived(name, delivery.person, withdrawn), told])
