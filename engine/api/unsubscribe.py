"""``/unsubscribe/TOKEN``: GET asks, POST withdraws consent, as RFC 8058 wants it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dsl.expr.context import Happened
from engine.api.body import read_bytes
from engine.api.front import Front
from engine.api.pages import ask, done, not_valid, words_for
from engine.clock import Clock
from engine.core.effects import Delivery
from engine.core.signals import EventArrived
from engine.inbox import Inbox
from engine.links import Links
from engine.store.protocol import Store

__all__ = ["Unsubscribe"]

_LARGEST_FORM = 8 * 1024
_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "cache-control": "no-store",
        "content-security-policy": (
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
            " frame-ancestors 'none'; base-uri 'none'"
        ),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
)


class Unsubscribe:
    """The page and what its button does."""

    def __init__(
        self,
        store: Store,
        inbox: Inbox,
        front: Callable[[], Front | None],
        links: Links,
        clock: Clock,
    ) -> None:
        self._store = store
        self._inbox = inbox
        self._front = front
        self._links = links
        self._clock = clock

    async def page(self, request: Request) -> Response:
        """Answers GET (and HEAD) with the question and POST with what it did."""
        token = request.path_params["token"]
        name = self._links.delivery(token)
        found = None if name is None else await asyncio.to_thread(self._look_up, name)
        front = self._front()
        defaults = front.languages if front else ()
        if found is None:
            accepted = request.headers.get("accept-language", "").split(",")
            return _page(not_valid(words_for([*accepted, *defaults])), 404)
        delivery, language = found
        words = words_for([language, *defaults])
        sender = front.name if front else request.url.hostname or ""
        if request.method != "POST":
            return _page(ask(words, delivery.category, sender))
        await read_bytes(request, _LARGEST_FORM)
        await self._withdraw(delivery)
        return _page(done(words, delivery.category, sender))

    def _look_up(self, name: str) -> tuple[Delivery, object] | None:
        delivery = self._store.deliveries([name]).get(name)
        if delivery is None:
            return None
        view = self._store.people([delivery.person], ()).get(delivery.person)
        return delivery, view.profile.attributes.get("language") if view else None

    async def _withdraw(self, delivery: Delivery) -> None:
        """For the whole category, on every channel: less than was asked for would be wrong, and
        somebody who presses this button does not think in channels.

        A fresh id each time: whoever subscribes again may press the same old button again.
        """
        now = self._clock.now()
        withdrawn = Happened("consent_withdrawn", now, now, 0, {"category": delivery.category})
        name = f"unsubscribe/{delivery.id}/{uuid.uuid4()}"
        await self._inbox.add([EventArrived(name, delivery.person, withdrawn)])


def _page(html: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status, headers=dict(_HEADERS))
