"""Mails that came back, at the door: whoever has the login is let in, and what is ours is kept."""

from __future__ import annotations

from base64 import b64encode

from channels.email.receipts import MailReceiver
from engine.core.profile import Profile
from engine.core.signals import EventArrived, ReceiptArrived
from engine.store.protocol import Changes
from tests.channels.email.returning import ADA, OUT_OF_OFFICE, SEAL, arf, dsn, failed, head_of

from .conftest import Answer, Api, Start, handed_over

PATH = SEAL.path("d1") or ""


def with_delivery(start: Start) -> Api:
    api = start(receivers={"email": [MailReceiver(("postfix:secret",), SEAL)]})
    with api.store.batch() as batch:
        batch.commit(Changes(profiles=[Profile("ada", {})], deliveries=[handed_over(address=ADA)]))
    return api


def pass_on(api: Api, mail: bytes, login: str = "postfix:secret") -> Answer:
    authorization = f"Basic {b64encode(login.encode()).decode()}"
    headers = {"authorization": authorization, "content-type": "message/rfc822"}
    return api.send("/v1/receipts/email", mail, headers)


def test_a_bounce_is_a_receipt_of_the_person_once(start: Start) -> None:
    api = with_delivery(start)
    for _ in range(2):  # a pipe is tried again when the answer was lost
        assert pass_on(api, dsn(failed(), to=PATH)).status == 200

    (receipt,) = api.store.arrivals.values()
    assert isinstance(receipt, ReceiptArrived)
    assert (receipt.what, receipt.failure) == ("bounced", "permanent_recipient")
    assert receipt.rule == "SMTP codes as of 2024-12: 5.1.1"


def test_a_complaint_is_one_and_withdraws_consent(start: Start) -> None:
    api = with_delivery(start)
    pass_on(api, arf("abuse", f"Original-Mail-From: <{PATH}>"))

    receipt, event = api.store.arrivals.values()
    assert isinstance(receipt, ReceiptArrived)
    assert receipt.what == "complained"
    assert isinstance(event, EventArrived)
    assert event.event.properties == {
        "category": "*",
        "channel": "email",
        "method": "complaint",
        "source": "a feedback loop",
    }


def test_what_is_forged_or_no_report_is_taken_and_does_nothing(start: Start) -> None:
    """It must be taken, or the mail server would send a bounce of the bounce."""
    api = with_delivery(start)
    for mail in (
        dsn(failed(), quoted=head_of("d1")),
        dsn(failed(address="somebody@else.example"), to=PATH),
        dsn(failed(), to=PATH.replace("d1", "d2")),
        OUT_OF_OFFICE,
        b"",
    ):
        assert pass_on(api, mail).status == 200

    assert api.store.arrivals == {}


def test_nobody_else_passes_mails_on(start: Start) -> None:
    api = with_delivery(start)

    assert pass_on(api, dsn(failed(), to=PATH), "postfix:guess").status == 403
    assert api.store.arrivals == {}
