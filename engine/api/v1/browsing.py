"""The document to be read: by programs as JSON, by people as a page that needs nothing from
elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.v1.docs_page import docs_page
from engine.api.v1.document import document
from engine.api.v1.operation import Operation

__all__ = ["pages_of", "written"]

_FOR_AN_HOUR = {"cache-control": "max-age=3600"}
_PAGE: Mapping[str, str] = MappingProxyType(
    {
        **_FOR_AN_HOUR,
        "content-security-policy": (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none';"
            " form-action 'none'"
        ),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
)


def written(operations: Sequence[Operation]) -> bytes:
    """The document as it is handed out, by the daemon and by ``wayline openapi``."""
    return orjson.dumps(document(operations), option=orjson.OPT_INDENT_2) + b"\n"


def pages_of(operations: Sequence[Operation]) -> list[Route]:
    """``/v1/openapi.json`` and ``/docs``. They are made when somebody first asks, and are no secret."""

    @cache
    def as_json() -> bytes:
        return written(operations)

    @cache
    def as_page() -> str:
        return docs_page(document(operations))

    async def for_programs(_request: Request) -> Response:
        return Response(as_json(), 200, _FOR_AN_HOUR, "application/json")

    async def for_people(_request: Request) -> Response:
        return Response(as_page(), 200, dict(_PAGE), "text/html")

    return [
        Route("/v1/openapi.json", for_programs, methods=["GET"]),
        Route("/docs", for_people, methods=["GET"]),
    ]
