"""``/v1/people/ID/export``: all that is known of a person, for them to have.

It is read at one moment, and only then handed out: a slow reader holds nothing up.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from engine.api.front import ApiSettings
from engine.api.keys import check_key
from engine.api.problem import Problem
from engine.clock import Clock
from engine.deploy import deployed_project
from engine.dossier import written
from engine.store.protocol import Store

__all__ = ["Exporting"]

_NO_KEYS = (
    "What is known of people is only handed out for a read key, and this daemon has none: set"
    " WAYLINE_READ_KEYS."
)


class Exporting:
    """The endpoint. Whoever may send events may not read what is known of people for that."""

    def __init__(self, store: Store, settings: ApiSettings, clock: Clock) -> None:
        self._store = store
        self._keys = tuple(key.encode() for key in settings.read_keys)
        self._closed = bool(settings.write_keys) and not settings.read_keys
        self._clock = clock

    async def person(self, request: Request) -> Response:
        """One person."""
        if self._closed:
            raise Problem(403, _NO_KEYS)
        check_key(request, self._keys, "read")
        person = request.path_params["person"].strip()
        dossier = await asyncio.to_thread(self._store.dossier, person)
        if dossier is None:
            raise Problem(404, "Nobody of this id has ever been heard of.")
        project = await asyncio.to_thread(deployed_project, self._store)
        return StreamingResponse(
            written(dossier, project, self._clock.now()),
            media_type="application/json",
            headers={"cache-control": "no-store"},
        )
