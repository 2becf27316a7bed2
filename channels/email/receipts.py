"""What comes back by mail, as reports: about a message of ours, as far as that can be proved.

With a key, only what holds our seal is believed. Without one, whoever sends a report has to know
the delivery's id and its recipient: then it is somebody who has the message.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import parse_qs

from channels.email.bounces import Judged, enhanced_code, judge_bounce
from channels.email.replies import readable
from channels.email.returned import About, Returned, read_returned
from channels.email.seal import Seal
from channels.outcome import FailureClass
from channels.receipts import (
    Answered,
    Incoming,
    NotGenuine,
    Report,
    complaint,
    is_one_of,
    unsubscribed,
)
from dsl.calendar import Instant

__all__ = ["MailReceiver", "reports_in"]

_SAYS_TOO_LITTLE = Judged(FailureClass.TRANSIENT, "a bounce without a code")
_COMPLAINTS = frozenset({"abuse", "fraud", "other"})


class MailReceiver:
    """Takes raw mails from whoever gives one of the ``logins`` (``name:password``). To whom a mail
    came may stand in the query: ``?recipient=ADDRESS``.
    """

    def __init__(self, logins: tuple[str, ...], seal: Seal | None) -> None:
        self._expected = [
            f"Basic {b64encode(login.encode()).decode()}".encode() for login in logins
        ]
        self._seal = seal

    def read(self, incoming: Incoming, now: Instant) -> Answered | NotGenuine:
        """One mail. What is no report, or not of ours, tells nothing."""
        given = incoming.headers.get("authorization", "").encode()
        if not is_one_of(self._expected, given):
            return NotGenuine("the login is wrong")
        asked = parse_qs(incoming.query).get("recipient", [""])
        return Answered(reports_in(incoming.body, asked[0], self._seal))


def reports_in(raw: bytes, recipient: str, seal: Seal | None) -> list[Report]:
    """What a mail says of a message of ours."""
    returned = read_returned(raw, recipient)
    if returned is None:
        return []
    delivery, proved = _delivery(returned, seal)
    return [
        report
        for about in returned.about
        for report in _reports(returned, about, delivery)
        if delivery and (proved or report.address)
    ]


def _delivery(returned: Returned, seal: Seal | None) -> tuple[str, bool]:
    """The delivery that a report is about, and whether only we can have named it."""
    if seal is None:
        return returned.delivery, False
    for path in returned.paths:
        if (known := seal.delivery(path)) is not None:
            return known, True
    sealed = bool(returned.delivery) and seal.holds(returned.delivery, returned.seal)
    return (returned.delivery, True) if sealed else ("", False)


def _reports(returned: Returned, about: About, delivery: str) -> Iterator[Report]:
    kind, address, status, words = about
    key = f"{returned.form}/{kind}/{address.lower()}"
    match returned.form, kind:
        case "delivery-status", "failed":
            text = readable(words or status or "it came back")
            judged = judge_bounce(enhanced_code(status, words), text, _SAYS_TOO_LITTLE)
            yield Report(
                *(delivery, "bounced", key, returned.at, text, judged.failure),
                rule=judged.rule,
                address=address,
            )
        case "delivery-status", "delivered":
            yield Report(delivery, "delivered", key, returned.at, address=address)
        case "feedback-report", _ if kind in _COMPLAINTS:
            yield complaint(delivery, key, returned.at, "a feedback loop", address)
        case "feedback-report", "opt-out":
            yield unsubscribed(delivery, key, returned.at, "a feedback loop", "channel")
        case _:  # delayed, relayed, not-spam, and what there may be yet
            return
