"""Vonage: its specification, its own client's model, and what it does when it is not well."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson
import pytest
from pydantic import ConfigDict, ValidationError
from vonage_messages.models import Sms

from channels.http.transport import Response
from channels.message import Message
from channels.outcome import (
    Accepted,
    FailureClass,
    Outcome,
    RateLimited,
    Rejected,
    Unknown,
    Withdrawal,
)
from channels.testing import AdapterContract, Arrived, Rig, Situation
from channels.vonage.adapter import VonageAdapter, VonageDialect, VonageSettings
from channels.vonage.codes import CODES
from tests.channels.http.provider import Received, Said, rigged, said
from tests.contracts.checker import Contract

CONTRACT = Contract("vonage.json")
NUMBER = "+4915112345678"
STOPPED = Withdrawal("channel", "reply", "vonage 1240")


class _Sms(Sms):  # type: ignore[misc]  # it ships no types
    """An SMS as Vonage's own client has it, and nothing else."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


def of(address: str = "https://api.nexmo.com") -> VonageSettings:
    return VonageSettings.model_validate(
        {
            "api_key": "key",
            "api_secret": "secret",
            "sender": "+491511111111",
            "callback": "https://journeys.shop.example/receipts/vonage",
            "address": address,
        }
    )


class Vonage:
    """Vonage's part."""

    def mistakes(self, received: Received) -> Sequence[str]:
        found = []
        if received.headers["authorization"] != f"Basic {b64encode(b'key:secret').decode()}":
            found.append("the login is wrong")
        if received.method == "POST":
            try:
                body = orjson.loads(received.body)
                sender = body.pop("from")
                _Sms.model_validate({**body, "from_": sender})
            except ValidationError as error:
                found.append(str(error))
        return found

    def read(self, received: Received) -> Arrived | None:
        if received.method == "GET":
            return None
        body = orjson.loads(received.body)
        return Arrived(body["client_ref"], f"+{body['to']}", {"text": body["text"]})

    def answer(self, received: Received, situation: Situation) -> Said:
        if received.method == "GET":
            return said(200, {"value": 10.28, "autoReload": False})
        match situation:
            case Situation.RECIPIENT_REFUSED:
                return said(422, _error(1430, "Invalid recipient"))
            case Situation.BUSY:
                return said(429, _error(1000, "Throttled"))
            case _:
                return said(202, {"message_uuid": "aaaaaaaa-bbbb"})


def _error(code: int, words: str) -> dict[str, Any]:
    page = f"https://developer.vonage.com/api-errors/messages-olympus#{code}"
    return {"type": page, "title": "Title", "detail": words, "instance": "bf0ca0bf927b"}


class TestContract(AdapterContract):
    def rig(self) -> AbstractAsyncContextManager[Rig]:
        return rigged(
            Vonage(),
            lambda address: VonageAdapter(of(address)),
            "sms",
            NUMBER,
            {"text": "Grüße, 10 % für Dich"},
        )


def message(text: str = "Hi", address: str = NUMBER) -> Message:
    return Message("d1", "sms", address, "news", "welcome", "hello", {"text": text})


def outcome(status: int, code: int, **headers: str) -> Outcome:
    body = orjson.dumps(_error(code, "words"))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return VonageDialect(of()).outcome(message(), Response(status, body, named))


def published() -> Iterator[str]:
    """The codes of Vonage's specification, wherever in it they stand."""

    def found(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            yield from node.get("x-errors", {})
            for each in node.values():
                yield from found(each)
        elif isinstance(node, list):
            for each in node:
                yield from found(each)

    return found(CONTRACT.document)


def test_every_published_code_has_its_class() -> None:
    codes = set(published())

    assert len(codes) == 50
    assert set(CODES) == codes


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (422, 1430, Rejected(FailureClass.PERMANENT_RECIPIENT, "1430", "words")),
        (422, 1240, Rejected(FailureClass.POLICY_BLOCKED, "1240", "words", withdrawal=STOPPED)),
        (422, 1022, Rejected(FailureClass.PERMANENT_CONTENT, "1022", "words")),
        (402, 1070, Rejected(FailureClass.PERMANENT_CONFIG, "1070", "words")),
        (401, 1099, Rejected(FailureClass.PERMANENT_CONFIG, "1099", "words")),
        (422, 1331, Rejected(FailureClass.TRANSIENT, "1331", "words")),
        (429, 1000, RateLimited("account", 3.0, "1000 words")),
        (422, 1241, RateLimited("recipient", 60.0, "1241 words")),
        (422, 1320, Unknown("1320 words")),
        (500, 1030, Unknown("1030 words")),
    ],
)
def test_what_a_refusal_means(status: int, code: int, expected: Outcome) -> None:
    assert outcome(status, code, retry_after="3") == expected


def test_a_taken_message_has_vonages_name() -> None:
    dialect = VonageDialect(of())

    assert dialect.outcome(message(), Response(202, b'{"message_uuid": "u"}')) == Accepted("u")
    assert isinstance(dialect.outcome(message(), Response(202, b"")), Unknown)


@pytest.mark.parametrize("text", ["", "x" * 1001])
def test_what_vonage_would_not_take_is_refused_here(text: str) -> None:
    found = VonageDialect(of()).request(message(text))

    assert isinstance(found, Rejected)
    assert found.failure is FailureClass.PERMANENT_CONTENT


@pytest.mark.parametrize(
    ("response", "obstacle"),
    [
        (Response(200, b'{"value": 3.5}'), ""),
        (Response(200, b'{"value": 0}'), "There is nothing left on the account at Vonage."),
        (Response(401, b"{}"), "Vonage does not know this key and secret."),
        (Response(500, b""), "Vonage answers 500."),
    ],
)
def test_looking_whether_we_are_let_in(response: Response, obstacle: str) -> None:
    assert VonageDialect(of()).obstacle(response) == obstacle
