"""APNs: HTTP/2, tokens, Apple's reasons, and what it does when it is not well."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from channels.apns.adapter import CODES, ApnsAdapter, ApnsDialect, ApnsSettings, ProviderTokens
from channels.http.adapter import HttpAdapter
from channels.http.transport import Request, Response
from channels.http.two import TransportTwo
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected
from channels.testing import AdapterContract, Arrived, Rig, Situation
from dsl.calendar import MINUTE
from tests.channels.apns.apple import Answer, Apple, Asked, apple
from tests.channels.email.servers import certificate
from tests.channels.http.keys import pem, read_token

TOKEN = "0123456789abcdef" * 4
TEXTS = {"title": "Grüße", "body": "10 % für Dich", "link": "https://shop.example/sale"}
NOW = 1_767_268_800_000_000


@cache
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def of(address: str | None = None) -> ApnsSettings:
    given = {
        "private_key": pem(key()),
        "key_id": "ABC1234DEF",
        "team_id": "TEAM123456",
        "topic": "example.shop.app",
    }
    return ApnsSettings.model_validate(given | ({"address": address} if address else {}))


def note(address: str = TOKEN, **parts: str) -> Message:
    return Message("d1", "push", address, "news", "welcome", "hello", TEXTS | parts, at=NOW)


class _Rig:
    channel = "push"
    address = TOKEN
    texts: Mapping[str, str] = TEXTS

    def __init__(self) -> None:
        self.adapter: HttpAdapter
        self.server: Apple
        self.situation = Situation.WELL
        self.got: list[Arrived] = []
        self.mistakes: list[str] = []

    async def arrange(self, situation: Situation) -> bool:
        self.situation = situation
        if situation is Situation.DOWN:
            await self.server.stop()
        else:
            await self.server.start()
        return True

    def arrived(self) -> Sequence[Arrived]:
        return list(self.got)

    def says(self, asked: Asked) -> Answer:
        self._check(asked)
        token = asked.headers[":path"].removeprefix("/3/device/")
        if token == "0" * 64:
            return Answer(400, b'{"reason": "BadDeviceToken"}')
        match self.situation:
            case Situation.RECIPIENT_REFUSED:
                return Answer(410, b'{"reason": "Unregistered", "timestamp": 1700000000000}')
            case Situation.BUSY:
                return Answer(429, b'{"reason": "TooManyRequests"}')
            case _:
                told = orjson.loads(asked.body)
                texts = {**told["aps"]["alert"], "link": told.get("link", "")}
                self.got.append(Arrived(told["wayline_delivery"], token, texts))
                return Answer(200, hangs_up=self.situation is Situation.ANSWER_LOST)

    def _check(self, asked: Asked) -> None:
        token = asked.headers["authorization"].removeprefix("bearer ")
        head, claims = read_token(token, key())
        if (head["alg"], head["kid"], claims["iss"]) != ("ES256", "ABC1234DEF", "TEAM123456"):
            self.mistakes.append("the token is wrong")
        if asked.headers[":method"] != "POST" or asked.headers["apns-topic"] != "example.shop.app":
            self.mistakes.append("the request is wrong")


class TestContract(AdapterContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self._file, self._context = certificate(tmp_path)

    def rig(self) -> AbstractAsyncContextManager[Rig]:
        return self._rigged()

    @asynccontextmanager
    async def _rigged(self) -> AsyncIterator[Rig]:
        rig = _Rig()
        async with apple(self._context, rig.says) as server:
            rig.server = server
            trusted = ssl.create_default_context(cafile=str(self._file))
            settings = of(server.address)
            transport = TransportTwo(2, trusted)
            rig.adapter = HttpAdapter(
                ApnsDialect(settings), transport, 10, ProviderTokens(settings)
            )
            try:
                yield rig
            finally:
                await rig.adapter.close()
        assert rig.mistakes == []


def outcome(status: int, reason: str) -> Outcome:
    body = orjson.dumps({"reason": reason})
    return ApnsDialect(of()).outcome(note(), Response(status, body))


@pytest.mark.parametrize(
    ("status", "reason", "failure"),
    [
        (400, "BadDeviceToken", FailureClass.PERMANENT_RECIPIENT),
        (400, "DeviceTokenNotForTopic", FailureClass.PERMANENT_RECIPIENT),
        (410, "ExpiredToken", FailureClass.PERMANENT_RECIPIENT),
        (413, "PayloadTooLarge", FailureClass.PERMANENT_CONTENT),
        (403, "InvalidProviderToken", FailureClass.PERMANENT_CONFIG),
        (400, "TopicDisallowed", FailureClass.PERMANENT_CONFIG),
        (503, "Shutdown", FailureClass.TRANSIENT),
    ],
)
def test_a_refusal_is_told_by_its_reason(status: int, reason: str, failure: FailureClass) -> None:
    found = outcome(status, reason)

    assert isinstance(found, Rejected)
    assert (found.failure, found.code) == (failure, reason)


def test_limits_are_of_the_device_or_of_us() -> None:
    limits = {
        reason: outcome(429, reason)
        for reason in ("TooManyRequests", "TooManyProviderTokenUpdates")
    }

    assert {
        reason: (found.scope, found.after)
        for reason, found in limits.items()
        if isinstance(found, RateLimited)
    } == {
        "TooManyRequests": ("recipient", 60.0),
        "TooManyProviderTokenUpdates": ("account", 1200.0),
    }


def test_what_we_do_not_know_goes_by_its_status() -> None:
    assert outcome(400, "NewReason") == Rejected(
        FailureClass.PERMANENT_CONTENT, "NewReason", "NewReason"
    )


def test_every_reason_that_apple_publishes_has_its_class() -> None:
    """From Apple's page on the responses of its push service, as of 2026."""
    published = {
        400: "BadCollapseId BadDeviceToken BadExpirationDate BadMessageId BadPriority BadTopic"
        " DeviceTokenNotForTopic DuplicateHeaders IdleTimeout InvalidPushType MissingDeviceToken"
        " MissingTopic PayloadEmpty TopicDisallowed",
        403: "BadCertificate BadCertificateEnvironment BadEnvironmentKeyIdInToken"
        " ExpiredProviderToken Forbidden InvalidProviderToken MissingProviderToken"
        " UnrelatedKeyIdInToken",
        404: "BadPath",
        405: "MethodNotAllowed",
        410: "ExpiredToken Unregistered",
        413: "PayloadTooLarge",
        429: "TooManyProviderTokenUpdates TooManyRequests",
        500: "InternalServerError",
        503: "ServiceUnavailable Shutdown",
    }
    assert set(CODES) == {each for reasons in published.values() for each in reasons.split()}


def test_the_same_message_has_the_same_id() -> None:
    first, second = ApnsDialect(of()).request(note()), ApnsDialect(of()).request(note())
    assert isinstance(first, Request)
    assert isinstance(second, Request)

    assert first.headers["apns-id"] == second.headers["apns-id"]
    accepted = ApnsDialect(of()).outcome(note(), Response(200, b""))
    assert accepted == Accepted(first.headers["apns-id"])


def test_what_is_too_large_for_a_device_is_refused_here() -> None:
    found = ApnsDialect(of()).request(note(body="ü" * 2100))

    assert isinstance(found, Rejected)
    assert found.failure is FailureClass.PERMANENT_CONTENT


def test_a_token_is_neither_too_old_nor_made_too_often() -> None:
    async def story() -> list[str]:
        tokens = ProviderTokens(of())
        request = ApnsDialect(of()).request(note())
        assert isinstance(request, Request)
        times = (NOW, NOW + 49 * MINUTE, NOW + 50 * MINUTE, NOW)
        return [(await tokens.sign(request, at)).headers["authorization"] for at in times]

    first, same, next_, earlier = asyncio.run(story())

    assert first == same
    assert len({first, next_, earlier}) == 3


def test_it_sounds_as_the_operator_says() -> None:
    loud = of().model_copy(update={"sound": "default"})
    request = ApnsDialect(loud).request(note(image="https://shop.example/a.png"))
    assert isinstance(request, Request)
    aps = orjson.loads(request.body)["aps"]

    assert (aps["sound"], aps["mutable-content"]) == ("default", 1)


def test_many_messages_share_a_connection(tmp_path: Path) -> None:
    file, context = certificate(tmp_path)

    async def story() -> int:
        async with apple(context, lambda _: Answer(200)) as server:
            trusted = ssl.create_default_context(cafile=str(file))
            settings = of(server.address)
            adapter = HttpAdapter(
                ApnsDialect(settings), TransportTwo(1, trusted), 10, ProviderTokens(settings)
            )
            outcomes = await asyncio.gather(*(adapter.send(note()) for _ in range(200)))
            await adapter.close()
            return sum(isinstance(each, Accepted) for each in outcomes)

    assert asyncio.run(story()) == 200


def test_the_adapter_is_made_from_its_settings() -> None:
    assert ApnsAdapter(of()).capabilities.channels == {"push"}


def test_a_link_into_the_app_has_a_page_with_it_for_those_without() -> None:
    web = "https://shop.example/cart"
    found = ApnsDialect(of()).request(note(link="shop://cart", web=web))

    assert not isinstance(found, Rejected)
    payload = orjson.loads(found.body)
    assert (payload["link"], payload["web"]) == ("shop://cart", web)
