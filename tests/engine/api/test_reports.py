"""What providers tell later, at the door: believed if it is theirs, once, and about our messages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal

import pytest

from channels.outcome import FailureClass, Withdrawal
from channels.receipts import Answered, Approval, Incoming, NotGenuine, Report
from dsl.calendar import HOUR, Instant
from engine.core.profile import Profile
from engine.core.reputation import Rate
from engine.core.signals import EventArrived, ReceiptArrived
from engine.dispatcher.approvals import Approvals
from engine.dispatcher.reputation import Reputations
from engine.store.protocol import Changes

from .conftest import NOW, Api, Start, handed_over


class Scripted:
    """Says what it was told to, to whoever knows the word."""

    def __init__(
        self, *reports: Report, body: str = "", approvals: Sequence[Approval] = ()
    ) -> None:
        self._reports = reports
        self._approvals = approvals
        self._body = body
        self.got: list[Incoming] = []

    def read(self, incoming: Incoming, now: Instant) -> Answered | NotGenuine:
        assert now == NOW
        self.got.append(incoming)
        if incoming.headers.get("x-word") != "sesame":
            return NotGenuine("the word is wrong")
        return Answered(self._reports, self._body, approvals=self._approvals)


class Deaf:
    """Another provider of the same channel."""

    def read(self, _incoming: Incoming, _now: Instant) -> Answered | NotGenuine:
        return NotGenuine("there is no signature")


WORD: Mapping[str, str] = {"x-word": "sesame", "content-type": "application/json"}


def with_delivery(api: Api) -> Api:
    delivery = handed_over(channel="sms", address="+49", decided=NOW - 2 * HOUR)
    with api.store.batch() as batch:
        batch.commit(Changes(profiles=[Profile("ada", {})], deliveries=[delivery]))
    return api


def told(api: Api) -> list[ReceiptArrived]:
    return [each for each in api.store.arrivals.values() if isinstance(each, ReceiptArrived)]


def test_a_report_is_a_receipt_of_the_person(start: Start) -> None:
    report = Report(
        "d1", "failed", "SM1/failed", NOW - HOUR, "30006 landline", FailureClass.TRANSIENT
    )
    api = with_delivery(start(receivers={"sms": [Scripted(report)]}))

    assert api.send("/v1/receipts/sms", b"{}", WORD).status == 200
    (receipt,) = told(api)
    assert (receipt.person, receipt.delivery, receipt.what) == ("ada", "d1", "failed")
    assert (receipt.received, receipt.occurred) == (NOW, NOW - HOUR)
    assert (receipt.reason, receipt.failure) == ("30006 landline", "transient")
    assert api.woken == 1


def test_what_is_told_again_is_the_same(start: Start) -> None:
    first, other = Report("d1", "clicked", "e1"), Report("d1", "clicked", "e2")
    api = with_delivery(start(receivers={"sms": [Scripted(first, first, other)]}))
    for _ in range(3):
        assert api.send("/v1/receipts/sms", b"{}", WORD).status == 200

    assert len(told(api)) == 2


def test_what_is_not_genuine_is_refused(start: Start) -> None:
    api = with_delivery(start(receivers={"sms": [Scripted(Report("d1", "delivered", "e"))]}))
    answer = api.send("/v1/receipts/sms", b"{}", {"x-word": "open"})

    assert answer.status == 403
    assert answer.error == "This was not taken: the word is wrong."
    assert told(api) == []


@pytest.mark.parametrize("first", [True, False])
def test_every_provider_of_a_channel_is_heard(start: Start, *, first: bool) -> None:
    scripted = Scripted(Report("d1", "delivered", "e"))
    api = with_delivery(
        start(receivers={"sms": [scripted, Deaf()] if first else [Deaf(), scripted]})
    )

    assert api.send("/v1/receipts/sms", b"{}", WORD).status == 200
    assert [receipt.what for receipt in told(api)] == ["delivered"]
    assert api.send("/v1/receipts/sms", b"{}", {}).status == 403


class Undecided:
    """Cannot look at it now."""

    def read(self, _incoming: Incoming, _now: Instant) -> Answered | NotGenuine:
        return NotGenuine("its certificate could not be had", again=True)


def test_what_cannot_be_looked_at_now_is_wanted_again(start: Start) -> None:
    """SNS takes 403 for the last word, and what it told would be lost."""
    api = with_delivery(start(receivers={"email": [Deaf(), Undecided()], "sms": [Deaf()]}))
    answer = api.send("/v1/receipts/email", b"{}", {})

    assert answer.status == 503
    assert answer.headers["retry-after"] == "60"
    assert api.send("/v1/receipts/sms", b"{}", {}).status == 403


def test_nobody_says_no_to_a_message_before_there_was_one(start: Start) -> None:
    """A wrong clock of somebody else would put it before the consent it takes back."""
    withdrawal = Withdrawal("channel", "complaint", "a feedback loop")
    report = Report("d1", "complained", "k", 1, withdrawal=withdrawal)
    api = with_delivery(start(receivers={"sms": [Scripted(report)]}))
    assert api.send("/v1/receipts/sms", b"{}", WORD).status == 200

    receipt, event = api.store.arrivals.values()
    decided = api.store.deliveries(["d1"])["d1"].decided
    assert isinstance(receipt, ReceiptArrived)
    assert isinstance(event, EventArrived)
    assert decided > 1
    assert (receipt.occurred, event.event.occurred) == (decided, decided)


@pytest.mark.parametrize(("of", "category"), [("channel", "*"), ("category", "promotional")])
def test_who_told_the_provider_to_be_left_alone_has_told_us(
    start: Start, of: Literal["category", "channel"], category: str
) -> None:
    """As the ledger of consent keeps it, once however often it is told."""
    withdrawal = Withdrawal(of, "reply", "twilio 21610")
    report = Report("d1", "failed", "SM1/failed", NOW - HOUR, withdrawal=withdrawal)
    api = with_delivery(start(receivers={"sms": [Scripted(report)]}))
    for _ in range(2):
        assert api.send("/v1/receipts/sms", b"{}", WORD).status == 200

    receipt, event = api.store.arrivals.values()
    assert isinstance(receipt, ReceiptArrived)
    assert isinstance(event, EventArrived)
    assert event.person == "ada"
    assert (event.event.name, event.event.occurred) == ("consent_withdrawn", NOW - HOUR)
    assert event.event.properties == {
        "category": category,
        "channel": "sms",
        "method": "reply",
        "source": "twilio 21610",
    }


@pytest.mark.parametrize(
    "report",
    [Report("unknown", "delivered", "e"), Report("", "delivered", "e")],
)
def test_what_is_about_nothing_of_ours_is_answered_and_left(start: Start, report: Report) -> None:
    api = with_delivery(start(receivers={"sms": [Scripted(report)]}))

    assert api.send("/v1/receipts/sms", b"{}", WORD).status == 200
    assert told(api) == []
    metrics = api.get("/metrics").body.decode()
    assert 'wayline_receipts_total{channel="sms",what="about nothing of ours"} 1.0' in metrics


def test_nobody_speaks_of_what_others_have_carried(start: Start) -> None:
    api = with_delivery(start(receivers={"email": [Scripted(Report("d1", "delivered", "e"))]}))

    assert api.send("/v1/receipts/email", b"{}", WORD).status == 200
    assert told(api) == []


def test_complaints_and_bounces_are_counted_once_for_their_domain(start: Start) -> None:
    told_ = [
        Report("d1", "complained", "c", domain="shop.example"),
        Report("d1", "bounced", "b", domain="shop.example"),
        Report("d1", "delivered", "d", domain="shop.example"),
        Report("d2", "complained", "of somebody else's", domain="shop.example"),
    ]
    api = with_delivery(start(receivers={"sms": [Scripted(*told_)]}))
    counted = Reputations(api.store.gates)
    counted.count({"shop.example": 10}, {}, NOW)
    for _ in range(3):
        api.send("/v1/receipts/sms", b"{}", WORD)

    (known,) = counted.known(NOW)
    assert known.rates["24 hours"] == Rate(9, 1)


def test_of_several_recipients_only_ours_counts(start: Start) -> None:
    ours = Report("d1", "bounced", "a", failure=FailureClass.TRANSIENT, address="+49")
    other = Report("d1", "bounced", "b", failure=FailureClass.TRANSIENT, address="+43")
    api = with_delivery(start(receivers={"sms": [Scripted(other, ours)]}))
    api.send("/v1/receipts/sms", b"{}", WORD)

    (receipt,) = told(api)
    assert receipt.what == "bounced"
    metrics = api.get("/metrics").body.decode()
    assert 'wayline_receipts_total{channel="sms",what="about nothing of ours"} 1.0' in metrics


def test_a_receiver_that_has_to_fetch_something_is_let_before(start: Start) -> None:
    class Fetching(Scripted):
        async def prepare(self, incoming: Incoming, now: Instant) -> None:
            await asyncio.sleep(0)
            self.fetched = incoming

    receiver = Fetching(Report("d1", "delivered", "e"))
    api = with_delivery(start(receivers={"sms": [receiver]}))

    assert api.send("/v1/receipts/sms", b"{}", WORD).status == 200
    assert receiver.fetched is receiver.got[0]


def test_a_provider_hears_what_it_wants_to_hear(start: Start) -> None:
    receiver = Scripted(body="1158201444")
    api = start(receivers={"whatsapp": [receiver]})
    answer = api.get("/v1/receipts/whatsapp?hub.challenge=1158201444", WORD)

    assert (answer.status, answer.body) == (200, b"1158201444")
    assert answer.headers["content-type"].startswith("text/plain")
    assert receiver.got[0].query == "hub.challenge=1158201444"
    assert receiver.got[0].method == "GET"


def test_it_is_given_as_it_came_byte_for_byte(start: Start) -> None:
    receiver = Scripted()
    api = start(receivers={"sms": [receiver]})
    api.send("/v1/receipts/sms?a=1&a=%20&b", b'{"x": 1}\r\n', WORD)

    assert receiver.got[0].body == b'{"x": 1}\r\n'
    assert receiver.got[0].query == "a=1&a=%20&b"


def test_a_channel_without_a_receiver_has_no_door(start: Start) -> None:
    assert start().send("/v1/receipts/sms", b"{}", WORD).status == 404


def test_a_report_from_the_future_happened_now(start: Start) -> None:
    report = Report("d1", "opened", "e", NOW + HOUR)
    api = with_delivery(start(receivers={"sms": [Scripted(report)]}))
    api.send("/v1/receipts/sms", b"{}", WORD)

    assert told(api)[0].occurred == NOW


def test_there_is_an_end_to_what_is_read(start: Start) -> None:
    api = start(receivers={"sms": [Scripted()]})

    assert api.send("/v1/receipts/sms", b"x" * (1024 * 1024 + 1), WORD).status == 413


def test_what_is_said_of_approved_wordings_is_kept(start: Start) -> None:
    """Whoever says it: what is not genuine changes nothing."""
    said = Approval("whatsapp", "hello", "de", NOW - HOUR, usable=False, why="paused")
    api = start(receivers={"whatsapp": [Scripted(approvals=(said,))]})
    assert api.send("/v1/receipts/whatsapp", b"{}", {"x-word": "open"}).status == 403
    assert Approvals(api.store.gates).known(NOW) == []
    assert api.send("/v1/receipts/whatsapp", b"{}", WORD).status == 200

    (told,) = Approvals(api.store.gates).known(NOW)
    assert (told.name, told.language, told.why, told.since) == ("hello", "de", "paused", NOW - HOUR)
