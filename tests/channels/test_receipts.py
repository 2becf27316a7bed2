"""What providers tell later: verified as they sign it, read, and refused if anything is off."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode, urlsplit

import pytest

from channels.receipts import Answered, Incoming, NotGenuine, Report
from channels.twilio.receipts import TwilioReceiver, signature
from channels.vonage.receipts import VonageReceiver
from channels.whatsapp.receipts import WhatsAppReceiver
from tests.channels.told import (
    NOW,
    RECIPIENT,
    SECONDS,
    VECTORS,
    by_meta,
    by_twilio,
    by_vonage,
    reports,
    status,
    statuses,
    twilio,
    vonage,
)
from tests.contracts.checker import Contract


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
