"""Who stands before one of our pages: the recipient of the message whose link they followed.

A link proves that somebody got a message, and nothing else; whoever has it may say what they want
to get, as who was written to could. What it does not open stays closed: no page shows more of a
person than the beginning of an address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from engine.access.links import Links
from engine.api.front import Front
from engine.api.pages import not_valid, words_for
from engine.api.problem import Lingering
from engine.core.effects import Delivery
from engine.store.protocol import PersonView, Store

__all__ = ["Recipient", "Recipients", "html", "wrong_link"]

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


class Recipient(NamedTuple):
    """Somebody who was written to. ``languages`` are those to speak to them, best first."""

    delivery: Delivery
    view: PersonView
    languages: Sequence[Any]


class Recipients:
    """Finds them by the tokens of our links."""

    def __init__(self, store: Store, links: Links) -> None:
        self._store = store
        self._links = links

    async def find(
        self, token: str, front: Front | None, events: Iterable[str] = ()
    ) -> Recipient | None:
        """Who got the message of a token of ours, with their history of ``events``; None if it is
        not one, or if they have been forgotten.
        """
        name = self._links.delivery(token)
        if name is None:
            return None
        return await asyncio.to_thread(self._look_up, name, front, events)

    def _look_up(self, name: str, front: Front | None, events: Iterable[str]) -> Recipient | None:
        delivery = self._store.deliveries([name]).get(name)
        if delivery is None:
            return None
        view = self._store.people([delivery.person], events).get(delivery.person)
        if view is None:
            return None
        own = view.profile.attributes.get("language")
        return Recipient(delivery, view, (own, *(front.languages if front else ())))


def wrong_link(request: Request, front: Front | None) -> Response:
    """That the link is not one of ours, to somebody of whom only the browser speaks."""
    accepted = request.headers.get("accept-language", "").split(",")
    words = words_for([*accepted, *(front.languages if front else ())])
    return html(not_valid(words), 404)


def html(
    page: str,
    status: int = 200,
    headers: Mapping[str, str] = MappingProxyType({}),
    *,
    unread: bool = False,
) -> Response:
    """A page for people. ``unread`` says that there is more of the request than was read."""
    form = Lingering if unread else HTMLResponse
    return form(page, status, {**_HEADERS, **headers}, "text/html")
