"""What Postmark's webhooks tell. They are not signed: a login stands in the address that Postmark
calls, and that is all there is to know it by.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from channels.agents import by_agent
from channels.email.bounces import Judged, enhanced_code, judge_bounce
from channels.http.answers import one_line
from channels.http.codes import read_codes
from channels.receipts import (
    Answered,
    Incoming,
    NotGenuine,
    Report,
    complaint,
    followed,
    is_one_of,
    moment,
    read_body,
    unsubscribed,
)
from dsl.calendar import Instant

__all__ = ["BOUNCES", "PostmarkReceiver"]

BOUNCES = read_codes(files("channels.postmark") / "bounces.tsv")

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
            link, agent = followed(record.get("OriginalLink")), record.get("UserAgent")
            return Report(delivery, "clicked", key, at, link, by=by_agent(agent))
        case "Bounce":
            return _bounce(record, delivery, key, at)
        case "SpamComplaint":
            return complaint(delivery, key, at, "postmark")
        case "SubscriptionChange" if record.get("SuppressSending") is True:
            if record.get("SuppressionReason") != "ManualSuppression":
                return None  # it is told as a bounce or a complaint
            stream = f"postmark, stream {record.get('MessageStream')}"
            return unsubscribed(delivery, key, at, stream, "channel")
        case _:
            return None


def _bounce(record: Mapping[str, Any], delivery: str, key: str, at: Instant) -> Report | None:
    """By the receiver's own code, and if it told none by Postmark's type."""
    kind = str(record.get("Type"))
    failure = BOUNCES.failure(kind)
    if failure is None:
        return None
    details = one_line(record.get("Details") or "")
    reason = details or one_line(record.get("Description") or kind)
    judged = judge_bounce(enhanced_code(details), details, Judged(failure, BOUNCES.rule(kind)))
    return Report(
        *(delivery, "bounced", key, at, reason, judged.failure),
        withdrawal=BOUNCES.withdrawal(kind),
        rule=judged.rule,
    )


def _occurred(record: Mapping[str, Any]) -> Instant:
    """By the first of its times that is one."""
    return next(filter(None, (moment(record.get(name)) for name in _TIMES)), 0)
