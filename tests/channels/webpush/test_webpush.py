"""Push to browsers: the vector of the standard, a push service that reads what it gets, and
subscriptions that lead elsewhere.
"""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path

import http_ece
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from channels.http.adapter import HttpAdapter
from channels.http.jwt import base64url
from channels.http.transport import Response, Transport
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.registry import open_adapter
from channels.settings import SettingsError
from channels.testing import AdapterContract, Arrived, Rig, Situation
from channels.webpush.adapter import Vapid, WebPushDialect, WebPushSettings
from channels.webpush.encryption import Seal, decoded, encrypted, public_bytes, read_public
from dsl.calendar import HOUR, SECOND
from tests.channels.http.keys import pem, read_token
from tests.channels.http.provider import ProviderRig, Received, Said, provider, said

VECTORS = json.loads((Path(__file__).parents[2] / "contracts" / "vectors.json").read_text())
RFC = VECTORS["webpush_rfc8291_s5"]
TEXTS = {"title": "Grüße", "body": "10 % für Dich", "link": "https://shop.example/sale"}
AUTH = bytes(range(16))
NOW = 1_767_268_800_000_000


@cache
def server() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def browser() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def of(*services: str) -> WebPushSettings:
    given = {"private_key": pem(server()), "contact": "mailto:ops@shop.example"}
    return WebPushSettings.model_validate(given | ({"services": services} if services else {}))


def subscription(endpoint: str = "https://updates.push.services.mozilla.com/wpush/v2/abc") -> str:
    keys = {"p256dh": base64url(public_bytes(browser().public_key())), "auth": base64url(AUTH)}
    return orjson.dumps({"endpoint": endpoint, "expirationTime": None, "keys": keys}).decode()


def note(address: str = "", **parts: str) -> Message:
    texts = TEXTS | parts
    where = address or subscription()
    return Message("d1", "push", where, "news", "welcome", "hello", texts, at=NOW)


# ------------------------------------------------------------------------------------- encryption


def test_the_vector_of_the_standard_comes_out_byte_for_byte() -> None:
    secret = int.from_bytes(decoded(RFC["as_private"]), "big")
    seal = Seal(ec.derive_private_key(secret, ec.SECP256R1()), decoded(RFC["salt"]))
    public, auth = read_public(RFC["ua_public"], RFC["auth_secret"])

    body = encrypted(RFC["plaintext"].encode(), public, auth, seal)

    assert base64url(body) == RFC["body"]


def test_somebody_else_reads_what_is_encrypted() -> None:
    body = encrypted(b"hello", browser().public_key(), AUTH, Seal.fresh())

    assert http_ece.decrypt(body, private_key=browser(), auth_secret=AUTH) == b"hello"


# ---------------------------------------------------------------------------------- a push service


class Service:
    """A push service with a browser behind it."""

    def __init__(self) -> None:
        self.address = ""

    def mistakes(self, received: Received) -> Sequence[str]:
        if received.method == "GET":
            return []
        scheme, _, rest = received.headers["authorization"].partition(" ")
        fields = dict(each.strip().split("=", 1) for each in rest.split(","))
        head, claims = read_token(fields["t"], server())
        wrong = []
        if (scheme, head["alg"], claims["sub"]) != ("vapid", "ES256", "mailto:ops@shop.example"):
            wrong.append("the signature is not as it should be")
        if fields["k"] != base64url(public_bytes(server().public_key())):
            wrong.append("this is not the key the browser knows")
        if claims["aud"] != self.address:
            wrong.append(f"{claims['aud']} is not us")
        if not received.headers["ttl"].isdecimal() or len(received.headers["topic"]) > 32:
            wrong.append("TTL or Topic is wrong")
        return wrong

    def read(self, received: Received) -> Arrived | None:
        if received.method == "GET":
            return None
        data = http_ece.decrypt(received.body, private_key=browser(), auth_secret=AUTH)
        told = orjson.loads(data)
        return Arrived(
            told.pop("wayline_delivery"), subscription(self.address + received.path), told
        )

    def answer(self, received: Received, situation: Situation) -> Said:
        if received.method == "GET":
            return said(404)
        match situation:
            case Situation.RECIPIENT_REFUSED:
                return said(410)
            case Situation.BUSY:
                return said(429, retry_after="30")
            case _:
                return said(201, location="https://push.example/m/1")


class TestContract(AdapterContract):
    def rig(self) -> AbstractAsyncContextManager[Rig]:
        return rigged()


@asynccontextmanager
async def rigged() -> AsyncIterator[Rig]:
    part = Service()
    async with provider(part) as played:
        part.address = played.address
        settings = of(played.address.removeprefix("http://"))
        dialect = WebPushDialect(settings, scheme="http")
        adapter = HttpAdapter(dialect, Transport(8), 10, Vapid(settings))
        try:
            address = subscription(f"{played.address}/wpush/v2/abc")
            yield ProviderRig(adapter, played, "push", address, TEXTS)
        finally:
            await adapter.close()


# ----------------------------------------------------------------------------------- subscriptions


@pytest.mark.parametrize(
    "address",
    [
        "",
        "{}",
        "token-1",
        '{"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": "x", "auth": "y"}}',
        subscription("http://fcm.googleapis.com/x"),
        subscription("https://fcm.googleapis.com:8443/x"),
        subscription("https://fcm.googleapis.com@evil.example/x"),
        subscription("https://fcm.googleapis.com.evil.example/x"),
        subscription("https://127.0.0.1/x"),
        subscription("https://notify.windows.com.evil.example/x"),
        subscription("https://[::1]/x"),
        subscription("https://[x/"),
    ],
)
def test_only_push_services_of_browsers_are_called(address: str) -> None:
    found = WebPushDialect(of()).request(note(address or "x"))

    assert isinstance(found, Rejected)
    assert found.failure is FailureClass.PERMANENT_RECIPIENT


@pytest.mark.parametrize("host", ["fcm.googleapis.com", "wns2-par02p.notify.windows.com"])
def test_push_services_of_browsers_are_known(host: str) -> None:
    assert not isinstance(
        WebPushDialect(of()).request(note(subscription(f"https://{host}/x"))), Rejected
    )


def test_what_is_too_large_for_a_browser_is_refused_here() -> None:
    found = WebPushDialect(of()).request(note(body="x" * 4000))

    assert isinstance(found, Rejected)
    assert found.failure is FailureClass.PERMANENT_CONTENT


# ---------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (Response(201, b"", {"location": "/m/1"}), Accepted("/m/1")),
        (Response(201, b""), Accepted("d1")),
        (Response(404, b""), Rejected(FailureClass.PERMANENT_RECIPIENT, "404", "status 404")),
        (Response(413, b"big"), Rejected(FailureClass.PERMANENT_CONTENT, "413", "big")),
        (Response(403, b"who?"), Rejected(FailureClass.PERMANENT_CONFIG, "403", "who?")),
        (Response(429, b"slow"), RateLimited("recipient", 60.0, "slow")),
        (Response(503, b"later"), Rejected(FailureClass.TRANSIENT, "503", "later")),
        (Response(500, b"oh"), Unknown("500 oh")),
    ],
)
def test_what_an_answer_means(response: Response, expected: Outcome) -> None:
    assert WebPushDialect(of()).outcome(note(), response) == expected


async def _token(vapid: Vapid, now: int) -> str:
    request = WebPushDialect(of()).request(note())
    assert not isinstance(request, Rejected)
    return (await vapid.sign(request, now)).headers["Authorization"]


@pytest.mark.parametrize(("later", "same"), [(10 * HOUR, True), (12 * HOUR, False), (-HOUR, False)])
def test_a_token_serves_until_shortly_before_its_end(later: int, *, same: bool) -> None:
    async def story() -> bool:
        vapid = Vapid(of())
        return await _token(vapid, NOW) == await _token(vapid, NOW + later)

    assert asyncio.run(story()) == same


def test_a_token_ends_within_a_day() -> None:
    authorization = asyncio.run(_token(Vapid(of()), NOW))
    _, claims = read_token(authorization.split("t=")[1].split(",")[0], server())

    assert claims["exp"] - NOW // SECOND == 12 * 3600
    assert claims["aud"] == "https://updates.push.services.mozilla.com"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"private_key": "x"}, "not a private key"),
        ({"contact": "ops"}, "contact"),
    ],
)
def test_wrong_settings_are_told_in_sentences(wrong: dict[str, str], sentence: str) -> None:
    given = {"private_key": pem(server()), "contact": "mailto:ops@shop.example"} | wrong
    with pytest.raises(SettingsError, match=sentence):
        open_adapter("webpush", given)


def test_padding_does_not_matter() -> None:
    assert decoded("YQ") == decoded("YQ==") == urlsafe_b64decode("YQ==")


def test_a_browser_opens_the_page_and_not_the_app() -> None:
    web = "https://shop.example/cart"
    found = WebPushDialect(of()).request(note(link="shop://cart", web=web))

    assert not isinstance(found, Rejected)
    told = http_ece.decrypt(found.body, private_key=browser(), auth_secret=AUTH)
    assert orjson.loads(told)["link"] == web
    assert "web" not in orjson.loads(told)
