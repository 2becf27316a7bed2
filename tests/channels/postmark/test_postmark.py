"""Postmark: its own client's model of a message, its codes, and what it does when it is not well."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import orjson
import pytest
from postmark.models.outbound.schemas import Email
from pydantic import ConfigDict, ValidationError

from channels.http.transport import Response
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.postmark.adapter import CODES, PostmarkAdapter, PostmarkDialect, PostmarkSettings
from channels.testing import AdapterContract, Arrived, Rig, Situation
from tests.channels.email.letters import HEADERS, TEXTS, letter
from tests.channels.http.provider import ProviderRig, Received, Said, provider, said


class _Message(Email):
    """A message as Postmark's own client has it, and nothing else."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)


def of(address: str = "https://api.postmarkapp.com", **changes: str) -> PostmarkSettings:
    given = {"server_token": "token", "from": '"Der Laden, GmbH" <news@shop.example>'}
    return PostmarkSettings.model_validate(given | {"address": address} | changes)


class Postmark:
    """Postmark's part."""

    def mistakes(self, received: Received) -> Sequence[str]:
        found = []
        if received.headers["x-postmark-server-token"] != "token":
            found.append("the token is wrong")
        if received.method == "POST":
            try:
                _Message.model_validate_json(received.body)
            except ValidationError as error:
                found.append(str(error))
        return found

    def read(self, received: Received) -> Arrived | None:
        if received.method == "GET":
            return None
        body = orjson.loads(received.body)
        fields = {"subject": "Subject", "text": "TextBody", "html": "HtmlBody"}
        texts = {name: body.get(field, "") for name, field in fields.items()}
        return Arrived(body["Metadata"]["wayline_delivery"], body["To"], texts)

    def answer(self, received: Received, situation: Situation) -> Said:
        if received.method == "GET":
            return said(200, {"ID": 1, "Name": "Production"})
        body = orjson.loads(received.body)
        match situation:
            case Situation.RECIPIENT_REFUSED:
                return said(422, {"ErrorCode": 406, "Message": "Inactive recipient."})
            case Situation.BUSY:
                return said(429, {"ErrorCode": 429, "Message": "Rate limit exceeded."})
            case _ if not body.get("TextBody") and not body.get("HtmlBody"):
                return said(422, {"ErrorCode": 300, "Message": "Provide either email TextBody"})
            case _:
                taken = {"ErrorCode": 0, "Message": "OK", "MessageID": "0a1b", "To": body["To"]}
                return said(200, taken)


class TestContract(AdapterContract):
    def rig(self) -> AbstractAsyncContextManager[Rig]:
        return rigged()


@asynccontextmanager
async def rigged() -> AsyncIterator[Rig]:
    async with provider(Postmark()) as played:
        adapter = PostmarkAdapter(of(played.address))
        try:
            yield ProviderRig(adapter, played, "email", "ada@example.com", TEXTS)
        finally:
            await adapter.close()


def sent() -> dict[str, Any]:
    request = PostmarkDialect(of(reply_to="help@shop.example", stream="broadcast")).request(
        letter()
    )
    assert not isinstance(request, Rejected)
    body = orjson.loads(request.body)
    assert isinstance(body, dict)
    return body


def test_a_message_is_as_postmarks_own_client_has_it() -> None:
    body = sent()
    headers = {each["Name"]: each["Value"] for each in body["Headers"]}

    assert _Message.model_validate(body).sender == '"Der Laden, GmbH" <news@shop.example>'
    assert headers == {**HEADERS, "Message-ID": "<d1@shop.example>", "X-PM-KeepID": "true"}
    assert body["MessageStream"] == "broadcast"
    assert body["ReplyTo"] == "help@shop.example"


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (422, 406, Rejected(FailureClass.PERMANENT_RECIPIENT, "406", "words")),
        (422, 300, Rejected(FailureClass.PERMANENT_CONTENT, "300", "words")),
        (422, 405, Rejected(FailureClass.PERMANENT_CONFIG, "405", "words")),
        (401, 10, Rejected(FailureClass.PERMANENT_CONFIG, "10", "words")),
        (422, 100, Rejected(FailureClass.TRANSIENT, "100", "words")),
        (429, 429, RateLimited("account", 4.0, "429 words")),
        (429, 0, RateLimited("account", 4.0, "words")),
        (422, 7777, Rejected(FailureClass.PERMANENT_CONTENT, "7777", "words")),
        (500, 100, Unknown("100 words")),
        (200, 0, Unknown("200 words")),
    ],
)
def test_what_a_refusal_means(status: int, code: int, expected: Outcome) -> None:
    body = orjson.dumps({"ErrorCode": code, "Message": "words"})
    answer = Response(status, body, {"retry-after": "4"})

    assert PostmarkDialect(of()).outcome(letter(), answer) == expected


def test_only_an_inactive_recipient_suppresses_an_address() -> None:
    suppressing = {
        code for code in CODES if CODES.verdict(code) is FailureClass.PERMANENT_RECIPIENT
    }
    assert suppressing == {"406"}


def test_a_taken_message_has_postmarks_name() -> None:
    answer = Response(200, b'{"ErrorCode": 0, "MessageID": "b7bc"}')

    assert PostmarkDialect(of()).outcome(letter(), answer) == Accepted("b7bc")


@pytest.mark.parametrize(
    ("status", "obstacle"),
    [
        (200, ""),
        (401, "Postmark does not know this server token."),
        (503, "Postmark answers 503."),
    ],
)
def test_looking_whether_we_are_let_in(status: int, obstacle: str) -> None:
    assert PostmarkDialect(of()).obstacle(Response(status, b"{}")) == obstacle
