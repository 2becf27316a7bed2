"""``/v1/track``, ``/v1/identify`` and ``/v1/batch``: events in, in the Segment spec; and calls that
start a journey.

The answer is given when the events are durable, and not before.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal

import orjson
from starlette.requests import Request
from starlette.responses import Response

from engine.api.body import read_json
from engine.api.front import Front
from engine.api.keys import Keys
from engine.api.problem import Problem
from engine.clock import Clock
from engine.core.keys import Scope
from engine.inbox import Inbox
from engine.ingest import LARGEST_BATCH, LARGEST_EVENT, Refused, Taken
from engine.metrics import Metrics
from engine.pressure import Pressure
from engine.starting import NoStart, read_start
from engine.store.protocol import Appended
from engine.tracing import Tracer, read_traceparent

__all__ = ["Calls"]

_NO_PROJECT = "No project is deployed yet, so events cannot be checked; send them again later."
_BEHIND = "More events are waiting than can be processed soon; send these again later."
_AGAIN = {"retry-after": "1"}


class Calls:
    """The endpoints."""

    def __init__(
        self,
        inbox: Inbox,
        front: Callable[[], Front | None],
        keys: Keys,
        metrics: Metrics,
        clock: Clock,
        tracer: Tracer,
        pressure: Pressure,
    ) -> None:
        self._inbox = inbox
        self._front = front
        self._keys = keys
        self._metrics = metrics
        self._clock = clock
        self._tracer = tracer
        self._pressure = pressure

    async def track(self, request: Request) -> Response:
        """One event."""
        return await self._one(request, "track")

    async def identify(self, request: Request) -> Response:
        """What is known about one person."""
        return await self._one(request, "identify")

    async def batch(self, request: Request) -> Response:
        """Several calls; each is taken or refused by itself."""
        await self._keys.require(request, Scope.INGEST)
        body = await read_json(request, LARGEST_BATCH)
        calls = body.get("batch")
        if not isinstance(calls, list) or not calls:
            raise Problem(400, 'The body must have a list of events in "batch".')
        taken = self._take(calls, body.get("sentAt"))
        rejected = [_shown(refused) for refused in taken.refused]
        if not taken.arrivals:
            first = taken.refused[0].error
            detail = f"None of the {len(calls)} events was accepted. The first: {first}"
            raise Problem(400, detail, more={"rejected": rejected})
        appended = await self._add(request, taken)
        return _json(
            {
                "success": True,
                "accepted": appended.accepted,
                "repeated": appended.repeated,
                "rejected": rejected,
            }
        )

    async def start(self, request: Request) -> Response:
        """One person into one journey that starts on a call, with its inputs."""
        await self._keys.require(request, Scope.WRITE)
        body = await read_json(request, LARGEST_EVENT)
        front = self._front()
        if front is None:
            raise Problem(503, _NO_PROJECT, headers=_AGAIN)
        now = self._clock.now()
        asked = read_start(front.journeys, request.path_params["journey"], body, now, _fresh)
        if isinstance(asked, NoStart):
            raise Problem(asked.status, asked.error)
        await self._add(request, Taken([asked], [], Counter()))
        return _json({"success": True})

    async def _one(self, request: Request, kind: Literal["track", "identify"]) -> Response:
        await self._keys.require(request, Scope.INGEST)
        body = await read_json(request, LARGEST_EVENT)
        taken = self._take([{**body, "type": kind}], None)
        if taken.refused:
            raise Problem(400, taken.refused[0].error)
        await self._add(request, taken)
        return _json({"success": True})

    def _take(self, calls: Sequence[object], sent_at: object) -> Taken:
        front = self._front()
        if front is None:
            raise Problem(503, _NO_PROJECT, headers=_AGAIN)
        taken = front.intake.take(calls, self._clock.now(), _fresh, sent_at)
        self._metrics.events.labels("refused").inc(len(taken.refused))
        self._metrics.ignored_traits.inc(taken.ignored.total())
        return taken

    def _check_room(self, count: int) -> None:
        """Tells the sender to come back if there is none."""
        seconds = self._pressure.admit(count)
        if seconds is not None:
            self._metrics.events.labels("put off").inc(count)
            raise Problem(429, _BEHIND, headers={"retry-after": str(seconds)})

    async def _add(self, request: Request, taken: Taken) -> Appended:
        count = len(taken.arrivals)
        self._check_room(count)
        began = self._tracer.began()
        try:
            appended = await self._inbox.add(taken.arrivals)
        except Exception:
            self._pressure.give_back(count)
            raise
        self._metrics.events.labels("accepted").inc(appended.accepted)
        self._metrics.events.labels("repeated").inc(appended.repeated)
        if self._tracer.listens:
            caller = read_traceparent(request.headers.get("traceparent", ""))
            self._tracer.arrived(taken.arrivals, began, caller)
        return appended


def _fresh() -> str:
    return str(uuid.uuid4())


def _shown(refused: Refused) -> dict[str, Any]:
    return {"index": refused.place, "messageId": refused.message_id, "error": refused.error}


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
