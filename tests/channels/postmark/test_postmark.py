"""Postmark: its own client's model of a message, its codes, and what it does when it is not well."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
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
from tests.channels.http.provider import Received, Said, provider, rigged, said


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
                for message in _messages(received):
                    _Message.model_validate(message)
            except ValidationError as error:
                found.append(str(error))
        return found

    def read(self, received: Received) -> Sequence[Arrived]:
        if received.method == "GET":
            return []
        return [_read(each) for each in _messages(received) if not _refusal(each)]

    def answer(self, received: Received, situation: Situation) -> Said:
        if received.method == "GET":
            return said(200, {"ID": 1, "Name": "Production"})
        match situation:
            case Situation.RECIPIENT_REFUSED:
                return said(422, {"ErrorCode": 406, "Message": "Inactive recipient."})
            case Situation.BUSY:
                return said(429, {"ErrorCode": 429, "Message": "Rate limit exceeded."})
            case _:
                return _answered(received)


def _answered(received: Received) -> Said:
    taken = {"ErrorCode": 0, "Message": "OK", "MessageID": "0a1b"}
    answers = [_refusal(each) or taken for each in _messages(received)]
    if received.path == "/email/batch":
        return said(200, answers)
    return said(422 if answers[0]["ErrorCode"] else 200, answers[0])


def _messages(received: Received) -> list[dict[str, Any]]:
    body = orjson.loads(received.body)
    assert (received.path == "/email/batch") == isinstance(body, list)
    return body if isinstance(body, list) else [body]


def _read(body: dict[str, Any]) -> Arrived:
    fields = {"subject": "Subject", "text": "TextBody", "html": "HtmlBody"}
    texts = {name: body.get(field, "") for name, field in fields.items()}
    return Arrived(body["Metadata"]["wayline_delivery"], body["To"], texts)


def _refusal(body: dict[str, Any]) -> dict[str, Any] | None:
    if body.get("TextBody") or body.get("HtmlBody"):
        return None
    return {"ErrorCode": 300, "Message": "Provide either email TextBody"}


class TestContract(AdapterContract):
    def rig(self) -> AbstractAsyncContextManager[Rig]:
        return rigged(
            Postmark(),
            lambda address: PostmarkAdapter(of(address)),
            "email",
            "ada@example.com",
            TEXTS,
        )


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


# ------------------------------------------------------------------------------- many at a time


def many(status: int, said: object, count: int = 2) -> list[Outcome] | None:
    letters = [letter() for _ in range(count)]
    return PostmarkDialect(of()).outcomes(letters, Response(status, orjson.dumps(said)))


def test_of_many_each_is_answered_by_its_own_code() -> None:
    said = [
        {"ErrorCode": 0, "MessageID": "b7bc"},
        {"ErrorCode": 406, "Message": "words"},
        {"ErrorCode": 7777, "Message": "words"},
        {"ErrorCode": 429, "Message": "words"},
        "what?",
    ]
    assert many(200, said, 5) == [
        Accepted("b7bc"),
        Rejected(FailureClass.PERMANENT_RECIPIENT, "406", "words"),
        Rejected(FailureClass.PERMANENT_CONTENT, "7777", "words"),
        RateLimited("account", 1.0, "429 words"),
        Unknown("200"),
    ]


@pytest.mark.parametrize("said", [{}, [], [{"ErrorCode": 0, "MessageID": "only one"}], "?"])
def test_an_answer_that_does_not_tell_of_each_leaves_all_in_doubt(said: object) -> None:
    assert many(200, said) == [Unknown("its answer cannot be read")] * 2


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, Rejected(FailureClass.PERMANENT_CONFIG, "10", "words")),
        (429, RateLimited("account", 1.0, "10 words")),
        (500, Unknown("10 words")),
    ],
)
def test_what_is_said_of_the_whole_call_holds_for_each(status: int, expected: Outcome) -> None:
    code = 429 if status == 429 else 10
    found = many(status, {"ErrorCode": code, "Message": "words"})

    assert found is not None
    assert [type(each) for each in found] == [type(expected)] * 2


def test_what_was_not_looked_at_because_of_one_goes_one_by_one() -> None:
    """Postmark refuses the whole call; alone, only the one that is to blame is refused."""

    async def story() -> None:
        async with provider(Postmark()) as played:
            adapter = PostmarkAdapter(of(played.address))
            part = Postmark()

            def script(received: Received) -> Said:
                if received.path == "/email/batch":
                    return said(422, {"ErrorCode": 402, "Message": "Invalid JSON"})
                return part.answer(received, Situation.WELL)

            played.script = script
            outcomes = await adapter.send_many([letter(), letter(html="", text=""), letter()])
            await adapter.close()

            kinds = [type(each) for each in outcomes]
            assert kinds == [Accepted, Rejected, Accepted]

    asyncio.run(story())


def test_no_call_has_more_messages_or_bytes_than_postmark_takes() -> None:
    async def story() -> list[int]:
        async with provider(Postmark()) as played:
            adapter = PostmarkAdapter(of(played.address, many="3"))
            big = "x" * 400_000
            outcomes = await adapter.send_many(
                [
                    *(letter() for _ in range(7)),
                    letter(html=big),
                    letter(html=big),
                    letter(html=big),
                ]
            )
            await adapter.close()
            assert all(isinstance(each, Accepted) for each in outcomes)
            assert max(len(each.body) for each in played.received) <= 1_000_000
            return [len(_messages(each)) for each in played.received]

    assert asyncio.run(story()) == [3, 3, 3, 1]
