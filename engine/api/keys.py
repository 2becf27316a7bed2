"""Who may ask: keys, given as the user name of basic authentication."""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections.abc import Sequence

from starlette.requests import Request

from engine.api.problem import Problem

__all__ = ["check_key"]


def check_key(request: Request, keys: Sequence[bytes], kind: str) -> None:
    """Refuses whoever has none of the keys. Without keys, anybody may ask."""
    if not keys:
        return
    given = _user(request.headers.get("authorization", ""))
    fits = [hmac.compare_digest(given, key) for key in keys]  # all of them, always
    if not any(fits):
        detail = f"Give the {kind} key as the user name of basic authentication."
        headers = {"www-authenticate": 'Basic realm="wayline"'}
        raise Problem(401, detail, headers=headers, unread=True)


def _user(header: str) -> bytes:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return b64decode(value.strip(), validate=True).partition(b":")[0]
    except ValueError:
        return b""
