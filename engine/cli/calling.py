"""Calls to a running daemon."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any, Literal

import click

__all__ = ["call", "look", "post_mail"]

_PATIENCE = 30  # seconds
_NOT_FOUND = 404


def call(
    method: Literal["POST", "DELETE"], url: str, key: str | None, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The daemon's answer; also that to a batch in which nothing was right. Raises
    ``OperatorError`` with the daemon's words if it refuses, and if nobody answers.
    """
    content = None if body is None else json.dumps(body).encode()
    login = f"{key}:" if key else ""
    answer: dict[str, Any] = json.loads(_ask(method, url, login, content, "application/json"))
    return answer


def look(url: str, key: str | None) -> dict[str, Any] | None:
    """What the daemon has there; None if there is nothing. Raises ``OperatorError`` as ``call``."""
    login = f"{key}:" if key else ""
    found = _ask("GET", url, login, None, "application/json", absent=True)
    return json.loads(found) if found else None


def post_mail(url: str, login: str, mail: bytes) -> None:
    """Hands a raw mail to the daemon. Raises ``OperatorError`` if it is not taken."""
    _ask("POST", url, login, mail, "message/rfc822")


def _ask(
    method: str, url: str, login: str, content: bytes | None, kind: str, *, absent: bool = False
) -> bytes:
    """With ``absent``, nothing is an answer if there is nothing."""
    from urllib.error import HTTPError, URLError
    from urllib.parse import quote
    from urllib.request import Request, urlopen

    from engine.access.trail import OPERATOR, operator
    from engine.config import OperatorError

    headers = {"Content-Type": kind, OPERATOR: quote(operator(), safe=" ")}
    if login:
        headers["Authorization"] = "Basic " + b64encode(login.encode()).decode()
    if not url.startswith(("http://", "https://")):
        raise click.UsageError("--url must begin with http:// or https://.")
    request = Request(url, content, headers, method=method)  # noqa: S310 - checked above
    try:
        with urlopen(request, timeout=_PATIENCE) as response:  # noqa: S310 - as above
            answer: bytes = response.read()
            return answer
    except HTTPError as refusal:
        said = refusal.read()
        problem = _problem(said)
        if "rejected" in problem:
            return said
        if absent and refusal.code == _NOT_FOUND:
            return b""
        detail = problem.get("detail", refusal.reason)
        raise OperatorError(f"{url} answered {refusal.code}: {detail}") from None
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise OperatorError(
            f"Nothing answers at {url} ({reason}): is wayline serve running there?"
        ) from None


def _problem(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
