"""Pages of other sites: which of them may send events from a browser (CORS).

A browser asks first, without any key; so what counts is whether any browser's key names the site.
Whether the very key does is asked when it comes (``Keys.require``).
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dsl.calendar import Instant
from engine.access.keyring import Keyring
from engine.clock import Clock
from engine.core.keys import Key, standing_of
from engine.store.trouble import StoreUnavailableError

__all__ = ["Crossing", "is_site_of"]

_ASKED = {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "authorization, content-type, content-encoding",
    "access-control-max-age": "600",
}


class Crossing:
    """Answers browsers that ask, and lets pages read our answers, on some paths."""

    def __init__(self, app: ASGIApp, ring: Keyring, clock: Clock, paths: Collection[str]) -> None:
        self._app = app
        self._ring = ring
        self._clock = clock
        self._paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        site = headers.get("origin")
        if site is None or not await self._is_ours(site):
            await self._app(scope, receive, send)
            return
        allowed = {"access-control-allow-origin": site, "vary": "Origin"}
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await Response(status_code=204, headers={**allowed, **_ASKED})(scope, receive, send)
            return

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.update(allowed)
                answer["access-control-expose-headers"] = "retry-after"
            await send(message)

        await self._app(scope, receive, said)

    async def _is_ours(self, site: str) -> bool:
        now = self._clock.now()
        try:
            for hurry in (False, True):
                keys = (await self._ring.stored(hurry=hurry)).values()
                if any(_opens(key, site, now) for key in keys):
                    return True
        except StoreUnavailableError:
            pass
        return False


def _opens(key: Key, site: str, now: Instant) -> bool:
    return (
        key.kind == "browser" and standing_of(key, now) == "valid" and is_site_of(key.sites, site)
    )


def is_site_of(sites: Collection[str], site: str) -> bool:
    """Whether pages of ``site`` may have a key that names ``sites``."""
    return "*" in sites or site.lower() in sites
