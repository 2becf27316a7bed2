"""Reading what providers say: nothing here raises for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from channels.http.codes import CodeTable
from channels.http.transport import Response
from channels.outcome import FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.receipts import Report
from dsl.calendar import SECOND, Instant, from_datetime

__all__ = ["by_status", "failed", "one_line", "read_object", "refusal", "seconds_to_wait"]

_LONGEST = 300  # characters of what a provider said
_LONGEST_WAIT = 86_400.0  # seconds; a provider that says more means something else
_FIRST_WAIT = 1.0


def read_object(response: Response) -> Mapping[str, Any]:
    """The JSON object in an answer; an empty one if there is none."""
    try:
        found = orjson.loads(response.body or b"")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def one_line(said: object) -> str:
    """What a provider said, for people: on one line, and not for ever."""
    text = " ".join(str(said).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def seconds_to_wait(response: Response, now: Instant) -> float | None:
    """``Retry-After``, in seconds from ``now``: a number or a date (RFC 9110, section 10.2.3)."""
    said = response.headers.get("retry-after", "").strip()
    if said.isdecimal():
        return min(float(said[:9]), _LONGEST_WAIT)
    if not said or not now:
        return None
    try:
        then = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    moment = then if then.tzinfo else then.replace(tzinfo=UTC)
    return min(max(0.0, (from_datetime(moment) - now) / SECOND), _LONGEST_WAIT)


def refusal(codes: CodeTable, response: Response, code: str, reason: str, now: Instant) -> Outcome:
    """By the provider's code first, and by the status where the table does not have it."""
    known = codes.outcome(code, reason, seconds_to_wait(response, now))
    return by_status(response, reason, now, code) if known is None else known


def by_status(response: Response, reason: str, now: Instant, code: str = "") -> Outcome:
    """What a refusal means if the provider's code says nothing more: by the status alone.

    502 and 504 come from whoever stands before the provider and may have handed the request on,
    and 500 from the middle of the work: then nobody knows. 503 says that it was not begun.
    """
    status = response.status
    named = code or str(status)
    match status:
        case 429:
            return RateLimited("account", seconds_to_wait(response, now) or _FIRST_WAIT, reason)
        case 401 | 403 | 404 | 405 | 407:
            return Rejected(FailureClass.PERMANENT_CONFIG, named, reason)
        case 408 | 425 | 503:
            wait = seconds_to_wait(response, now)
            if wait:
                return RateLimited("account", wait, reason)
            return Rejected(FailureClass.TRANSIENT, named, reason)
        case _ if 400 <= status < 500:
            return Rejected(FailureClass.PERMANENT_CONTENT, named, reason)
        case _ if 300 <= status < 400:
            return Rejected(FailureClass.PERMANENT_CONFIG, named, "it sends us to another address")
        case _:
            return Unknown(f"{named} {reason}".strip())


def failed(codes: CodeTable, code: str, report: Report) -> Report:
    """A report of a message that was not delivered, with what the provider's code says of it."""
    return replace(
        report,
        failure=codes.failure(code),
        withdrawal=codes.withdrawal(code),
        rule=codes.rule(code),
    )
