"""``/c/TOKEN`` leads on to where a link of a message leads, ``/o/TOKEN`` is a picture nobody sees.

Nothing of a request decides where it leads: the token says which link of which message it is, and
what is stored of the message says where that leads. Whoever clicks is led on at once; that they did
is written down afterwards, if there is room for it.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from channels.agents import by_agent
from dsl.calendar import SECOND, Instant
from engine.access.links import Links
from engine.api.front import Front
from engine.api.pages import Words, not_now, not_valid, words_for
from engine.api.platforms import is_browser, leads_to, platform_of
from engine.clock import Clock
from engine.core.effects import Delivery
from engine.core.ids import receipt_id
from engine.core.scanning import AT_ONCE, BROWSER
from engine.core.signals import ReceiptArrived
from engine.ingest.inbox import Inbox, InboxFullError
from engine.metrics import Metrics
from engine.store.protocol import Store, StoreUnavailableError

__all__ = ["Clicks"]

_ONCE = 2 * SECOND  # the same link followed again within it is the same click
_PARKED: Final = AT_ONCE + SECOND // 2  # until it is known what else is clicked in a message
_MOST_PARKED = 10_000
_PICTURE = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_AHEAD = frozenset({"prefetch", "prerender", "preview", "instant"})
_SAFE = ":/%#?=@[]!$&'()*+,;~"
_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex",
    }
)


class Clicks:
    """Both endpoints."""

    def __init__(
        self,
        store: Store,
        inbox: Inbox,
        front: Callable[[], Front | None],
        links: Links,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._store = store
        self._inbox = inbox
        self._front = front
        self._links = links
        self._metrics = metrics
        self._clock = clock
        self._parked: OrderedDict[str, Instant] = OrderedDict()

    async def follow(self, request: Request) -> Response:
        """Leads on; or says that this is no link of ours, whatever else the request says."""
        found = self._links.clicked(request.path_params["token"])
        try:
            delivery = None if found is None else await self._known(found[0])
        except StoreUnavailableError:
            words = self._words(request)
            return HTMLResponse(not_now(words), 503, headers={**_HEADERS, "retry-after": "60"})
        if found is None or delivery is None or found[1] >= len(delivery.links):
            return HTMLResponse(not_valid(self._words(request)), 404, headers=dict(_HEADERS))
        destination = delivery.links[found[1]]
        agent = request.headers.get("user-agent", "")
        by = _by(request, agent)
        heard = BackgroundTask(self._hear, delivery, "clicked", by, found[1])
        if "application/json" in request.headers.get("accept", ""):  # an app that was opened by it
            content = {"web": destination.web, "app": destination.app or None}
            return JSONResponse(content, headers=dict(_HEADERS), background=heard)
        leads = quote(leads_to(destination, platform_of(agent)), safe=_SAFE)
        return Response(status_code=302, headers={**_HEADERS, "location": leads}, background=heard)

    async def see(self, request: Request) -> Response:
        """The picture. Whoever asks for it with a token of ours has opened the message."""
        name = self._links.opened(request.path_params["token"])
        delivery = None if name is None else await self._known(name)
        if delivery is None:
            return Response(status_code=404, headers=dict(_HEADERS))
        by = _by(request, request.headers.get("user-agent", ""))
        heard = BackgroundTask(self._hear, delivery, "opened", by, 0)
        headers = {**_HEADERS, "cross-origin-resource-policy": "cross-origin"}
        return Response(_PICTURE, media_type="image/gif", headers=headers, background=heard)

    async def _known(self, name: str) -> Delivery | None:
        return (await asyncio.to_thread(self._store.deliveries, [name])).get(name)

    def _words(self, request: Request) -> Words:
        front = self._front()
        wishes = request.headers.get("accept-language", "").split(",")
        return words_for([*wishes, *(front.languages if front else ())])

    async def _hear(
        self, delivery: Delivery, what: Literal["opened", "clicked"], by: str, number: int
    ) -> None:
        """Writes it down. Whoever clicked has long been led on, so what fails here fails quietly."""
        now = self._clock.now()
        receipt = ReceiptArrived(
            id=receipt_id(delivery.id, f"{what}/{number}/{by}/{now // _ONCE}", 0),
            person=delivery.person,
            received=self._until(delivery, now) if what == "clicked" and by != "machine" else now,
            number=0,
            delivery=delivery.id,
            what=what,
            reason=delivery.links[number].web if what == "clicked" else "",
            occurred=now,
            by=by,
        )
        told: str = what
        try:
            await self._inbox.add([receipt])
        except (InboxFullError, StoreUnavailableError):
            told = f"{what}, and not written down"
        self._metrics.receipts.labels(delivery.channel, told).inc()

    def _until(self, delivery: Delivery, now: Instant) -> Instant:
        """When it is heard of: if there are several links, only when it is known what else was
        clicked at once, so that the core can tell a person from a program that tries them all.
        """
        if len(delivery.links) < 2:
            return now
        parked = self._parked
        while parked and next(iter(parked.values())) <= now + SECOND // 2:
            parked.popitem(last=False)
        until = parked.get(delivery.id)
        if until is None:
            until = now + _PARKED
            if len(parked) < _MOST_PARKED:
                parked[delivery.id] = until
        return until


def _by(request: Request, agent: str) -> str:
    """Who asks, as far as the request tells; the core looks at what else they do."""
    purposes = {
        word.strip().lower()
        for name in ("purpose", "sec-purpose", "x-purpose", "x-moz")
        for word in request.headers.get(name, "").split(";")
    }
    if request.method == "HEAD" or not purposes.isdisjoint(_AHEAD):
        return "machine"
    by = by_agent(agent)
    return BROWSER if by == "unverified" and _is_reader(agent) else by


def _is_reader(agent: str) -> bool:
    """A browser or a mail program, and no proxy that stands between one and us."""
    return is_browser(agent) and "proxy" not in agent.lower() and "ggpht" not in agent.lower()
