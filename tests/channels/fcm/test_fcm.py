"""FCM: Google's own description of it, its errors, and tokens that come and go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from channels.fcm.adapter import CODES, FcmAdapter, FcmDialect, FcmSettings
from channels.http.transport import Response
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.registry import open_adapter
from channels.settings import SettingsError
from channels.testing import AdapterContract, Arrived, Rig, Situation
from dsl.calendar import HOUR, SECOND
from tests.channels.http.keys import pem, read_token
from tests.channels.http.provider import Provider, ProviderRig, Received, Said, provider, said
from tests.contracts.checker import Discovery

CONTRACT = Discovery("fcm.json")
BODY = "#/schemas/SendMessageRequest"
TEXTS = {"title": "Grüße", "body": "10 % für Dich", "link": "https://shop.example/sale"}
NOW = 1_767_268_800_000_000
ACCOUNT = "wayline@shop.iam.example"


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def of(folder: Path, address: str = "https://fcm.googleapis.com") -> FcmSettings:
    file = folder / "account.json"
    account = {
        "client_email": ACCOUNT,
        "private_key": pem(key()),
        "private_key_id": "k1",
        "project_id": "shop",
        "token_uri": f"{address}/token",
    }
    file.write_bytes(orjson.dumps(account))
    return FcmSettings.model_validate({"service_account_file": file, "address": address})


def note(at: int = 0, address: str = "token-1", **parts: str) -> Message:
    texts = TEXTS | parts
    return Message("d1", "push", address, "news", "welcome", "hello", texts, at=at)


class Google:
    """FCM's part, and that of Google's tokens. A token is good until it is taken back."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.good = ""

    def mistakes(self, received: Received) -> Sequence[str]:
        if received.path == "/token":
            return []
        return CONTRACT.mistakes(BODY, orjson.loads(received.body))

    def read(self, received: Received) -> Arrived | None:
        if received.path == "/token":
            return None
        message = orjson.loads(received.body)["message"]
        if "topic" in message:
            return None
        texts = message["notification"] | {"link": message["data"].get("link", "")}
        return Arrived(message["data"]["wayline_delivery"], message["token"], texts)

    def answer(self, received: Received, situation: Situation) -> Said:
        if received.path == "/token":
            return self._token(received)
        if received.headers.get("authorization") != f"Bearer {self.good}":
            return said(401, _error("UNAUTHENTICATED"))
        match situation:
            case Situation.RECIPIENT_REFUSED:
                return said(404, _error("NOT_FOUND", "UNREGISTERED"))
            case Situation.BUSY:
                return said(429, _error("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"))
            case _:
                return said(200, {"name": "projects/shop/messages/1"})

    def _token(self, received: Received) -> Said:
        asked = dict(parse_qsl(received.body.decode()))
        head, claims = read_token(asked["assertion"], key())
        assert asked["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        assert (head["alg"], head["kid"], claims["iss"]) == ("RS256", "k1", ACCOUNT)
        assert claims["exp"] - claims["iat"] == 3600
        self.good = f"token-{len(self.tokens)}"
        self.tokens.append(self.good)
        return said(200, {"access_token": self.good, "expires_in": 3599, "token_type": "Bearer"})


def _error(status: str, code: str = "", fields: Sequence[str] = ()) -> dict[str, Any]:
    details: list[dict[str, Any]] = []
    if code:
        kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
        details.append({"@type": kind, "errorCode": code})
    if fields:
        violations = [{"field": field, "description": "x"} for field in fields]
        kind = "type.googleapis.com/google.rpc.BadRequest"
        details.append({"@type": kind, "fieldViolations": violations})
    return {"error": {"status": status, "message": "words", "details": details}}


@asynccontextmanager
async def google(folder: Path) -> AsyncIterator[tuple[FcmAdapter, Provider, Google]]:
    part = Google()
    async with provider(part) as played:
        adapter = FcmAdapter(of(folder, played.address))
        try:
            yield adapter, played, part
        finally:
            await adapter.close()


class TestContract(AdapterContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self._at = tmp_path

    def rig(self) -> AbstractAsyncContextManager[Rig]:
        return self._rigged()

    @asynccontextmanager
    async def _rigged(self) -> AsyncIterator[Rig]:
        async with google(self._at) as (adapter, played, _):
            yield ProviderRig(adapter, played, "push", "token-1", TEXTS)


def outcome(
    tmp_path: Path, status: int, code: str, fields: Sequence[str] = (), **headers: str
) -> Outcome:
    body = orjson.dumps(_error("X", code, fields))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return FcmDialect(of(tmp_path)).outcome(note(NOW), Response(status, body, named))


def test_every_error_of_fcm_has_its_class() -> None:
    published = {
        "UNSPECIFIED_ERROR",
        "INVALID_ARGUMENT",
        "UNREGISTERED",
        "SENDER_ID_MISMATCH",
        "QUOTA_EXCEEDED",
        "UNAVAILABLE",
        "INTERNAL",
        "THIRD_PARTY_AUTH_ERROR",
    }
    assert published <= set(CODES)


@pytest.mark.parametrize(
    ("status", "code", "fields", "expected"),
    [
        (400, "INVALID_ARGUMENT", (), FailureClass.PERMANENT_RECIPIENT),
        (400, "INVALID_ARGUMENT", ("message.token",), FailureClass.PERMANENT_RECIPIENT),
        (400, "INVALID_ARGUMENT", ("message.data",), FailureClass.PERMANENT_CONTENT),
        (404, "UNREGISTERED", (), FailureClass.PERMANENT_RECIPIENT),
        (403, "SENDER_ID_MISMATCH", (), FailureClass.PERMANENT_RECIPIENT),
        (401, "THIRD_PARTY_AUTH_ERROR", (), FailureClass.PERMANENT_CONFIG),
        (503, "UNAVAILABLE", (), FailureClass.TRANSIENT),
    ],
)
def test_what_a_refusal_means(
    tmp_path: Path, status: int, code: str, fields: Sequence[str], expected: FailureClass
) -> None:
    assert outcome(tmp_path, status, code, fields) == Rejected(expected, code, "words")


def test_what_is_not_a_plain_refusal(tmp_path: Path) -> None:
    limited = outcome(tmp_path, 429, "QUOTA_EXCEEDED", retry_after="90")

    assert limited == RateLimited("account", 90.0, "QUOTA_EXCEEDED words")
    assert outcome(tmp_path, 429, "QUOTA_EXCEEDED") == RateLimited(
        "account", 60.0, "QUOTA_EXCEEDED words"
    )
    assert outcome(tmp_path, 503, "UNAVAILABLE", retry_after="9") == RateLimited(
        "account", 9.0, "words"
    )
    assert outcome(tmp_path, 500, "INTERNAL") == Unknown("INTERNAL words")
    assert outcome(tmp_path, 500, "") == Unknown("X words")


def test_one_token_serves_for_an_hour(tmp_path: Path) -> None:
    async def story() -> list[str]:
        async with google(tmp_path) as (adapter, _, part):
            for at in (NOW, NOW + 57 * 60 * SECOND, NOW + HOUR):
                sends = [adapter.send(note(at)) for _ in range(10)]
                outcomes = await asyncio.gather(*sends)
                assert all(isinstance(each, Accepted) for each in outcomes)
            return part.tokens

    assert asyncio.run(story()) == ["token-0", "token-1"]


def test_a_token_that_was_taken_back_is_fetched_anew_and_nothing_is_lost(tmp_path: Path) -> None:
    async def story() -> tuple[Outcome, list[str], int]:
        async with google(tmp_path) as (adapter, played, part):
            await adapter.send(note(NOW))
            part.good = "another"
            second = await adapter.send(note(NOW))
            return second, part.tokens, len(played.arrived)

    second, tokens, arrived = asyncio.run(story())

    assert isinstance(second, Accepted)
    assert len(tokens) == 2
    assert arrived == 2


def test_without_a_token_nothing_is_handed_over(tmp_path: Path) -> None:
    async def story(status: int) -> Outcome:
        async with google(tmp_path) as (adapter, played, _):
            played.script = lambda _: said(status, {"error": "invalid_grant"})
            return await adapter.send(note(NOW))

    refused = Rejected(FailureClass.PERMANENT_CONFIG, "token", "invalid_grant")
    assert asyncio.run(story(400)) == refused
    assert asyncio.run(story(500)) == Rejected(FailureClass.TRANSIENT, "token", "invalid_grant")
    assert asyncio.run(story(429)) == RateLimited("account", 1.0, "invalid_grant")


def test_what_is_too_large_for_a_device_is_refused_here(tmp_path: Path) -> None:
    found = FcmDialect(of(tmp_path)).request(note(body="ü" * 2100))

    assert isinstance(found, Rejected)
    assert found.failure is FailureClass.PERMANENT_CONTENT


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "cannot be read as JSON"),
        ('{"client_email": "x"}', "has no private_key"),
        (
            '{"client_email": "x", "private_key": "x", "project_id": "x"}',
            "it is not a private key",
        ),
    ],
)
def test_wrong_accounts_are_told_in_sentences(tmp_path: Path, written: str, sentence: str) -> None:
    file = tmp_path / "account.json"
    file.write_text(written)
    with pytest.raises(SettingsError, match=sentence) as told:
        open_adapter("fcm", {"service_account_file": file})
    assert "PRIVATE" not in str(told.value)


def test_a_link_into_the_app_has_a_page_with_it_for_those_without(tmp_path: Path) -> None:
    web = "https://shop.example/cart"
    found = FcmDialect(of(tmp_path)).request(note(NOW, link="shop://cart", web=web))

    assert not isinstance(found, Rejected)
    data = orjson.loads(found.body)["message"]["data"]
    assert (data["link"], data["web"]) == ("shop://cart", web)
