"""What Kite reports later: a list of events, signed over the time and the raw body."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from channels.http.answers import one_line
from channels.http.codes import CodeTable
from channels.receipts import (
    Answered,
    Incoming,
    NotGenuine,
    Report,
    What,
    is_one_of,
    moment,
    read_body,
)
from dsl.calendar import MINUTE, SECOND, Instant

__all__ = ["KiteReceiver", "signature"]

_WHAT: dict[str, What] = {"delivered": "delivered", "failed": "failed"}
_WINDOW = 5 * MINUTE  # what is older may have been overheard, and be told again by somebody else


class KiteReceiver:
    """Believes what is signed with one of the ``secrets`` and is new."""

    def __init__(self, secrets: tuple[str, ...], codes: CodeTable) -> None:
        self._secrets = secrets
        self._codes = codes

    def read(self, incoming: Incoming, now: Instant) -> Answered | NotGenuine:
        """Every event that is about a message of ours. The key is Kite's name for the event, so that
        whatever it tells twice counts once.
        """
        made = incoming.headers.get("x-kite-time", "")
        right = [signature(secret, made, incoming.body) for secret in self._secrets]
        if not is_one_of(right, incoming.headers.get("x-kite-signature", "").encode()):
            return NotGenuine("the signature is wrong")
        if not made.isdecimal() or abs(int(made) * SECOND - now) > _WINDOW:
            return NotGenuine("it is too old, or from the future")
        events = read_body(incoming)
        if isinstance(events, NotGenuine):
            return events
        reports = [
            self._report(event) for event in events if isinstance(events, list) and _is_ours(event)
        ]
        return Answered(reports)

    def _report(self, event: Mapping[str, Any]) -> Report:
        what, key, at = _WHAT[event["kind"]], str(event.get("event")), moment(event.get("at"))
        if what != "failed":
            return Report(event["ref"], what, key, at)
        code = str(event.get("code") or "")
        reason = f"{code} {one_line(event.get('words') or '')}".strip()
        return Report(event["ref"], what, key, at, reason, self._codes.failure(code))


def signature(secret: str, made: str, body: bytes) -> bytes:
    """As Kite makes it: ``made`` is the second, in digits, at which it was made."""
    text = made.encode() + b"." + body
    return hmac.new(secret.encode(), text, sha256).hexdigest().encode()


def _is_ours(event: object) -> bool:
    return (
        isinstance(event, dict)
        and event.get("kind") in _WHAT
        and isinstance(event.get("ref"), str)
        and bool(event["ref"])
    )
