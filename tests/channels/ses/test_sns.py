"""SNS before the door: who is believed, what is fetched for it, and what never is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from channels.receipts import Answered, Incoming, NotGenuine, Prepares
from channels.ses.receipts import SesReceiver, fetch
from channels.ses.sns import Topic, text_to_sign
from channels.testing import Situation
from dsl.calendar import MINUTE
from tests.channels.http.provider import Received, Said, provider

from .events import delivery
from .notary import (
    HOST,
    ISSUER,
    NOW,
    PEM,
    TOPIC,
    Shelf,
    certificate,
    confirmation,
    heard,
    notification,
    signed,
)
from .notary import receiver as made

GOOD = notification(delivery())


def test_the_text_to_sign_is_the_documented_one() -> None:
    told = notification("hello", Subject="My First Message", MessageId="m1")
    without = notification("hello", Subject=None, MessageId="m1")
    asked = confirmation(Message="You have chosen", MessageId="m2")

    assert (
        text_to_sign(told)
        == (
            "Message\nhello\nMessageId\nm1\nSubject\nMy First Message\n"
            f"Timestamp\n2026-01-01T12:00:00.000Z\nTopicArn\n{TOPIC}\nType\nNotification\n"
        ).encode()
    )
    assert b"Subject" not in (text_to_sign(without) or b"")
    assert (
        text_to_sign(asked)
        == (
            "Message\nYou have chosen\nMessageId\nm2\n"
            f"SubscribeURL\n{asked['SubscribeURL']}\nTimestamp\n2026-01-01T12:00:00.000Z\n"
            f"Token\n2336412f37\nTopicArn\n{TOPIC}\nType\nSubscriptionConfirmation\n"
        ).encode()
    )


@pytest.mark.parametrize("version", ["1", "2"])
def test_what_sns_signed_is_believed(version: str) -> None:
    shelf = Shelf()
    found = heard(made(shelf), signed({**GOOD, "SignatureVersion": version}))

    assert isinstance(found, Answered)
    assert [each.what for each in found.reports] == ["delivered"]
    assert shelf.asked == [PEM]


def test_a_certificate_is_fetched_once() -> None:
    shelf = Shelf()
    receiver = made(shelf)
    for _ in range(3):
        assert isinstance(heard(receiver, signed(GOOD)), Answered)

    assert shelf.asked == [PEM]


def test_whoever_cannot_have_the_certificate_does_not_ask_all_the_time() -> None:
    shelf = Shelf(b"")
    receiver = made(shelf)
    for seconds in (0, 30, 59):
        now = NOW + seconds * 1_000_000
        assert isinstance(heard(receiver, signed(GOOD), now), NotGenuine)
    assert shelf.asked == [PEM]

    shelf.pem = certificate()
    assert isinstance(heard(receiver, signed(GOOD), NOW + MINUTE), Answered)


def test_a_crowd_asks_for_a_certificate_once() -> None:
    """Whoever comes while it is being fetched is told to come again: SNS takes any other no for the
    last word.
    """
    arrived = asyncio.Event()

    class Slow(Shelf):
        async def fetch(self, address: str) -> bytes | None:
            found = await super().fetch(address)
            await arrived.wait()
            return found

    shelf = Slow()
    receiver = made(shelf)

    async def crowd() -> list[Answered | NotGenuine]:
        first = asyncio.create_task(receiver.prepare(signed(GOOD), NOW))
        await asyncio.sleep(0)
        others = []
        for _ in range(3):
            await receiver.prepare(signed(GOOD), NOW)
            others.append(receiver.read(signed(GOOD), NOW))
        arrived.set()
        await first
        return others

    others = asyncio.run(asyncio.wait_for(crowd(), 30))
    assert [isinstance(each, NotGenuine) and each.again for each in others] == [True] * 3
    assert shelf.asked == [PEM]
    assert isinstance(heard(receiver, signed(GOOD)), Answered)


def test_addresses_that_somebody_makes_up_are_not_asked_for_all_at_once() -> None:
    arrived = asyncio.Event()
    asked: list[str] = []

    async def never(address: str) -> bytes | None:
        asked.append(address)
        await arrived.wait()
        return None

    async def flood() -> None:
        receiver = SesReceiver((TOPIC,), never)
        coming = [
            asyncio.create_task(
                receiver.prepare(signed({**GOOD, "SigningCertURL": f"{HOST}/{n}.pem"}), NOW)
            )
            for n in range(100)
        ]
        await asyncio.sleep(0)
        arrived.set()
        await asyncio.gather(*coming)

    asyncio.run(flood())
    assert len(asked) == 16


def test_what_could_not_be_looked_at_has_to_come_again() -> None:
    found = heard(made(Shelf(b"")), signed(GOOD))
    assert isinstance(found, NotGenuine)
    assert found.again

    forged = heard(made(Shelf()), signed({**GOOD, "SigningCertURL": "https://evil.example/x.pem"}))
    assert isinstance(forged, NotGenuine)
    assert not forged.again


@pytest.mark.parametrize(
    "address",
    [
        PEM.replace("https:", "http:"),
        PEM.replace("sns.eu-central-1.amazonaws.com", "sns.us-east-1.amazonaws.com"),
        PEM.replace(
            "sns.eu-central-1.amazonaws.com", "sns.eu-central-1.amazonaws.com.evil.example"
        ),
        PEM.replace("sns.eu-central-1.amazonaws.com", "evil.example"),
        PEM.replace("sns.eu", "SNS.eu"),
        PEM.replace("https://", "https://evil.example@"),
        PEM.replace("https://", "https://evil.example\\@"),
        PEM.replace(".com/", ".com:8443/"),
        PEM.replace(".pem", ".pem?x=1"),
        PEM.replace(".pem", ".txt"),
        PEM.replace(".pem", ".pem/../../x"),
        PEM + "#x",
        PEM + "#",
        PEM + "?",
        " " + PEM,
        PEM.replace("https", "HTTPS"),
        PEM + "\n",
        f"{HOST}/a/b.pem",
        "https://[::1",
        None,
        7,
    ],
)
def test_a_certificate_is_fetched_from_sns_alone(address: object) -> None:
    shelf = Shelf()

    assert isinstance(heard(made(shelf), signed({**GOOD, "SigningCertURL": address})), NotGenuine)
    assert shelf.asked == []


def test_china_has_a_host_of_its_own() -> None:
    arn = "arn:aws-cn:sns:cn-north-1:123456789012:ses"

    assert Topic.of(arn).host == "sns.cn-north-1.amazonaws.com.cn"


@pytest.mark.parametrize(
    "arn", ["", "ses-events", "arn:aws:sqs:eu-central-1:123456789012:x", TOPIC + "/x"]
)
def test_what_is_no_topic_is_none(arn: str) -> None:
    with pytest.raises(ValueError, match="not the ARN"):
        Topic.of(arn)


@pytest.mark.parametrize(
    "told",
    [
        {"TopicArn": TOPIC.replace("ses-events", "other")},
        {"TopicArn": TOPIC.replace("123456789012", "210987654321")},
        {"SignatureVersion": "3"},
        {"SignatureVersion": None},
        {"Type": "Something"},
        {"Timestamp": "2026-01-01T10:54:59.000Z"},
        {"Timestamp": "2026-01-01T12:05:01.000Z"},
        {"Timestamp": "soon"},
        {"Message": 7},
    ],
)
def test_what_is_not_for_us_is_not_believed(told: dict[str, Any]) -> None:
    assert isinstance(heard(made(Shelf()), signed(notification(delivery(), **told))), NotGenuine)


def test_an_hour_of_trying_is_not_too_late() -> None:
    """SNS tries for an hour; what it tells again is recognised by what it says."""
    told = {**GOOD, "Timestamp": "2026-01-01T11:00:00.000Z"}

    assert isinstance(heard(made(Shelf()), signed(told)), Answered)


@pytest.mark.parametrize("days", [-1, -400])
def test_a_certificate_that_is_over_is_none(days: int) -> None:
    assert isinstance(heard(made(Shelf(certificate(days))), signed(GOOD)), NotGenuine)


def test_another_key_is_not_believed() -> None:
    other = rsa.generate_private_key(65537, 2048)

    assert isinstance(heard(made(Shelf()), signed(GOOD, by=other)), NotGenuine)


def test_one_changed_byte_is_enough() -> None:
    """Of what is signed; the address to unsubscribe, which SNS does not sign, is not used."""
    incoming, receiver = signed(GOOD), made(Shelf())
    assert isinstance(heard(receiver, incoming), Answered)
    start = incoming.body.index(b'"Message":')
    for place in range(start, incoming.body.index(b'"Timestamp"') + 30, 11):
        body = bytearray(incoming.body)
        body[place] ^= 1
        changed = replace(incoming, body=bytes(body))
        assert isinstance(receiver.read(changed, NOW), NotGenuine), changed.body[
            place - 9 : place + 9
        ]


@given(body=st.binary(max_size=60) | st.just(b"[]") | st.just(b'{"TopicArn": []}'))
def test_whatever_comes_is_answered(body: bytes) -> None:
    shelf = Shelf()
    incoming = Incoming("POST", "", {}, body)

    assert isinstance(heard(made(shelf), incoming), NotGenuine)
    assert shelf.asked == []


# -------------------------------------------------------------------------------- subscriptions


def test_a_subscription_to_the_topic_is_confirmed() -> None:
    shelf = Shelf()
    asked = confirmation()

    assert heard(made(shelf), signed(asked)) == Answered()
    assert shelf.asked == [PEM, asked["SubscribeURL"]]


@pytest.mark.parametrize(
    "told",
    [
        {"SubscribeURL": "https://evil.example/?Action=ConfirmSubscription&TopicArn=" + TOPIC},
        {
            "SubscribeURL": f"http://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}"
        },
        {"SubscribeURL": f"{HOST}/?Action=DeleteTopic&TopicArn={TOPIC}"},
        {"SubscribeURL": f"{HOST}/?Action=ConfirmSubscription&Action=DeleteTopic&TopicArn={TOPIC}"},
        {"SubscribeURL": f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}2"},
        {"SubscribeURL": f"{HOST}/x?Action=ConfirmSubscription&TopicArn={TOPIC}"},
        {"TopicArn": TOPIC + "2"},
        {"Timestamp": "2025-12-31T12:00:00.000Z"},
    ],
)
def test_no_other_door_is_opened(told: dict[str, Any]) -> None:
    shelf = Shelf()
    heard(made(shelf), signed(confirmation(**told)))

    assert [each for each in shelf.asked if each != PEM] == []


def test_a_forged_confirmation_opens_nothing() -> None:
    shelf = Shelf()
    forged = signed(confirmation(), by=rsa.generate_private_key(65537, 2048))

    assert isinstance(heard(made(shelf), forged), NotGenuine)
    assert shelf.asked == [PEM]


def test_that_somebody_unsubscribed_is_no_news() -> None:
    shelf = Shelf()
    told = confirmation(Type="UnsubscribeConfirmation")

    assert heard(made(shelf), signed(told)) == Answered()
    assert shelf.asked == [PEM]


def test_a_subscription_that_could_not_be_confirmed_is_asked_for_again() -> None:
    class Away(Shelf):
        away = True

        async def fetch(self, address: str) -> bytes | None:
            found = await super().fetch(address)
            return None if self.away and address not in (PEM, ISSUER) else found

    shelf, asked = Away(), confirmation()
    receiver = made(shelf)
    found = heard(receiver, signed(asked))
    assert isinstance(found, NotGenuine)
    assert found.again

    shelf.away = False
    assert heard(receiver, signed(asked)) == Answered()
    assert shelf.asked == [PEM, asked["SubscribeURL"], asked["SubscribeURL"]]


class Shop:
    """Has the certificate at one address, and nothing anywhere else."""

    def mistakes(self, received: Received) -> Sequence[str]:
        return [] if received.method == "GET" else [received.method]

    def read(self, received: Received) -> None:
        return None

    def answer(self, received: Received, situation: Situation) -> Said:
        return Said(200, certificate()) if received.path == "/x.pem" else Said(404, b"no")


def test_it_is_fetched_over_http() -> None:
    """From a server on loopback that has the certificate."""

    async def get() -> tuple[bytes | None, bytes | None]:
        async with provider(Shop()) as shop:
            return await fetch(f"{shop.address}/x.pem"), await fetch(f"{shop.address}/y.pem")

    assert asyncio.run(get()) == (certificate(), None)


def test_it_is_one_that_is_prepared() -> None:
    assert isinstance(made(Shelf()), Prepares)
