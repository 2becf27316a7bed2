"""What providers tell later: verified as they sign it, read, and refused if anything is off."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from channels.http.jwt import base64url
from channels.outcome import FailureClass
from channels.postmark.receipts import PostmarkReceiver
from channels.receipts import Answered, Incoming, NotGenuine, Receiver, Report
from channels.sendgrid.receipts import SendGridReceiver
from channels.twilio.receipts import TwilioReceiver, signature
from channels.vonage.receipts import VonageReceiver
from channels.whatsapp.receipts import WhatsAppReceiver
from dsl.calendar import MINUTE, SECOND
from tests.contracts.checker import Contract

VECTORS = json.loads((Path(__file__).parents[1] / "contracts" / "vectors.json").read_text())
NOW = 1_767_268_800_000_000
SECONDS = NOW // SECOND
RECIPIENT = FailureClass.PERMANENT_RECIPIENT


def reports(receiver: Receiver, incoming: Incoming) -> list[Report]:
    found = receiver.read(incoming, NOW)
    assert isinstance(found, Answered), found
    return list(found.reports)


# ----------------------------------------------------------------------------------------- Twilio

CALLBACK = "https://journeys.shop.example/v1/receipts/sms"


def twilio(*tokens: str) -> TwilioReceiver:
    return TwilioReceiver(CALLBACK, tokens or ("token",))


def by_twilio(token: str = "token", delivery: str = "d1", **fields: str) -> Incoming:
    query = urlencode({"delivery": delivery})
    sent = {"MessageSid": "SM1", "To": "+49151", **fields}
    signed = signature(token, f"{CALLBACK}?{query}", list(sent.items()))
    headers = {"x-twilio-signature": signed.decode()}
    return Incoming("POST", query, headers, urlencode(sent).encode())


def test_twilios_own_vectors() -> None:
    vector = VECTORS["twilio"]
    token, params = vector["auth_token"], list(vector["params"].items())
    twice = [(name, value) for name, value in vector["duplicate_params"]["params"]]

    assert signature(token, vector["url"], params).decode() == vector["x_twilio_signature"]
    assert (
        signature(token, vector["url"], twice).decode() == vector["duplicate_params"]["signature"]
    )


def test_twilio_signs_with_and_without_the_port() -> None:
    vector = VECTORS["twilio"]
    address = urlsplit(vector["url"])
    receiver = TwilioReceiver(vector["url"].partition("?")[0], (vector["auth_token"],))
    body = urlencode(vector["params"]).encode()
    with_port = f"https://mycompany.com:443{address.path}?{address.query}"
    signed = signature(vector["auth_token"], with_port, list(vector["params"].items())).decode()

    for given_ in (vector["x_twilio_signature"], signed):
        headers = {"x-twilio-signature": given_}
        found = receiver.read(Incoming("POST", address.query, headers, body), NOW)
        assert isinstance(found, Answered)


@pytest.mark.parametrize(
    ("status", "what"), [("delivered", "delivered"), ("read", "opened"), ("sent", None)]
)
def test_what_twilio_tells(status: str, what: str | None) -> None:
    found = reports(twilio(), by_twilio(MessageStatus=status))

    assert [each.what for each in found] == ([what] if what else [])
    assert all((each.delivery, each.key) == ("d1", f"SM1/{status}") for each in found)
    assert all((each.by == "human") is (status == "read") for each in found)


def test_what_twilio_could_not_deliver_has_its_class() -> None:
    incoming = by_twilio(MessageStatus="undelivered", ErrorCode="30006")

    assert reports(twilio(), incoming) == [
        Report("d1", "failed", "SM1/undelivered", 0, "30006", RECIPIENT)
    ]


def test_two_tokens_are_believed_while_they_are_changed() -> None:
    old, new = by_twilio("old", MessageStatus="read"), by_twilio("new", MessageStatus="read")

    assert len(reports(twilio("new", "old"), old)) == 1
    assert len(reports(twilio("new", "old"), new)) == 1
    assert isinstance(twilio("new").read(old, NOW), NotGenuine)


# --------------------------------------------------------------------------------------- SendGrid


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


def test_sendgrids_own_vector() -> None:
    vector = VECTORS["sendgrid"]
    headers = {
        "x-twilio-email-event-webhook-signature": vector["signature_b64_der"],
        "x-twilio-email-event-webhook-timestamp": vector["timestamp"],
    }
    incoming = Incoming("POST", "", headers, vector["raw_body"].encode())
    receiver = SendGridReceiver((vector["public_key_der_b64"],))
    then = int(vector["timestamp"]) * SECOND

    assert isinstance(receiver.read(incoming, then), Answered)
    assert isinstance(receiver.read(incoming, then + 6 * MINUTE), NotGenuine)
    cut = replace(incoming, body=incoming.body.rstrip())
    assert isinstance(receiver.read(cut, then), NotGenuine)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (event("delivered"), [("delivered", None)]),
        (event("open"), [("opened", None)]),
        (event("open", sg_machine_open=True), [("opened", None)]),
        (event("click"), [("clicked", None)]),
        (event("bounce", type="bounce", reason="550 5.1.1"), [("failed", RECIPIENT)]),
        (event("bounce", type="blocked"), [("failed", FailureClass.POLICY_BLOCKED)]),
        (event("dropped"), [("failed", FailureClass.POLICY_BLOCKED)]),
        (event("spamreport"), [("complained", RECIPIENT)]),
        (event("processed"), []),
        (event("delivered", wayline_delivery=None), []),
        ({"event": "delivered"}, []),
    ],
)
def test_what_sendgrid_tells(told: dict[str, Any], expected: list[tuple[str, Any]]) -> None:
    found = reports(SendGridReceiver((public(key()),)), by_sendgrid(told))

    assert [(each.what, each.failure) for each in found] == expected
    assert all((each.delivery, each.key, each.occurred) == ("d1", "e1", NOW) for each in found)


@pytest.mark.parametrize(
    ("told", "by"),
    [
        (event("open", sg_machine_open=True, useragent="Mozilla/5.0 (iPhone)"), "machine"),
        (event("open", sg_machine_open=False, useragent="Mozilla/5.0 (iPhone)"), "human"),
        (event("open", sg_machine_open=False, useragent="curl/8.5"), "machine"),
        (event("open", useragent="Mozilla/5.0 (iPhone)"), "unverified"),
        (event("open"), "unverified"),
        (event("click", useragent="Slackbot-LinkExpanding 1.0"), "machine"),
        (event("click", useragent="Mozilla/5.0 (Windows NT 10.0; Win64; x64)"), "unverified"),
    ],
)
def test_sendgrid_tells_who_opened(told: dict[str, Any], by: str) -> None:
    (found,) = reports(SendGridReceiver((public(key()),)), by_sendgrid(told))

    assert found.by == by


# --------------------------------------------------------------------------------------- Postmark


def by_postmark(login: str = "wayline:secret", **record: Any) -> Incoming:
    told = {"MessageID": "m1", "Metadata": {"wayline_delivery": "d1"}, **record}
    headers = {"authorization": f"Basic {b64encode(login.encode()).decode()}"}
    return Incoming("POST", "", headers, orjson.dumps(told))


@pytest.mark.parametrize(
    ("record", "what", "failure"),
    [
        ({"RecordType": "Delivery", "DeliveredAt": "2026-01-01T12:00:00Z"}, "delivered", None),
        ({"RecordType": "Open", "ReceivedAt": "2026-01-01T12:00:00Z"}, "opened", None),
        ({"RecordType": "Click", "ReceivedAt": "2026-01-01T12:00:00Z"}, "clicked", None),
        (
            {"RecordType": "Bounce", "Type": "HardBounce", "BouncedAt": "2026-01-01T12:00:00Z"},
            "failed",
            RECIPIENT,
        ),
        (
            {"RecordType": "Bounce", "Type": "SoftBounce", "BouncedAt": "2026-01-01T12:00:00Z"},
            "failed",
            FailureClass.TRANSIENT,
        ),
        (
            {"RecordType": "SpamComplaint", "BouncedAt": "2026-01-01T12:00:00Z"},
            "complained",
            RECIPIENT,
        ),
    ],
)
def test_what_postmark_tells(record: dict[str, Any], what: str, failure: Any) -> None:
    (found,) = reports(PostmarkReceiver(("wayline:secret",)), by_postmark(**record))

    assert (found.delivery, found.what, found.failure, found.occurred) == ("d1", what, failure, NOW)


@pytest.mark.parametrize("kind", ["Open", "Click"])
def test_postmark_tells_who_opened(kind: str) -> None:
    receiver = PostmarkReceiver(("wayline:secret",))
    (apple,) = reports(receiver, by_postmark(RecordType=kind, UserAgent="Mozilla/5.0"))
    (phone,) = reports(receiver, by_postmark(RecordType=kind, UserAgent="Mozilla/5.0 (iPhone)"))

    assert (apple.by, phone.by) == ("machine", "unverified")


def test_postmark_is_known_by_its_login() -> None:
    receiver = PostmarkReceiver(("wayline:secret",))

    assert isinstance(receiver.read(by_postmark("wayline:wrong"), NOW), NotGenuine)
    assert isinstance(receiver.read(replace(by_postmark(), headers={}), NOW), NotGenuine)
    assert reports(receiver, by_postmark(RecordType="SubscriptionChange")) == []


# ----------------------------------------------------------------------------------------- Vonage


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


def test_what_vonage_tells() -> None:
    receiver = VonageReceiver(("secret",))
    error = {"type": "https://developer.vonage.com/api-errors#1190", "detail": "Absent"}
    failed = Report("d1", "failed", "u1/rejected", NOW, "1190 Absent", RECIPIENT)

    assert reports(receiver, by_vonage(vonage("delivered"))) == [
        Report("d1", "delivered", "u1/delivered", NOW)
    ]
    assert reports(receiver, by_vonage(vonage("rejected", error=error))) == [failed]
    assert reports(receiver, by_vonage(vonage("submitted"))) == []


def test_what_vonage_did_not_sign_is_refused() -> None:
    receiver = VonageReceiver(("secret", "before"))
    good = by_vonage(vonage("read"))

    assert len(reports(receiver, by_vonage(vonage("read"), secret="before"))) == 1
    for wrong in (
        by_vonage(vonage("read"), secret="guess"),
        by_vonage(vonage("read"), algorithm="none"),
        by_vonage(vonage("read"), algorithm="RS256"),
        by_vonage(vonage("read"), at=SECONDS - 301),
        by_vonage(vonage("read"), at=SECONDS + 301),
        replace(good, body=good.body.replace(b"d1", b"d2")),
        replace(good, headers={}),
        replace(good, headers={"authorization": "Bearer a.b.c"}),
    ):
        assert isinstance(receiver.read(wrong, NOW), NotGenuine)


# --------------------------------------------------------------------------------------- WhatsApp


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


def test_what_meta_tells() -> None:
    receiver = WhatsAppReceiver(("app",), "word")
    errors = [{"code": 131026, "title": "Undeliverable", "error_data": {"details": "Not on it."}}]
    told = statuses(status("sent"), status("delivered"), status("failed", errors=errors))

    assert reports(receiver, by_meta(told)) == [
        Report("d1", "delivered", "wamid.1/delivered", NOW),
        Report("d1", "failed", "wamid.1/failed", NOW, "131026 Not on it.", RECIPIENT),
    ]


def test_metas_own_examples_are_read() -> None:
    """None of them echoes an id of ours, so nothing is told; and nothing is stumbled over."""
    receiver = WhatsAppReceiver(("app",), "word")
    document = Contract("whatsapp.json").document
    content = document["paths"]["/whatsapp/webhooks"]["post"]["requestBody"]["content"]
    examples = [each["value"] for each in content["application/json"]["examples"].values()]

    assert len(examples) == 16
    assert [reports(receiver, by_meta(each)) for each in examples] == [[]] * 16


def test_meta_asks_whether_we_are_the_ones() -> None:
    receiver = WhatsAppReceiver(("app",), "word")
    asked = {"hub.mode": "subscribe", "hub.verify_token": "word", "hub.challenge": "115"}

    assert receiver.read(Incoming("GET", urlencode(asked), {}, b""), NOW) == Answered(body="115")
    for wrong in ({"hub.verify_token": "guess"}, {"hub.mode": "unsubscribe"}):
        incoming = Incoming("GET", urlencode(asked | wrong), {}, b"")
        assert isinstance(receiver.read(incoming, NOW), NotGenuine)
    nobody = WhatsAppReceiver(("app",), "")
    incoming = Incoming("GET", urlencode(asked | {"hub.verify_token": ""}), {}, b"")
    assert isinstance(nobody.read(incoming, NOW), NotGenuine)
