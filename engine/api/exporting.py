"""``/v1/people/ID/export``: all that is known of a person, for them to have; and ``consents``.

It is read at one moment, and only then handed out: a slow reader holds nothing up.
"""

from __future__ import annotations

import asyncio

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from engine.api.keys import Keys
from engine.api.problem import Problem
from engine.clock import Clock
from engine.core.keys import Scope
from engine.deploy import deployed_project
from engine.dossier import written
from engine.ledger import as_data, consents_in
from engine.operator import OperatorError
from engine.store.protocol import Store

__all__ = ["Exporting"]

_NOBODY = "Nobody of this id has ever been heard of."


class Exporting:
    """The endpoints. Whoever may send events may not read what is known of people for that."""

    def __init__(self, store: Store, keys: Keys, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock

    async def consents(self, request: Request) -> Response:
        """What one person has said about being written to, and what follows, at ``at`` and as it
        was ``known_at``.
        """
        person = await self._allowed(request)
        asked = request.query_params
        try:
            ledger = await asyncio.to_thread(
                consents_in,
                self._store,
                person,
                self._clock.now(),
                asked.get("at"),
                asked.get("known_at"),
            )
        except OperatorError as mistake:
            raise Problem(400, str(mistake)) from None
        if ledger is None:
            raise Problem(404, _NOBODY)
        return Response(
            orjson.dumps(as_data(ledger)),
            media_type="application/json",
            headers={"cache-control": "no-store"},
        )

    async def person(self, request: Request) -> Response:
        """One person."""
        person = await self._allowed(request)
        dossier = await asyncio.to_thread(self._store.dossier, person)
        if dossier is None:
            raise Problem(404, _NOBODY)
        project = await asyncio.to_thread(deployed_project, self._store)
        return StreamingResponse(
            written(dossier, project, self._clock.now()),
            media_type="application/json",
            headers={"cache-control": "no-store"},
        )

    async def _allowed(self, request: Request) -> str:
        """The person asked for, by somebody who may."""
        await self._keys.require(request, Scope.READ)
        name: str = request.path_params["person"]
        return name.strip()
