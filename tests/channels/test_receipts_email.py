"""What providers of e-mail tell later, and what a bounce means for the address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from channels.outcome import FailureClass, Withdrawal
from channels.postmark.receipts import PostmarkReceiver
from channels.receipts import Answered, Incoming, NotGenuine
from channels.sendgrid.receipts import SendGridReceiver
from channels.vonage.receipts import VonageReceiver
from channels.whatsapp.receipts import WhatsAppReceiver
from dsl.calendar import MINUTE, SECOND
from tests.channels.told import (
    CONFIG,
    DMARC,
    NOW,
    RECIPIENT,
    TRANSIENT,
    VECTORS,
    by_meta,
    by_postmark,
    by_sendgrid,
    by_twilio,
    by_vonage,
    event,
    key,
    public,
    reports,
    status,
    statuses,
    twilio,
    vonage,
)


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
        (event("bounce", type="bounce", reason="550 5.1.1"), [("bounced", RECIPIENT)]),
        (event("bounce", type="bounce"), [("bounced", RECIPIENT)]),
        (event("bounce", type="bounce", reason="550 DMARC policy"), [("bounced", CONFIG)]),
        (event("bounce", type="blocked"), [("bounced", FailureClass.POLICY_BLOCKED)]),
        (event("bounce", status="5.2.2", type="bounce"), [("bounced", TRANSIENT)]),
        (event("bounce", status="5.0.0", type="bounce", reason=DMARC), [("bounced", CONFIG)]),
        (
            event("bounce", type="bounce", bounce_classification="Reputation"),
            [("bounced", FailureClass.POLICY_BLOCKED)],
        ),
        (event("dropped"), [("failed", FailureClass.POLICY_BLOCKED)]),
        (event("dropped", reason="Bounced Address"), [("failed", RECIPIENT)]),
        (event("unsubscribe"), [("unsubscribed", None)]),
        (event("group_unsubscribe", asm_group_id=7), [("unsubscribed", None)]),
        (event("group_resubscribe", asm_group_id=7), []),
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


def test_a_click_tells_where_the_link_leads() -> None:
    told = event("click", url="https://shop.example/a")
    (sendgrid,) = reports(SendGridReceiver((public(key()),)), by_sendgrid(told))

    record = {"RecordType": "Click", "ReceivedAt": "2026-01-01T12:00:00Z"}
    link = "https://shop.example/b"
    (postmark,) = reports(
        PostmarkReceiver(("wayline:secret",)), by_postmark(**record, OriginalLink=link)
    )

    assert sendgrid.reason == "https://shop.example/a"
    assert postmark.reason == link


@pytest.mark.parametrize(
    ("record", "what", "failure"),
    [
        ({"RecordType": "Delivery", "DeliveredAt": "2026-01-01T12:00:00Z"}, "delivered", None),
        ({"RecordType": "Open", "ReceivedAt": "2026-01-01T12:00:00Z"}, "opened", None),
        ({"RecordType": "Click", "ReceivedAt": "2026-01-01T12:00:00Z"}, "clicked", None),
        (
            {"RecordType": "Bounce", "Type": "HardBounce", "BouncedAt": "2026-01-01T12:00:00Z"},
            "bounced",
            RECIPIENT,
        ),
        (
            {"RecordType": "Bounce", "Type": "SoftBounce", "BouncedAt": "2026-01-01T12:00:00Z"},
            "bounced",
            TRANSIENT,
        ),
        (
            {
                "RecordType": "Bounce",
                "Type": "HardBounce",
                "Details": f"smtp;{DMARC}",
                "BouncedAt": "2026-01-01T12:00:00Z",
            },
            "bounced",
            CONFIG,
        ),
        (
            {
                "RecordType": "SubscriptionChange",
                "SuppressSending": True,
                "SuppressionReason": "ManualSuppression",
                "ChangedAt": "2026-01-01T12:00:00Z",
            },
            "unsubscribed",
            None,
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


@pytest.mark.parametrize(
    "record",
    [
        {"RecordType": "Bounce", "Type": "AutoResponder"},
        {"RecordType": "Bounce", "Type": "ChallengeVerification"},
        {"RecordType": "SubscriptionChange", "SuppressSending": False},
        {"RecordType": "SubscriptionChange", "SuppressionReason": "HardBounce"},
    ],
)
def test_what_is_no_bounce_tells_nothing(record: dict[str, Any]) -> None:
    assert reports(PostmarkReceiver(("wayline:secret",)), by_postmark(**record)) == []


def test_who_has_told_the_provider_to_be_left_alone() -> None:
    """Twilio's 21610 and Vonage's 1240 are of the number; Meta's 131050 is of marketing only."""
    stopped = by_twilio(MessageStatus="undelivered", ErrorCode="21610")
    (by_reply,) = reports(twilio(), stopped)
    error = {"type": "https://developer.vonage.com/api-errors#1240", "detail": "No"}
    listed = by_vonage(vonage("rejected", error=error))
    (blacklisted,) = reports(VonageReceiver(("secret",)), listed)
    told = statuses(status("failed", errors=[{"code": 131050, "title": "User stopped"}]))
    (marketing,) = reports(WhatsAppReceiver(("app",), "word"), by_meta(told))
    groups = by_sendgrid(event("group_unsubscribe", asm_group_id=7))
    (group,) = reports(SendGridReceiver((public(key()),)), groups)

    assert by_reply.withdrawal == Withdrawal("channel", "reply", "twilio 21610")
    assert blacklisted.withdrawal == Withdrawal("channel", "reply", "vonage 1240")
    assert marketing.withdrawal == Withdrawal("category", "preference centre", "whatsapp 131050")
    assert group.withdrawal == Withdrawal("category", "one-click", "sendgrid, group 7")


def test_a_failure_names_the_line_it_is_due_to() -> None:
    (landline,) = reports(twilio(), by_twilio(MessageStatus="failed", ErrorCode="30006"))
    bounced = by_sendgrid(event("bounce", type="bounce", reason="550 5.1.1 no such user"))
    (unknown,) = reports(SendGridReceiver((public(key()),)), bounced)
    (hard,) = reports(
        PostmarkReceiver(("wayline:secret",)), by_postmark(RecordType="Bounce", Type="HardBounce")
    )

    assert landline.rule == "twilio codes as of 2023-05: 30006"
    assert unknown.rule == "SMTP codes as of 2024-12: 5.1.1"
    assert hard.rule == "postmark bounces as of 2026: HardBounce"


def test_postmark_is_known_by_its_login() -> None:
    receiver = PostmarkReceiver(("wayline:secret",))

    assert isinstance(receiver.read(by_postmark("wayline:wrong"), NOW), NotGenuine)
    assert isinstance(receiver.read(replace(by_postmark(), headers={}), NOW), NotGenuine)
    assert reports(receiver, by_postmark(RecordType="SubscriptionChange")) == []
