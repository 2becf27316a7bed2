"""What Postmark's webhooks tell. They are not signed: a login stands in the address that Postmark
calls, and that is all there is to know it by.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from channels.http.answers import one_line
from channels.outcome import FailureClass
from channels.receipts import Answered, Incoming, NotGenuine, Report
from dsl.calendar import Instant, from_datetime

__all__ = ["PostmarkReceiver"]

_HARD = frozenset({"HardBounce", "BadEmailAddress", "ManuallyDeactivated"})
_TIMES = ("DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt")


class PostmarkReceiver:
    """Believes whoever gives one of the ``logins`` (``name:password``)."""

    def __init__(self, logins: tuple[str, ...]) -> None:
        self._expected = [
            f"Basic {b64encode(login.encode()).decode()}".encode() for login in logins
        ]

    def read(self, incoming: Incoming, now: Instant) -> Answered | NotGenuine:
        """One record."""
        given = incoming.headers.get("authorization", "").encode()
        right = [hmac.compare_digest(each, given) for each in self._expected]  # all, always
        if not any(right):
            return NotGenuine("the login is wrong")
        try:
            record = orjson.loads(incoming.body)
        except orjson.JSONDecodeError:
            return NotGenuine("the body is not JSON")
        found = _report(record) if isinstance(record, dict) else None
        return Answered(() if found is None else (found,))


def _report(record: Mapping[str, Any]) -> Report | None:
    metadata = record.get("Metadata")
    delivery = metadata.get("wayline_delivery") if isinstance(metadata, dict) else None
    if not isinstance(delivery, str) or not delivery:
        return None
    kind, at = record.get("RecordType"), _occurred(record)
    key = f"{kind}/{record.get('MessageID')}/{record.get('ID') or at}"
    match kind:
        case "Delivery":
            return Report(delivery, "delivered", key, at)
        case "Open":
            return Report(delivery, "opened", key, at)
        case "Click":
            return Report(delivery, "clicked", key, at)
        case "Bounce":
            reason = one_line(record.get("Description") or record.get("Type") or "")
            hard = record.get("Type") in _HARD
            failure = FailureClass.PERMANENT_RECIPIENT if hard else FailureClass.TRANSIENT
            return Report(delivery, "failed", key, at, reason, failure)
        case "SpamComplaint":
            failure = FailureClass.PERMANENT_RECIPIENT
            return Report(delivery, "complained", key, at, "a complaint", failure)
        case _:
            return None


def _occurred(record: Mapping[str, Any]) -> Instant:
    for name in _TIMES:
        said = record.get(name)
        if isinstance(said, str):
            try:
                moment = datetime.fromisoformat(said)
            except ValueError:
                continue
            if moment.tzinfo is not None:
                return from_datetime(moment)
    return 0
