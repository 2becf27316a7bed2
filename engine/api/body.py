"""Reading a request's body: never more than its limit, packed or not."""

from __future__ import annotations

import asyncio
import zlib
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from engine.api.problem import Guest, Problem

__all__ = ["is_plain", "read_bytes", "read_json"]

_PATIENCE = 30  # seconds for a whole body
_GZIP = 16 + zlib.MAX_WBITS


async def read_json(request: Request, limit: int, *, plain: bool = False) -> dict[str, Any]:
    """The JSON object in the body, of at most ``limit`` bytes after unpacking. With ``plain``, it may
    be called plain text.
    """
    if _kind(request) != "application/json" and not (plain and is_plain(request)):
        detail = "Send JSON, with the header Content-Type: application/json."
        raise Problem(415, detail, unread=True, guest="unreadable")
    data = await read_bytes(request, limit)
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Problem(400, _not_json(data, error), guest="unreadable") from error
    if not isinstance(body, dict):
        raise Problem(400, "The body must be a JSON object.", guest="unreadable")
    return body


def is_plain(request: Request) -> bool:
    """Whether the body is called plain text: what a page sends that is being left, or that does not
    want its browser to ask first.
    """
    return _kind(request) == "text/plain"


def _kind(request: Request) -> str:
    kind = request.headers.get("content-type", "application/json")
    return kind.partition(";")[0].strip().lower()


def _not_json(data: bytes, error: orjson.JSONDecodeError) -> str:
    if not data.strip():
        return "The body is empty; send a JSON object."
    if "depth" in error.msg or "ecursion" in error.msg:
        return "The body is nested too deeply."
    return f"The body is not JSON: line {error.lineno}, column {error.colno}."


async def read_bytes(request: Request, limit: int) -> bytes:
    """The body, of at most ``limit`` bytes after unpacking."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        detail = "The body may be packed with gzip only (Content-Encoding: gzip)."
        raise Problem(415, detail, unread=True, guest="unreadable")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(_PATIENCE):
            data = await _read(request, limit)
    except TimeoutError as error:
        detail = f"The body did not arrive within {_PATIENCE} seconds."
        raise Problem(408, detail, unread=True, guest="slow") from error
    except ClientDisconnect as error:
        raise Problem(400, "The connection was closed before the end of the body.") from error
    return _unpacked(data, limit) if encoding == "gzip" else data


async def _read(request: Request, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
    return b"".join(parts)


def _unpacked(data: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        plain = unpacker.decompress(data, limit + 1)
    except zlib.error as error:
        raise Problem(400, "The body is not valid gzip.", guest="unreadable") from error
    if len(plain) > limit:
        raise _too_large(limit, "bomb")
    if not unpacker.eof or unpacker.unused_data:
        detail = "The body is not valid gzip: it is cut off, or something follows it."
        raise Problem(400, detail, guest="unreadable")
    return plain


def _too_large(limit: int, guest: Guest = "large") -> Problem:
    detail = f"The body is larger than {limit // 1024} KB."
    return Problem(413, detail, unread=guest == "large", guest=guest)
