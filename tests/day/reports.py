"""What each provider tells ``now`` of what happened ``at`` some time before, signed as it signs. Pure."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from typing import Literal, NamedTuple, TypeAlias
from urllib.parse import urlencode

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from channels.http.jwt import base64url
from channels.twilio.receipts import signature
from dsl.calendar import SECOND, Instant, to_datetime

__all__ = ["BY", "CALLBACK", "LOGIN", "SECRET", "Form", "Word", "public_key"]

CALLBACK = "https://journeys.shop.example/v1/receipts/sms"
SECRET = "s3cret"
LOGIN = "hooks:s3cret"

Word: TypeAlias = Literal["delivered", "opened"]


class Form(NamedTuple):
    """A request of a provider's: what stands behind the question mark, and the rest."""

    query: str
    headers: Mapping[str, str]
    body: bytes


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_key() -> str:
    """SendGrid's, as SendGrid shows it."""
    form = PublicFormat.SubjectPublicKeyInfo
    return b64encode(_key().public_key().public_bytes(Encoding.DER, form)).decode()


def _twilio(delivery: str, word: Word, at: Instant, now: Instant) -> Form:
    status = "read" if word == "opened" else word
    query = urlencode({"delivery": delivery})
    fields = {"MessageSid": f"SM{delivery}", "MessageStatus": status}
    signed = signature("open-sesame", f"{CALLBACK}?{query}", list(fields.items()))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Form(
        query, {**headers, "x-twilio-signature": signed.decode()}, urlencode(fields).encode()
    )


def _vonage(delivery: str, word: Word, at: Instant, now: Instant) -> Form:
    status = "read" if word == "opened" else word
    body = orjson.dumps(
        {
            "message_uuid": f"v-{delivery}",
            "client_ref": delivery,
            "status": status,
            "timestamp": to_datetime(at).isoformat(),
        }
    )
    head = base64url(orjson.dumps({"alg": "HS256", "typ": "JWT"}))
    claims = {"iat": now // SECOND, "payload_hash": sha256(body).hexdigest()}
    text = f"{head}.{base64url(orjson.dumps(claims))}"
    signed = base64url(hmac.new(SECRET.encode(), text.encode(), sha256).digest())
    return Form("", {"authorization": f"Bearer {text}.{signed}"}, body)


def _postmark(delivery: str, word: Word, at: Instant, now: Instant) -> Form:
    kind, time = ("Open", "ReceivedAt") if word == "opened" else ("Delivery", "DeliveredAt")
    body = {
        "RecordType": kind,
        "MessageID": f"p-{delivery}",
        time: to_datetime(at).isoformat(),
        "Metadata": {"wayline_delivery": delivery},
    }
    login = b64encode(LOGIN.encode()).decode()
    return Form("", {"authorization": f"Basic {login}"}, orjson.dumps(body))


def _sendgrid(delivery: str, word: Word, at: Instant, now: Instant) -> Form:
    event = {
        "event": "open" if word == "opened" else word,
        "sg_event_id": f"{delivery}/{word}",
        "timestamp": at // SECOND,
        "wayline_delivery": delivery,
    }
    body, stamp = orjson.dumps([event]), str(now // SECOND)
    signed = _key().sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    headers = {
        "x-twilio-email-event-webhook-signature": b64encode(signed).decode(),
        "x-twilio-email-event-webhook-timestamp": stamp,
    }
    return Form("", headers, body)


def _meta(delivery: str, word: Word, at: Instant, now: Instant) -> Form:
    status = {
        "id": f"wamid.{delivery}",
        "status": "read" if word == "opened" else word,
        "timestamp": str(at // SECOND),
        "biz_opaque_callback_data": delivery,
    }
    body = orjson.dumps({"entry": [{"changes": [{"value": {"statuses": [status]}}]}]})
    signed = hmac.new(SECRET.encode(), body, sha256).hexdigest()
    return Form("", {"x-hub-signature-256": f"sha256={signed}"}, body)


BY: Mapping[str, Callable[[str, Word, Instant, Instant], Form]] = {
    "twilio": _twilio,
    "vonage": _vonage,
    "postmark": _postmark,
    "sendgrid": _sendgrid,
    "whatsapp": _meta,
}
"""By the adapter. FCM tells nothing later."""
