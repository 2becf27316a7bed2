"""``/batch/``: the batches of PostHog's clients, as far as they say what ours do."""

from __future__ import annotations

from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from engine.api.calls import Calls, calls_in
from engine.ingest import LARGEST_BATCH
from engine.ingest.posthog import translated

__all__ = ["PATHS", "PostHog"]

PATHS: Final = ("/batch/", "/batch")


class PostHog:
    """The endpoint. The key comes as ``api_key`` in the body."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def batch(self, request: Request) -> Response:
        """Several events. What only PostHog knows is left out, and is no mistake."""
        key, said = await self._calls.receive(request, LARGEST_BATCH)
        found = translated(calls_in(said))
        answer: dict[str, Any] = {"success": True, "accepted": 0, "repeated": 0, "rejected": []}
        if found.calls:
            sent_at = said.get("sent_at") or said.get("sentAt")
            answer = await self._calls.take_all(request, key, found.calls, sent_at)
            for rejected in answer["rejected"]:
                rejected["index"] = found.places[rejected["index"]]
        body = {"status": 1, **answer, "ignored": found.ignored}
        return Response(orjson.dumps(body), media_type="application/json")
