"""Amazon SES: signatures as botocore makes them, its own model, and moto's idea of SES."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from email import message_from_bytes, policy
from pathlib import Path
from unittest.mock import patch
from urllib.request import urlopen

import orjson
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Botocores
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from channels.http.transport import Request, Response
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.ses.adapter import CODES, SesAdapter, SesDialect, SesSettings
from channels.ses.signing import Credentials, signed
from channels.testing import AdapterContract, Arrived, Rig, Situation
from dsl.calendar import to_datetime
from tests.channels.email.letters import TEXTS, letter, texts_in
from tests.channels.http.provider import ProviderRig, Received, Said, provider, said

MODEL = ServiceModel(
    json.loads((Path(__file__).parents[2] / "contracts" / "ses.json").read_text()), "sesv2"
)
SEND = MODEL.operation_model("SendEmail")
NOW = 1_767_268_800_000_000


def of(address: str | None = None, **changes: str) -> SesSettings:
    given = {
        "region": "eu-central-1",
        "access_key_id": "AKIDEXAMPLE",
        "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "from": "Shop <news@shop.example>",
        "configuration_set": "journeys",
    }
    return SesSettings.model_validate(given | changes | ({"address": address} if address else {}))


def wrong_keys(shape_of: object, value: object, path: str = "") -> list[str]:
    """What a value has that the model does not know: botocore's validation takes anything."""
    members = getattr(shape_of, "members", None)
    if isinstance(value, dict) and members is not None:
        found = [f"{path}/{key}" for key in value if key not in members]
        for key in value.keys() & members.keys():
            found += wrong_keys(members[key], value[key], f"{path}/{key}")
        return found
    if isinstance(value, list):
        inner = getattr(shape_of, "member", None)
        return [each for one in value for each in wrong_keys(inner, one, path)]
    return []


class Ses:
    """SES's part: its own model judges what it is sent."""

    def mistakes(self, received: Received) -> Sequence[str]:
        if received.method == "GET":
            return []
        body = orjson.loads(received.body)
        shape = SEND.input_shape
        known = ParamValidator().validate(_decoded(body), shape)
        return [
            *wrong_keys(shape, body),
            *([known.generate_report()] if known.has_errors() else []),
        ]

    def read(self, received: Received) -> Arrived | None:
        if received.method == "GET":
            return None
        body = orjson.loads(received.body)
        raw = b64decode(body["Content"]["Raw"]["Data"])
        found = message_from_bytes(raw, policy=policy.default)
        delivery = str(found["X-Wayline-Delivery"])
        (to,) = body["Destination"]["ToAddresses"]
        return Arrived(delivery, to, texts_in(raw))

    def answer(self, received: Received, situation: Situation) -> Said:
        if received.method == "GET":
            return said(200, {"SendingEnabled": True, "ProductionAccessEnabled": True})
        match situation:
            case Situation.BUSY:
                return said(
                    429,
                    {"message": "Maximum sending rate exceeded."},
                    x_amzn_errortype="TooManyRequestsException",
                )
            case _:
                return said(200, {"MessageId": "010001"})


def _decoded(body: dict[str, object]) -> dict[str, object]:
    """As botocore takes it: bytes where the wire has base64."""
    content = body["Content"]
    assert isinstance(content, dict)
    return {**body, "Content": {"Raw": {"Data": b64decode(content["Raw"]["Data"])}}}


class SesRig(ProviderRig):
    async def arrange(self, situation: Situation) -> bool:
        """SES finds out later, and by mail, that there is no such address."""
        return situation is not Situation.RECIPIENT_REFUSED and await super().arrange(situation)


class TestContract(AdapterContract):
    def rig(self) -> AbstractAsyncContextManager[Rig]:
        return rigged()


@asynccontextmanager
async def rigged() -> AsyncIterator[Rig]:
    async with provider(Ses()) as played:
        adapter = SesAdapter(of(played.address))
        try:
            yield SesRig(adapter, played, "email", "ada@example.com", TEXTS)
        finally:
            await adapter.close()


# ----------------------------------------------------------------------------------- signatures

paths = st.lists(st.text("abcZ09-_~ +%é", min_size=1, max_size=8), max_size=3).map("/".join)


@settings(max_examples=50, deadline=None)
@given(
    path=paths,
    body=st.binary(max_size=200),
    token=st.sampled_from(["", "a-token"]),
    now=st.integers(0, 4_000_000_000).map(lambda second: second * 1_000_000),
    method=st.sampled_from(["GET", "POST"]),
)
def test_requests_are_signed_as_botocore_signs_them(
    path: str, body: bytes, token: str, now: int, method: str
) -> None:
    address = f"https://email.eu-central-1.amazonaws.com/{path}"
    request = Request(address, {"Content-Type": "application/json"}, body, method)
    ours = signed(request, Credentials("AKID", "secret", token), "eu-central-1", "ses", now)
    theirs = AWSRequest(method, address, {"Content-Type": "application/json"}, body)
    moment = to_datetime(now)
    with patch("botocore.auth.get_current_datetime", lambda: moment):
        SigV4Auth(Botocores("AKID", "secret", token or None), "ses", "eu-central-1").add_auth(
            theirs
        )

    assert ours.headers["Authorization"] == theirs.headers["Authorization"]
    assert ours.headers["X-Amz-Date"] == theirs.headers["X-Amz-Date"]


# -------------------------------------------------------------------------------------- answers


def outcome(status: int, kind: str, words: str = "words") -> Outcome:
    body = orjson.dumps({"message": words})
    answer = Response(status, body, {"x-amzn-errortype": kind})
    return SesDialect(of()).outcome(letter(at=NOW), answer)


def test_every_error_of_the_model_has_its_class() -> None:
    assert {shape.name for shape in SEND.error_shapes} <= set(CODES)


@pytest.mark.parametrize(
    ("status", "kind", "words", "expected"),
    [
        (
            400,
            "MessageRejected",
            "Email address is not verified.",
            Rejected(
                FailureClass.PERMANENT_CONFIG, "MessageRejected", "Email address is not verified."
            ),
        ),
        (
            400,
            "MessageRejected",
            "x",
            Rejected(FailureClass.PERMANENT_CONTENT, "MessageRejected", "x"),
        ),
        (
            400,
            "com.amazonaws.ses#SendingPausedException:http://internal.example/",
            "x",
            Rejected(FailureClass.PERMANENT_CONFIG, "SendingPausedException", "x"),
        ),
        (
            429,
            "TooManyRequestsException",
            "Maximum sending rate exceeded.",
            RateLimited("account", 1.0, "TooManyRequestsException Maximum sending rate exceeded."),
        ),
        (
            429,
            "TooManyRequestsException",
            "Daily message quota exceeded.",
            RateLimited("day", 3600.0, "Daily message quota exceeded."),
        ),
        (500, "InternalFailure", "x", Unknown("InternalFailure x")),
        (
            503,
            "ServiceUnavailable",
            "x",
            Rejected(FailureClass.TRANSIENT, "ServiceUnavailable", "x"),
        ),
        (500, "", "x", Unknown("500 x")),
    ],
)
def test_what_a_refusal_means(status: int, kind: str, words: str, expected: Outcome) -> None:
    assert outcome(status, kind, words) == expected


@pytest.mark.parametrize(
    ("response", "obstacle"),
    [
        (Response(200, b'{"SendingEnabled": true, "ProductionAccessEnabled": true}'), ""),
        (Response(200, b'{"SendingEnabled": false}'), "Sending is switched off"),
        (Response(200, b'{"ProductionAccessEnabled": false}'), "The account is in the sandbox"),
        (Response(403, b'{"message": "The key is wrong."}'), "SES does not let us in: The key"),
    ],
)
def test_looking_whether_we_are_let_in(response: Response, obstacle: str) -> None:
    found = SesDialect(of()).obstacle(response)

    assert found.startswith(obstacle)
    assert bool(found) == bool(obstacle)


def test_an_address_that_ses_cannot_take_is_refused_here() -> None:
    assert isinstance(SesDialect(of()).request(letter("ádá@example.com")), Rejected)


# ----------------------------------------------------------------------------- somebody else's SES


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_moto_takes_what_comes_from_a_verified_sender(moto: str) -> None:
    async def story() -> tuple[Outcome, Outcome]:
        adapter = SesAdapter(of(moto, configuration_set="journeys"))
        try:
            before = await adapter.send(letter(at=NOW))
            address = f"{moto}/v2/email/identities"
            body = b'{"EmailIdentity": "news@shop.example"}'
            request = Request(address, {"Content-Type": "application/json"}, body)
            credentials = Credentials("AKIDEXAMPLE", "x")
            await adapter._transport.exchange(
                signed(request, credentials, "eu-central-1", "ses", NOW), 10, 100_000
            )
            return before, await adapter.send(letter(at=NOW))
        finally:
            await adapter.close()

    before, after = asyncio.run(story())

    assert isinstance(before, Rejected)
    assert before.code == "MessageRejected"
    assert isinstance(after, Accepted)
    with urlopen(f"{moto}/moto-api/data.json") as response:
        assert b"news@shop.example" in response.read()
