"""The HTTP API as a Starlette application. Every answer of ours that is an error is a problem."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.access.keyring import Keyring, configured
from engine.access.trail import Trail
from engine.api import posthog
from engine.api.associations import Associations
from engine.api.calls import KINDS, Beside, Calls
from engine.api.clicks import Clicks
from engine.api.crossing import Crossing
from engine.api.front import ApiSettings, Front
from engine.api.keys import Keys
from engine.api.posthog import PostHog
from engine.api.preferences import PreferenceCentre
from engine.api.problem import Problem, answer
from engine.api.recipients import Recipients
from engine.api.replies import Replies
from engine.api.reports import Reports
from engine.api.unsubscribe import Unsubscribe
from engine.api.v1 import OPERATIONS, Serving
from engine.api.v1.browsing import pages_of
from engine.api.v1.means import Means, Readers
from engine.api.v1.pacing import Pacing
from engine.clock import Clock
from engine.ingest.inbox import Inbox, InboxFullError
from engine.ingest.strays import StrayDesk
from engine.metrics import Metrics
from engine.store.protocol import Store, StoreUnavailableError
from engine.tracing import NoTracer, Tracer

__all__ = ["create_app"]

# By their names, and by the letters that the client for pages has for them.
_SPEC = {f"/v1/{name}": kind for kind in KINDS for name in (kind, kind[0])}
_BATCHES = ("/v1/batch", "/v1/b")
_AGAIN = {"retry-after": "1"}
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def create_app(
    store: Store,
    front: Callable[[], Front | None],
    wake: Callable[[], None],
    settings: ApiSettings,
    metrics: Metrics,
    clock: Clock,
    tracer: Tracer | None = None,
) -> Starlette:
    """The application. ``wake`` is called, on the event loop, when something has been appended."""
    inbox = Inbox(store, wake, door=settings.door)
    ring = Keyring(store.keys, configured(settings.write_keys, settings.read_keys))
    keys = Keys(
        ring, metrics, clock, write=bool(settings.write_keys), read=bool(settings.read_keys)
    )
    calls = Calls(
        inbox,
        front,
        keys,
        metrics,
        clock,
        tracer or NoTracer(),
        settings.pressure,
        Beside(strays := StrayDesk(store, metrics, clock), trail := Trail(store)),
    )

    async def ready(_request: Request) -> Response:
        problems = list(await settings.problems())
        if front() is None:
            problems.append("No project is deployed.")
        if problems:
            raise Problem(503, " ".join(problems))
        return PlainTextResponse("ready\n")

    async def healthy(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def figures(_request: Request) -> Response:
        return Response(metrics.text(), headers={"content-type": _PROMETHEUS})

    async def problem(_request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        if error.guest is not None:
            metrics.refused_requests.labels(error.guest).inc()
        return answer(error)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        readers.close()
        inbox.close()
        await strays.close()

    replies = Replies(store, front, wake, metrics)
    reports = Reports(store, inbox, settings.receivers, replies, metrics, clock)
    readers = Readers()
    means = Means(
        store,
        readers,
        front,
        inbox,
        settings.pressure,
        metrics,
        clock,
        trail,
        settings.hooks,
    )
    version_1 = Serving(means, keys, Pacing(settings.requests_per_second))
    associations = Associations(settings.apps)
    clicks = Clicks(store, inbox, front, settings.links, metrics, clock)
    recipients = Recipients(store, settings.links)
    unsubscribe = Unsubscribe(recipients, inbox, front, clock, trail)
    preferences = PreferenceCentre(recipients, inbox, front, clock, trail)
    events = [
        *[Route(path, calls.one(kind), methods=["POST"]) for path, kind in _SPEC.items()],
        *[Route(path, calls.batch, methods=["POST"]) for path in _BATCHES],
        *[Route(path, PostHog(calls).batch, methods=["POST"]) for path in posthog.PATHS],
        Route("/v1/journeys/{journey}/start", calls.start, methods=["POST"]),
        *version_1.routes(OPERATIONS),
        *pages_of(OPERATIONS),
        Route("/unsubscribe/{token}", unsubscribe.page, methods=["GET", "POST"]),
        Route("/.well-known/apple-app-site-association", associations.ios, methods=["GET"]),
        Route("/.well-known/assetlinks.json", associations.android, methods=["GET"]),
        Route("/c/{token}", clicks.follow, methods=["GET"]),
        Route("/o/{token}", clicks.see, methods=["GET"]),
        Route("/preferences/{token}", preferences.page, methods=["GET", "POST"]),
        Route("/v1/receipts/{channel}", reports.take, methods=["GET", "POST"]),
    ]
    app = Starlette(
        routes=[
            *(events if settings.takes_events else ()),
            Route("/healthz", healthy),
            Route("/readyz", ready),
            Route("/metrics", figures),
        ],
        middleware=[
            Middleware(_Measured, metrics=metrics),
            Middleware(Crossing, ring=ring, clock=clock, paths=(*_SPEC, *_BATCHES, *posthog.PATHS)),
        ],
        exception_handlers={
            Problem: problem,
            HTTPException: _http,
            InboxFullError: _full,
            StoreUnavailableError: _unavailable,
            Exception: _bug,
        },
        lifespan=lifespan,
    )
    # Or a token would be sent on to whatever host the request names, and without TLS.
    app.router.redirect_slashes = False
    return app


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentences = {
        404: "There is nothing at this address.",
        405: f"{request.method} is not possible at this address.",
    }
    detail = sentences.get(error.status_code, error.detail)
    return answer(Problem(error.status_code, detail, headers=error.headers))


async def _full(_request: Request, _error: Exception) -> Response:
    detail = "More is waiting than can be written; send this again later."
    return answer(Problem(429, detail, headers=_AGAIN))


async def _unavailable(request: Request, _error: Exception) -> Response:
    detail = "Nothing can be written at the moment; send it again."
    if request.method in ("GET", "HEAD"):
        detail = "Nothing can be read at the moment; ask again."
    return answer(Problem(503, detail, headers=_AGAIN))


async def _bug(_request: Request, _error: Exception) -> Response:
    detail = "Something is wrong on our side; send it again."
    return answer(Problem(500, detail))


class _Measured:
    """Counts and times requests, by route: addresses hold tokens and would be endless."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            route = scope.get("route")
            name = getattr(route, "path", "other")
            self._metrics.requests.labels(name, str(status)).inc()
            self._metrics.request_seconds.labels(name).observe(time.perf_counter() - began)
