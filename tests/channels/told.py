"""Requests of providers that tell what became of messages, as they sign them."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from channels.http.jwt import base64url
from channels.outcome import FailureClass
from channels.receipts import Answered, Incoming, Receiver, Report
from channels.twilio.receipts import TwilioReceiver, signature
from dsl.calendar import SECOND

VECTORS = json.loads((Path(__file__).parents[1] / "contracts" / "vectors.json").read_text())
NOW = 1_767_268_800_000_000
SECONDS = NOW // SECOND
RECIPIENT = FailureClass.PERMANENT_RECIPIENT
TRANSIENT = FailureClass.TRANSIENT
CONFIG = FailureClass.PERMANENT_CONFIG
DMARC = "550 5.7.26 This mail has been blocked because the sender is unauthenticated"


def reports(receiver: Receiver, incoming: Incoming) -> list[Report]:
    found = receiver.read(incoming, NOW)
    assert isinstance(found, Answered), found
    return list(found.reports)


CALLBACK = "https://journeys.shop.example/v1/receipts/sms"


def twilio(*tokens: str) -> TwilioReceiver:
    return TwilioReceiver(CALLBACK, tokens or ("token",))


def by_twilio(token: str = "token", delivery: str = "d1", **fields: str) -> Incoming:
    query = urlencode({"delivery": delivery})
    sent = {"MessageSid": "SM1", "To": "+49151", **fields}
    signed = signature(token, f"{CALLBACK}?{query}", list(sent.items()))
    headers = {"x-twilio-signature": signed.decode()}
    return Incoming("POST", query, headers, urlencode(sent).encode())


@cache
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public(private: ec.EllipticCurvePrivateKey) -> str:
    form = PublicFormat.SubjectPublicKeyInfo
    return b64encode(private.public_key().public_bytes(Encoding.DER, form)).decode()


def by_sendgrid(*events: dict[str, Any], at: int = SECONDS) -> Incoming:
    body = orjson.dumps(events)
    signed = key().sign(str(at).encode() + body, ec.ECDSA(hashes.SHA256()))
    headers = {
        "x-twilio-email-event-webhook-signature": b64encode(signed).decode(),
        "x-twilio-email-event-webhook-timestamp": str(at),
    }
    return Incoming("POST", "", headers, body)


def event(kind: str, **more: Any) -> dict[str, Any]:
    told = {"event": kind, "wayline_delivery": "d1", "sg_event_id": "e1", "timestamp": SECONDS}
    return told | more


def by_postmark(login: str = "wayline:secret", **record: Any) -> Incoming:
    told = {"MessageID": "m1", "Metadata": {"wayline_delivery": "d1"}, **record}
    headers = {"authorization": f"Basic {b64encode(login.encode()).decode()}"}
    return Incoming("POST", "", headers, orjson.dumps(told))


def by_vonage(
    told: dict[str, Any], *, secret: str = "secret", at: int = SECONDS, algorithm: str = "HS256"
) -> Incoming:
    body = orjson.dumps(told)
    claims = {"iat": at, "payload_hash": sha256(body).hexdigest()}
    head = {"alg": algorithm, "typ": "JWT"}
    text = f"{base64url(orjson.dumps(head))}.{base64url(orjson.dumps(claims))}"
    signed = base64url(hmac.new(secret.encode(), text.encode(), sha256).digest())
    if algorithm == "none":
        signed = ""
    return Incoming("POST", "", {"authorization": f"Bearer {text}.{signed}"}, body)


def vonage(status: str, **more: Any) -> dict[str, Any]:
    at = "2026-01-01T12:00:00Z"
    return {"message_uuid": "u1", "client_ref": "d1", "status": status, "timestamp": at, **more}


def by_meta(told: object, secret: str = "app") -> Incoming:
    body = orjson.dumps(told)
    signed = hmac.new(secret.encode(), body, sha256).hexdigest()
    return Incoming("POST", "", {"x-hub-signature-256": f"sha256={signed}"}, body)


def statuses(*listed: dict[str, Any]) -> dict[str, Any]:
    return {"entry": [{"changes": [{"field": "messages", "value": {"statuses": listed}}]}]}


def status(kind: str, **more: Any) -> dict[str, Any]:
    at = str(SECONDS)
    told = {"id": "wamid.1", "status": kind, "timestamp": at, "biz_opaque_callback_data": "d1"}
    return told | more
