"""What SendGrid's Event Webhook tells: a list of events, signed over the time and the raw body."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from channels.agents import By, by_agent
from channels.email.bounces import Judged, enhanced_code, judge_bounce
from channels.http.answers import one_line
from channels.http.codes import read_codes
from channels.outcome import FailureClass
from channels.receipts import (
    Answered,
    Incoming,
    NotGenuine,
    Report,
    complaint,
    followed,
    read_body,
    unsubscribed,
)
from dsl.calendar import MINUTE, SECOND, Instant

__all__ = ["BOUNCES", "SendGridReceiver", "is_public_key"]

BOUNCES = read_codes(files("channels.sendgrid") / "bounces.tsv")

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
_WINDOW = 5 * MINUTE


class SendGridReceiver:
    """Believes what is signed with one of the ``keys`` (as SendGrid shows them) and is new."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = [_read(key) for key in keys]

    def read(self, incoming: Incoming, now: Instant) -> Answered | NotGenuine:
        """Every event that is about a message of ours."""
        stamp = incoming.headers.get(_TIMESTAMP, "")
        if not self._is_genuine(stamp, incoming):
            return NotGenuine("the signature is wrong")
        if not stamp.isdecimal() or abs(int(stamp) * SECOND - now) > _WINDOW:
            return NotGenuine("it is too old, or from the future")
        events = read_body(incoming)
        if isinstance(events, NotGenuine):
            return events
        listed = events if isinstance(events, list) else []
        return Answered([r for e in listed if isinstance(e, dict) for r in _reports(e)])

    def _is_genuine(self, stamp: str, incoming: Incoming) -> bool:
        try:
            given = b64decode(incoming.headers.get(_SIGNATURE, ""), validate=True)
        except ValueError:
            return False
        return any(_verifies(key, given, stamp.encode() + incoming.body) for key in self._keys)


def is_public_key(text: str) -> bool:
    """Whether it can be what SendGrid shows as its verification key."""
    try:
        _read(text)
    except ValueError:
        return False
    return True


def _read(text: str) -> ec.EllipticCurvePublicKey:
    key = load_der_public_key(b64decode(text, validate=True))
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("it is not a key on an elliptic curve")  # noqa: TRY004 - one kind for all
    return key


def _verifies(key: ec.EllipticCurvePublicKey, given: bytes, text: bytes) -> bool:
    try:
        key.verify(given, text, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _reports(event: Mapping[str, Any]) -> Iterator[Report]:
    delivery, name = event.get("wayline_delivery"), str(event.get("sg_event_id") or "")
    if not isinstance(delivery, str) or not delivery:
        return
    at = event.get("timestamp")
    occurred = at * SECOND if isinstance(at, int) else 0
    reason = one_line(event.get("reason") or event.get("response") or "")
    match event.get("event"):
        case "delivered":
            yield Report(delivery, "delivered", name, occurred)
        case "open":
            yield Report(delivery, "opened", name, occurred, by=_opener(event))
        case "click":
            by = by_agent(event.get("useragent"))
            link = followed(event.get("url"))
            yield Report(delivery, "clicked", name, occurred, link, by=by)
        case "bounce":
            judged = _judged(event, reason)
            yield Report(
                *(delivery, "bounced", name, occurred, reason, judged.failure), rule=judged.rule
            )
        case "dropped":
            yield Report(
                *(delivery, "failed", name, occurred, reason),
                BOUNCES.failure(reason) or FailureClass.POLICY_BLOCKED,
                withdrawal=BOUNCES.withdrawal(reason),
                rule=BOUNCES.rule(reason),
            )
        case "spamreport":
            yield complaint(delivery, name, occurred, "sendgrid")
        case "unsubscribe":
            yield unsubscribed(delivery, name, occurred, "sendgrid", "channel")
        case "group_unsubscribe":
            group = f"sendgrid, group {event.get('asm_group_id')}"
            yield unsubscribed(delivery, name, occurred, group, "category")
        case _:
            return


def _judged(event: Mapping[str, Any], reason: str) -> Judged:
    """By the receiver's own code, and if it told none by what SendGrid thinks."""
    words = (event.get("bounce_classification"), event.get("type"), "bounce")
    word = next(str(each) for each in words if str(each) in BOUNCES)
    otherwise = Judged(BOUNCES.failure(word) or FailureClass.TRANSIENT, BOUNCES.rule(word))
    return judge_bounce(enhanced_code(str(event.get("status")), reason), reason, otherwise)


def _opener(event: Mapping[str, Any]) -> By:
    """SendGrid knows Apple's machines, that open everything."""
    if event.get("sg_machine_open"):
        return "machine"
    by = by_agent(event.get("useragent"))
    told = event.get("sg_machine_open") is False
    return "human" if told and by == "unverified" else by
