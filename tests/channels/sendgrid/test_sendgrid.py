"""SendGrid: its contract, its refusals, and what it does when it is not well."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson
import pytest

from channels.http.transport import Response
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.sendgrid.adapter import SendGridAdapter, SendGridDialect, SendGridSettings
from channels.testing import AdapterContract, Arrived, Rig, Situation
from tests.channels.email.letters import HEADERS, TEXTS, letter
from tests.channels.http.provider import Received, Said, rigged, said
from tests.contracts.checker import Contract

CONTRACT = Contract("sendgrid_mail.json")
BODY = "#/components/requestBodies/PostMailSend/content/application~1json/schema"
NOW = 1_767_268_800_000_000


def settings(address: str = "https://api.sendgrid.com") -> SendGridSettings:
    return SendGridSettings.model_validate(
        {"api_key": "SG.key", "from": "Shop <news@shop.example>", "address": address}
    )


class SendGrid:
    """SendGrid's part."""

    def mistakes(self, received: Received) -> Sequence[str]:
        found = [] if received.headers["authorization"] == "Bearer SG.key" else ["the key is wrong"]
        if received.method == "POST":
            body = orjson.loads(received.body)
            found += [
                each
                for each in CONTRACT.mistakes(BODY, body)
                if not each.startswith(("content", "subject"))  # empty texts are refused, below
            ]
        return found

    def read(self, received: Received) -> Arrived | None:
        if received.method == "GET":
            return None
        body = orjson.loads(received.body)
        (one,) = body["personalizations"]
        (to,) = one["to"]
        kinds = {"text/plain": "text", "text/html": "html"}
        texts = {kinds[each["type"]]: each["value"] for each in body["content"]}
        texts["subject"] = body["subject"]
        return Arrived(one["custom_args"]["wayline_delivery"], to["email"], texts)

    def answer(self, received: Received, situation: Situation) -> Said:
        if received.method == "GET":
            return said(200, {"scopes": ["mail.send"]})
        match situation:
            case Situation.RECIPIENT_REFUSED:
                wrong = "Does not contain a valid address."
                return said(400, _error("personalizations.0.to.0.email", wrong))
            case Situation.BUSY:
                return said(429, _error(None, "too many requests"), x_ratelimit_reset="1")
            case _ if not orjson.loads(received.body)["content"]:
                return said(400, _error("content", "The content is required."))
            case _:
                return said(202, x_message_id="abc.recv-1")


def _error(field: str | None, words: str) -> dict[str, Any]:
    return {"errors": [{"message": words, "field": field, "help": None}]}


class TestContract(AdapterContract):
    def rig(self) -> AbstractAsyncContextManager[Rig]:
        return rigged(
            SendGrid(),
            lambda address: SendGridAdapter(settings(address)),
            "email",
            "ada@example.com",
            TEXTS,
        )


def sent() -> dict[str, Any]:
    request = SendGridDialect(settings()).request(letter())
    assert not isinstance(request, Rejected)
    body = orjson.loads(request.body)
    assert isinstance(body, dict)
    return body


def outcome(status: int, field: str | None = None, **headers: str) -> Outcome:
    body = orjson.dumps(_error(field, "words"))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return SendGridDialect(settings()).outcome(letter(at=NOW), Response(status, body, named))


def test_a_message_is_as_the_contract_has_it() -> None:
    body = sent()

    assert CONTRACT.mistakes(BODY, body) == []
    assert body["from"] == {"email": "news@shop.example", "name": "Shop"}
    assert body["headers"] == HEADERS
    assert [each["type"] for each in body["content"]] == ["text/plain", "text/html"]


def test_the_contract_objects_to_what_it_does_not_know() -> None:
    assert CONTRACT.mistakes(BODY, {**sent(), "trackng": {}})
    assert CONTRACT.mistakes(BODY, {"subject": "hello"})


def test_links_and_opens_are_not_followed_twice() -> None:
    assert {
        name: each["enable"] for name, each in sent()["tracking_settings"].items()
    } == dict.fromkeys(("click_tracking", "open_tracking", "subscription_tracking"), False)


@pytest.mark.parametrize(
    ("status", "field", "expected"),
    [
        (
            400,
            "personalizations.0.to.0.email",
            Rejected(FailureClass.PERMANENT_RECIPIENT, "personalizations.0.to.0.email", "words"),
        ),
        (400, "from.email", Rejected(FailureClass.PERMANENT_CONFIG, "from.email", "words")),
        (400, "subject", Rejected(FailureClass.PERMANENT_CONTENT, "subject", "words")),
        (401, None, Rejected(FailureClass.PERMANENT_CONFIG, "401", "words")),
        (403, "from", Rejected(FailureClass.PERMANENT_CONFIG, "from", "words")),
        (413, None, Rejected(FailureClass.PERMANENT_CONTENT, "413", "words")),
        (500, None, Unknown("500 words")),
        (503, None, Rejected(FailureClass.TRANSIENT, "503", "words")),
        (504, None, Unknown("504 words")),
    ],
)
def test_what_a_refusal_means(status: int, field: str | None, expected: Outcome) -> None:
    assert outcome(status, field) == expected


def test_a_limit_lasts_until_the_second_it_names() -> None:
    reset = str(NOW // 1_000_000 + 25)

    assert outcome(429, x_ratelimit_reset=reset) == RateLimited("account", 25.0, "words")
    assert outcome(429, x_ratelimit_reset="1") == RateLimited("account", 1.0, "words")
    assert outcome(429, retry_after="9") == RateLimited("account", 9.0, "words")


def test_it_is_accepted_under_sendgrids_name_or_under_ours() -> None:
    dialect = SendGridDialect(settings())

    assert dialect.outcome(letter(), Response(202, b"", {"x-message-id": "m"})) == Accepted("m")
    assert dialect.outcome(letter(), Response(202, b"")) == Accepted("d1")


@pytest.mark.parametrize(
    ("response", "obstacle"),
    [
        (Response(200, b'{"scopes": ["mail.send", "x"]}'), ""),
        (Response(401, b"{}"), "SendGrid does not know this API key."),
        (
            Response(200, b'{"scopes": ["x"]}'),
            "The API key may not send: give it the permission Mail Send at SendGrid.",
        ),
        (Response(500, b""), "SendGrid answers 500."),
    ],
)
def test_looking_whether_we_are_let_in(response: Response, obstacle: str) -> None:
    assert SendGridDialect(settings()).obstacle(response) == obstacle
