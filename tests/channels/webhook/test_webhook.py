"""Signed requests to whoever takes messages: as the Standard Webhooks specification has them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

import orjson
import pytest

from channels.adapter import Capabilities
from channels.http.transport import Response
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.registry import open_adapter
from channels.settings import SettingsError
from channels.testing import AdapterContract, Arrived, Rig, Situation
from channels.webhook.adapter import WebhookAdapter, WebhookDialect, WebhookSettings, signature
from tests.channels.http.provider import Received, Said, rigged, said

KEY = bytes(range(32))
SECRET = f"whsec_{b64encode(KEY).decode()}"
TEXTS = {"title": "Grüße", "body": "10 % für Dich"}


def of(address: str = "https://desk.example/messages", **changes: object) -> WebhookSettings:
    given = {"address": address, "secret": SECRET, "channels": ["push"]}
    return WebhookSettings.model_validate(given | changes)


class Desk:
    """A receiver that verifies what it gets, by itself."""

    def mistakes(self, received: Received) -> Sequence[str]:
        name, stamp = received.headers["webhook-id"], received.headers["webhook-timestamp"]
        expected = signature(KEY, name, stamp, received.body)
        given = received.headers["webhook-signature"].split(" ")
        return [] if expected in given else ["the signature is wrong"]

    def read(self, received: Received) -> Arrived | None:
        body = orjson.loads(received.body)
        if body["type"] != "message":
            return None
        data = body["data"]
        return Arrived(data["delivery"], data["address"], data["parts"])

    def answer(self, _received: Received, situation: Situation) -> Said:
        match situation:
            case Situation.RECIPIENT_REFUSED:
                return said(410, {"detail": "no such device"})
            case Situation.BUSY:
                return said(429, retry_after="5")
            case _:
                return said(202, {"id": "desk-1"})


class TestContract(AdapterContract):
    def rig(self) -> AbstractAsyncContextManager[Rig]:
        return rigged(
            Desk(),
            lambda address: WebhookAdapter(of(f"{address}/messages")),
            "push",
            "token-1",
            TEXTS,
        )


def message() -> Message:
    return Message("d1", "push", "token-1", "news", "welcome", "hello", TEXTS)


def test_the_signature_is_that_of_the_specification() -> None:
    """The vector of the specification's own reference libraries."""
    key = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')

    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (Response(200, b""), Accepted("d1")),
        (Response(204, b""), Accepted("d1")),
        (Response(202, b'{"id": "7"}'), Accepted("7")),
        (
            Response(410, b'{"detail": "gone"}'),
            Rejected(FailureClass.PERMANENT_RECIPIENT, "410", "gone"),
        ),
        (
            Response(422, b'{"error": "no"}'),
            Rejected(FailureClass.PERMANENT_CONTENT, "422", "no"),
        ),
        (
            Response(401, b""),
            Rejected(FailureClass.PERMANENT_CONFIG, "401", "no reason was given"),
        ),
        (
            Response(429, b"", {"retry-after": "7"}),
            RateLimited("account", 7.0, "no reason was given"),
        ),
        (Response(500, b'{"detail": "oh"}'), Unknown("500 oh")),
    ],
)
def test_what_an_answer_means(response: Response, expected: Outcome) -> None:
    assert WebhookDialect(of()).outcome(message(), response) == expected


def test_the_operator_says_what_the_receiver_can_do() -> None:
    can = WebhookDialect(of(channels=["sms"], deduplicates=True, connections=3)).capabilities

    assert can == Capabilities(frozenset({"sms"}), concurrency=3, deduplicates=True)


@pytest.mark.parametrize("secret", ["", "short", "whsec_c2hvcnQ=", "not base64 at all, not at all"])
def test_a_weak_secret_is_refused(secret: str) -> None:
    with pytest.raises(SettingsError, match="24 to 64 bytes") as told:
        open_adapter("webhook", {"address": "https://desk.example/", "secret": secret})
    assert not secret or secret not in str(told.value)
