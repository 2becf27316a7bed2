"""What Postmark's webhooks tell. They are not signed: a login stands in the address that Postmark
calls, and that is all there is to know it by.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from channels.agents import by_agent
from channels.http.answers import one_line
from channels.outcome import FailureClass
from channels.receipts import Answered, Incoming, NotGenuine, Report, is_one_of, moment, read_body
from dsl.calendar import Instant

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
        if not is_one_of(self._expected, given):
            return NotGenuine("the login is wrong")
        record = read_body(incoming)
        if isinstance(record, NotGenuine):
            return record
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
            return Report(delivery, "opened", key, at, by=by_agent(record.get("UserAgent")))
        case "Click":
            return Report(delivery, "clicked", key, at, by=by_agent(record.get("UserAgent")))
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
    """By the first of its times that is one."""
    return next(filter(None, (moment(record.get(name)) for name in _TIMES)), 0)
