"""``/v1/track``, ``/v1/batch`` and so on: events in, in the Segment spec; and calls that start a
journey.

The answer is given when the events are durable, and not before.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response

from engine.access.trail import Trail, called, said_operator
from engine.api.body import is_plain, read_json
from engine.api.front import Front
from engine.api.keys import Keys, given_key
from engine.api.problem import Problem
from engine.api.rates import Rates
from engine.clock import Clock
from engine.core.deeds import Deed
from engine.core.keys import Key, Scope
from engine.core.signals import Arrival
from engine.ingest import (
    LARGEST_BATCH,
    LARGEST_EVENT,
    MOST_EVENTS,
    Refused,
    Sender,
    Taken,
)
from engine.ingest.inbox import Inbox
from engine.ingest.starting import NoStart, read_start
from engine.ingest.strays import StrayDesk
from engine.metrics import Metrics
from engine.pressure import Pressure
from engine.store.protocol import Appended
from engine.tracing import Tracer, read_traceparent

__all__ = ["KINDS", "Beside", "Body", "Calls", "calls_in"]

KINDS: Final = ("track", "identify", "page", "screen", "group", "alias")
"""The calls of the Segment spec. Its client for pages calls them by their first letters."""

_NO_PROJECT = "No project is deployed yet, so events cannot be checked; send them again later."
_BEHIND = "More events are waiting than can be processed soon; send these again later."
_AGAIN = {"retry-after": "1"}


class Body(NamedTuple):
    """What a request said, and whose key came with it."""

    key: Key
    said: dict[str, Any]


class Beside(NamedTuple):
    """Where what is not for people's histories is written."""

    strays: StrayDesk
    trail: Trail


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
        beside: Beside,
    ) -> None:
        self._strays, self._trail = beside
        self._inbox = inbox
        self._front = front
        self._keys = keys
        self._metrics = metrics
        self._clock = clock
        self._tracer = tracer
        self._pressure = pressure
        self._rates = Rates()

    def one(self, kind: str) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint for one call of a kind."""

        async def take(request: Request) -> Response:
            key, said = await self.receive(request, LARGEST_EVENT)
            taken = self.take([{**said, "type": kind}], None, key)
            await self._witness(request, key, taken.arrivals)
            await self._strays.take(taken.odd)
            if taken.refused:
                raise Problem(400, taken.refused[0].error)
            if taken.arrivals:
                await self._add(request, taken.arrivals, taken.beside)
            return _json({"success": True})

        return take

    async def batch(self, request: Request) -> Response:
        """Several calls; each is taken or refused by itself."""
        key, said = await self.receive(request, LARGEST_BATCH)
        calls = calls_in(said)
        return _json(await self.take_all(request, key, calls, said.get("sentAt")))

    async def take_all(
        self, request: Request, key: Key, calls: Sequence[object], sent_at: object
    ) -> dict[str, Any]:
        """What is to be answered when all that are right are durable. A problem, if none is."""
        taken = self.take(calls, sent_at, key)
        await self._witness(request, key, taken.arrivals)
        await self._strays.take(taken.odd)
        rejected = [_shown(refused) for refused in taken.refused]
        aside = len(calls) - len(rejected) - len(taken.arrivals) + len(taken.beside)
        if not taken.arrivals and not aside:
            first = taken.refused[0].error
            detail = f"None of the {len(calls)} events was accepted. The first: {first}"
            raise Problem(400, detail, more={"rejected": rejected})
        appended = Appended(0, 0)
        if taken.arrivals:
            appended = await self._add(request, taken.arrivals, taken.beside)
        return {
            "success": True,
            "accepted": appended.accepted,
            "repeated": appended.repeated,
            "rejected": rejected,
            **({"kept_aside": aside} if aside else {}),
        }

    async def start(self, request: Request) -> Response:
        """One person into one journey that starts on a call, with its inputs."""
        key = await self._keys.require(request, Scope.WRITE)
        body = await read_json(request, LARGEST_EVENT)
        front = self._front()
        if front is None:
            raise Problem(503, _NO_PROJECT, headers=_AGAIN)
        now = self._clock.now()
        asked = read_start(front.journeys, request.path_params["journey"], body, now, _fresh)
        if isinstance(asked, NoStart):
            raise Problem(asked.status, asked.error)
        about = {"journey": asked.journey}
        deed = Deed(now, called(key), "start_run", asked.person, about)
        await self._trail.add(deed)
        await self._add(request, [asked])
        return _json({"success": True})

    async def _witness(self, request: Request, key: Key, arrivals: Sequence[Arrival]) -> None:
        """Writes down what an operator sends by hand, before it is taken. What programs send is in
        people's histories, and not in the audit log.
        """
        by = said_operator(request.headers)
        if by and arrivals:
            people = {each.person for each in arrivals}
            whom = people.pop() if len(people) == 1 else ""
            about = {"by": by, "events": len(arrivals)}
            now = self._clock.now()
            await self._trail.add(Deed(now, called(key), "send-event", whom, about))

    async def receive(self, request: Request, limit: int) -> Body:
        """The body of a request of somebody who may send events. Clients that cannot set a header
        put the key into the body; it is read then before anybody knows whose it is.
        """
        key = None
        if given_key(request) is not None:
            key = await self._keys.require(request, Scope.INGEST)
            self._check_rate(key, 0)
        said = await read_json(request, limit, plain=True)
        if key is None:
            given = said.get("writeKey") or said.get("api_key")
            text = given if isinstance(given, str) else ""
            key = await self._keys.require(request, Scope.INGEST, text)
        if is_plain(request) and key.kind != "browser":
            # No page of anybody else's may send without asking us first, but with a page's own key.
            detail = "Send JSON, with the header Content-Type: application/json."
            raise Problem(415, detail)
        return Body(key, said)

    def take(self, calls: Sequence[object], sent_at: object, key: Key) -> Taken:
        """What becomes of calls."""
        front = self._front()
        if front is None:
            raise Problem(503, _NO_PROJECT, headers=_AGAIN)
        self._check_rate(key, len(calls))
        sender = Sender(f"{key.id}/" if key.id else "", key.kind == "browser", key.origin)
        taken = front.intake.take(calls, self._clock.now(), _fresh, sent_at, sender)
        self._metrics.events.labels("refused").inc(len(taken.refused))
        self._metrics.ignored_traits.inc(taken.ignored.total())
        return taken

    def _check_rate(self, key: Key, count: int) -> None:
        seconds = self._rates.take(key, count)
        if seconds is not None:
            self._metrics.events.labels("put off").inc(count)
            self._metrics.refused_keys.labels("rate").inc()
            detail = (
                f"More than {key.rate} events a second were sent with this key; send these later."
            )
            raise Problem(
                429, detail, headers={"retry-after": str(seconds)}, unread=not count, guest="often"
            )

    def _check_room(self, count: int) -> None:
        """Tells the sender to come back if there is none."""
        seconds = self._pressure.admit(count)
        if seconds is not None:
            self._metrics.events.labels("put off").inc(count)
            raise Problem(429, _BEHIND, headers={"retry-after": str(seconds)})

    async def _add(
        self,
        request: Request,
        arrivals: Sequence[Arrival],
        beside: Sequence[int] = (),
    ) -> Appended:
        """Makes arrivals durable; how many of them were new, without those that came ``beside``."""
        count = len(arrivals)
        self._check_room(count)
        began = self._tracer.began()
        try:
            appended = await self._inbox.add(arrivals)
        except Exception:
            self._pressure.give_back(count)
            raise
        if beside:
            repeated = len(appended.repeats.difference(beside))
            appended = Appended(count - len(beside) - repeated, repeated)
        self._metrics.events.labels("accepted").inc(appended.accepted)
        self._metrics.events.labels("repeated").inc(appended.repeated)
        if self._tracer.listens:
            caller = read_traceparent(request.headers.get("traceparent", ""))
            self._tracer.arrived(arrivals, began, caller)
        return appended


def calls_in(said: dict[str, Any]) -> list[object]:
    """The calls of a batch."""
    calls = said.get("batch")
    if not isinstance(calls, list) or not calls:
        raise Problem(400, 'The body must have a list of events in "batch".')
    if len(calls) > MOST_EVENTS:
        raise Problem(413, f"These are {len(calls)} events; send at most {MOST_EVENTS} together.")
    return calls


def _fresh() -> str:
    return str(uuid.uuid4())


def _shown(refused: Refused) -> dict[str, Any]:
    return {"index": refused.place, "messageId": refused.message_id, "error": refused.error}


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
