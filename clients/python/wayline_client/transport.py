# Written by clients/python/generate.py from the OpenAPI document; do not edit.
"""How the API is asked: one request at a time, with nothing but the standard library."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping
from email.message import Message
from typing import Any
from urllib.parse import quote, urlencode

__all__ = ["Refused", "Transport", "in_path"]

_LATER = (429, 503)
_LONGEST = 60.0  # seconds to be away, whatever the answer says
_TWICE = ("GET", "DELETE", "PATCH")  # may be said again: it comes to the same


class Refused(Exception):
    """Why a request was not done: its status, one sentence, and the whole problem (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or status))
        self.status = status
        self.problem = problem
        self.headers = headers


class Transport:
    """Asks ``address`` with a ``key``. What is refused for now (429, 503) is tried again, after as
    long as the answer says, if saying it twice does no harm: a POST has an idempotency key for that.
    """

    def __init__(
        self,
        address: str,
        key: str = "",
        *,
        timeout: float = 30.0,
        attempts: int = 4,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        if not address.startswith(("http://", "https://")):
            raise ValueError("an address begins with https:// or http://")
        self._address = address.rstrip("/")
        self._headers = {"accept": "application/json"}
        if key:
            self._headers["authorization"] = "Basic " + b64encode(f"{key}:".encode()).decode()
        self._timeout = timeout
        self._attempts = max(1, attempts)
        self._wait = wait
        self._opener = urllib.request.build_opener(_NoRedirect())
        self.answered: Mapping[str, str] = {}
        """The headers of the last answer, by their names in small letters: ``etag``, for one."""

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        url = self._address + path + (f"?{urlencode(asked)}" if asked else "")
        given = {**self._headers, **{k: v for k, v in (headers or {}).items() if v is not None}}
        if method == "POST":
            given.setdefault("Idempotency-Key", str(uuid.uuid4()))
        data = None
        if body is not None:
            said = {name: value for name, value in body.items() if value is not None}
            data = json.dumps(said).encode()
            given["content-type"] = "application/json"
        for attempt in range(1, self._attempts + 1):
            request = urllib.request.Request(url, data, given, method=method)  # noqa: S310
            try:
                return self._answer(request)
            except Refused as refused:
                again = method in _TWICE or "Idempotency-Key" in given
                if refused.status not in _LATER or not again or attempt == self._attempts:
                    raise
                self._wait(_seconds(refused.headers.get("retry-after", "")))
        raise AssertionError("unreachable")

    def _answer(self, request: urllib.request.Request) -> Any:
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                self.answered = _plain(response.headers)
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                headers, text = _plain(error.headers), error.read()
            self.answered = headers
            raise Refused(error.code, _problem(text), headers) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A key is for whom it was given for."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def in_path(name: str) -> str:
    """A name as it stands in an address: also one with a slash in it is one name."""
    return quote(name, safe="")


def _plain(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _problem(text: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(text: str) -> float:
    return min(float(text), _LONGEST) if text.isdecimal() else 1.0
