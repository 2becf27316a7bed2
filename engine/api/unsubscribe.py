"""``/unsubscribe/TOKEN``: GET asks, POST withdraws consent, as RFC 8058 wants it."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from dsl.expr.context import Happened
from engine.access.trail import BY_LINK, Trail
from engine.api.body import read_bytes
from engine.api.front import Front
from engine.api.pages import Words, ask, done, not_now, words_for
from engine.api.recipients import Recipients, html, wrong_link
from engine.clock import Clock
from engine.core.consent import THEMSELVES, episode_of, is_withdrawn
from engine.core.deeds import Deed
from engine.core.effects import Delivery
from engine.core.ids import receipt_id
from engine.core.knowing import SAID, as_said
from engine.core.signals import EventArrived, ReceiptArrived
from engine.ingest.inbox import Inbox, InboxFullError
from engine.store.protocol import StoreUnavailableError

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
        trail: Trail,
    ) -> None:
        self._recipients = recipients
        self._inbox = inbox
        self._front = front
        self._clock = clock
        self._trail = trail

    async def page(self, request: Request) -> Response:
        """Answers GET (and HEAD) with the question and POST with what it did."""
        token = request.path_params["token"]
        front = self._front()
        try:
            found = await self._recipients.find(token, front, SAID)
        except StoreUnavailableError:
            return _busy(words_for(front.languages if front else ()))
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
        profile = as_said(found.view.profile, found.view.history)
        known = front.program.terms if front and front.program else {}
        places = [each.coverage for (name, _), each in known.items() if name == delivery.category]
        if not is_withdrawn(profile.consents, places):  # a flood of them is read, and no more
            try:
                await self._withdraw(delivery, episode_of(profile.consents))
            except (InboxFullError, StoreUnavailableError):
                return _busy(words)
        return html(done(words, kind, sender, centre))

    async def _withdraw(self, delivery: Delivery, episode: int) -> None:
        """For the whole category, on every channel: less than was asked for would be wrong, and
        somebody who presses this button does not think in channels.

        Once in an episode: whoever subscribes again may press the same old button again.
        """
        now = self._clock.now()
        source = f"the link in {delivery.message}"
        said = {"category": delivery.category, "method": "one-click", "source": source}
        said["actor"] = THEMSELVES
        withdrawn = Happened("consent_withdrawn", now, now, 0, said)
        name = f"unsubscribe/{delivery.id}/{episode}"
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
        await self._trail.add(Deed(now, BY_LINK, "unsubscribe", delivery.person))


def _busy(words: Words) -> Response:
    return html(not_now(words), 503, {"retry-after": "60"})
