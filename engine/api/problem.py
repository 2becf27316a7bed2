"""Errors as problem+json (RFC 9457): a status and one clear sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal, TypeAlias

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

__all__ = ["Guest", "Problem", "answer"]

Guest: TypeAlias = Literal["large", "bomb", "slow", "unreadable", "inside", "often", "cursor"]
"""Larger than may come; small on the way and larger when unpacked; too slow; not to be read at all;
a webhook that would lead inside; too much at once; a cursor of another list, or made up.
"""

_LINGER_SECONDS = 2
_LINGER_BYTES = 16 * 1024 * 1024


class Problem(Exception):
    """Why a request is not done. ``unread``: its body has not been read to the end. ``guest`` says
    what sort of request it is that nobody honest makes, for whoever counts them.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
        unread: bool = False,
        guest: Guest | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = dict(more or {})
        self.unread = unread
        self.guest = guest


def answer(problem: Problem) -> Response:
    """The response for a problem."""
    title = HTTPStatus(problem.status).phrase
    body = {
        "type": f"/docs#problem-{problem.status}",
        "title": title,
        "status": problem.status,
        "detail": problem.detail,
        **problem.more,
    }
    form = Lingering if problem.unread else Response
    return form(
        orjson.dumps(body),
        status_code=problem.status,
        headers=problem.headers,
        media_type="application/problem+json",
    )


class Lingering(Response):
    """Answers before the request has been read, then throws the rest of it away for a moment.

    Closing a connection with unread data resets it, and the sender would see a broken pipe
    instead of the answer. Nothing is kept, and the patience is bounded in bytes and in time.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers["connection"] = "close"
        start = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        await send(start)
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        thrown = 0
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                while thrown < _LINGER_BYTES:
                    message = await receive()
                    if message["type"] != "http.request" or not message.get("more_body"):
                        break
                    thrown += len(message.get("body", b""))
        except TimeoutError:
            pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})
