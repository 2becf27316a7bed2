"""Web services over HTTP: what a question looks like on the wire, and what an answer means.

Only ``channels.http.transport`` talks; here requests are built and responses are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import orjson

from channels.http.answers import seconds_to_wait
from channels.http.transport import Lost, Request, Response, Transport
from channels.services.port import Answer, NoAnswer, Question
from dsl.calendar import Instant, from_datetime

__all__ = ["MOST_BYTES", "HttpServices", "read"]

MOST_BYTES = 64 * 1024
"""How long an answer may be."""

_LATER = frozenset({408, 425, 429})  # of those of the asker's faults, the ones that pass


class HttpServices:
    """POSTs JSON and reads JSON. ``secrets`` are by name; none of them is ever told to anybody but
    the service that needs it.
    """

    def __init__(self, secrets: Mapping[str, str], *, connections: int = 256) -> None:
        self._secrets = dict(secrets)
        self._transport = Transport(connections)

    async def ask(self, question: Question, timeout_seconds: float) -> Answer | NoAnswer:
        """One request; a redirect is not followed, whatever it says."""
        service = question.service
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Idempotency-Key": question.id,
        }
        if service.secret:
            secret = self._secrets.get(service.secret)
            if not secret:
                return NoAnswer(f"the secret {service.secret} is not set", again=False)
            headers["Authorization"] = f"Bearer {secret}"
        body = orjson.dumps(dict(question.values))
        request = Request(service.address, headers, body)
        response = await self._transport.exchange(request, timeout_seconds, MOST_BYTES)
        if isinstance(response, Lost):
            return NoAnswer(response.reason, again=True)
        return read(response)

    async def close(self) -> None:
        """Closes the connections that are kept open."""
        await self._transport.close()


def read(response: Response) -> Answer | NoAnswer:
    """What a response means."""
    status = response.status
    if 300 <= status < 400:
        return NoAnswer(f"it sends us to another address ({status})", again=False)
    if not 200 <= status < 300:
        again = status >= 500 or status in _LATER
        after = seconds_to_wait(response, _sent(response)) if again else None
        return NoAnswer(f"it answered {status}", again, after)
    if response.body is None:
        return NoAnswer("its answer is too long", again=False)
    if not response.body.strip():
        return Answer({})
    try:
        values = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return NoAnswer("its answer is not JSON", again=False)
    if not isinstance(values, dict):
        return NoAnswer("its answer is not a JSON object", again=False)
    return Answer(values)


def _sent(response: Response) -> Instant:
    """When the service says that it answered: what it says of later is by the same clock."""
    try:
        return from_datetime(parsedate_to_datetime(response.headers.get("date", "")))
    except (TypeError, ValueError):
        return 0
