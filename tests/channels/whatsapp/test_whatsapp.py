"""WhatsApp: Meta's own schema, its codes, and what it does when it is not well."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson
import pytest

from channels.http.transport import Response
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.testing import AdapterContract, Arrived, Rig, Situation
from channels.whatsapp.adapter import WhatsAppAdapter, WhatsAppDialect, WhatsAppSettings
from channels.whatsapp.codes import CODES
from tests.channels.http.provider import Received, Said, rigged, said
from tests.contracts.checker import Contract

CONTRACT = Contract("whatsapp.json", "whatsapp_patch.json")
NUMBER = "+4915112345678"
# Documented, and given back in every status; the schema does not have it.
ECHO = "biz_opaque_callback_data"


def of(address: str = "https://graph.facebook.com") -> WhatsAppSettings:
    return WhatsAppSettings.model_validate(
        {"phone_number_id": "106540352242922", "access_token": "EAA", "address": address}
    )


def mistakes(body: dict[str, Any]) -> list[str]:
    kind = "TemplateMessage" if body.get("type") == "template" else "TextMessage"
    told = {key: value for key, value in body.items() if key != ECHO}
    return CONTRACT.mistakes(f"#/components/schemas/{kind}", told)


class Meta:
    """Meta's part."""

    def mistakes(self, received: Received) -> Sequence[str]:
        found = [] if received.headers["authorization"] == "Bearer EAA" else ["the token is wrong"]
        if not received.path.startswith("/v23.0/106540352242922"):
            found.append(f"{received.path} is not the number")
        if received.method == "POST":
            found += mistakes(orjson.loads(received.body))
        return found

    def read(self, received: Received) -> Arrived | None:
        if received.method == "GET":
            return None
        body = orjson.loads(received.body)
        return Arrived(body[ECHO], body["to"], {"text": body["text"]["body"]})

    def answer(self, received: Received, situation: Situation) -> Said:
        if received.method == "GET":
            return said(200, {"display_phone_number": "+1 555"})
        match situation:
            case Situation.RECIPIENT_REFUSED:
                return said(400, _error(131026, "Message undeliverable"))
            case Situation.BUSY:
                return said(429, _error(130429, "Rate limit hit"))
            case _ if not orjson.loads(received.body)["text"]["body"].strip():
                return said(400, _error(100, "Invalid parameter"))
            case _:
                return said(200, {"messages": [{"id": "wamid.1"}], "contacts": []})


def _error(code: int, words: str, details: str = "") -> dict[str, Any]:
    data = {"messaging_product": "whatsapp", "details": details} if details else None
    return {"error": {"message": f"(#{code}) {words}", "code": code, "error_data": data}}


class TestContract(AdapterContract):
    def rig(self) -> AbstractAsyncContextManager[Rig]:
        return rigged(
            Meta(),
            lambda address: WhatsAppAdapter(of(address)),
            "whatsapp",
            NUMBER,
            {"text": "Grüße\n*Dein* Laden"},
        )


def message(address: str = NUMBER, category: str = "service", **parts: str) -> Message:
    return Message("d1", "whatsapp", address, category, "welcome", "hello", parts or {"text": "Hi"})


def sent(one: Message) -> dict[str, Any]:
    request = WhatsAppDialect(of()).request(one)
    assert not isinstance(request, Rejected)
    body = orjson.loads(request.body)
    assert isinstance(body, dict)
    return body


def outcome(status: int, code: int, details: str = "", **headers: str) -> Outcome:
    body = orjson.dumps(_error(code, "words", details))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WhatsAppDialect(of()).outcome(message(), Response(status, body, named))


def test_a_template_is_as_metas_schema_has_it() -> None:
    one = message(
        template="hello", language="en_US", parameters='["Ada", "a\\nb   c", ""]', text="x"
    )
    body = sent(one)

    assert mistakes(body) == []
    assert body["template"]["name"] == "hello"
    assert body["template"]["language"] == {"code": "en_US"}
    (component,) = body["template"]["components"]
    assert [each["text"] for each in component["parameters"]] == ["Ada", "a b c", "-"]
    assert body[ECHO] == "d1"


def test_the_schema_objects_to_what_it_does_not_know() -> None:
    body = sent(message())

    assert mistakes(body) == []
    assert mistakes({**body, "txt": {}})
    assert mistakes({key: value for key, value in body.items() if key != "to"})


def test_metas_own_examples_are_right_by_the_mended_schema() -> None:
    """But for three, whose kinds of buttons the schema does not have."""
    path = "/{Version}/{Phone-Number-ID}/messages"
    content = CONTRACT.document["paths"][path]["post"]["requestBody"]["content"]
    examples = content["application/json"]["examples"].values()
    ours = [e["value"] for e in examples if e["value"].get("type") in ("text", "template")]
    wrong = [mistakes(example) for example in ours if mistakes(example)]

    assert len(ours) == 10
    assert len(wrong) == 3
    assert all("template/components" in each[0] for each in wrong)


def test_no_marketing_goes_to_north_america() -> None:
    dialect = WhatsAppDialect(of())
    template = {"template": "sale", "parameters": "[]", "text": "Sale"}
    american = message("+12125550100", "promotional", **template)

    refused = dialect.request(american)
    assert isinstance(refused, Rejected)
    assert refused.failure is FailureClass.POLICY_BLOCKED
    assert not isinstance(dialect.request(message("+12125550100", **template)), Rejected)
    assert not isinstance(dialect.request(message(NUMBER, "promotional", **template)), Rejected)


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (131026, FailureClass.PERMANENT_RECIPIENT),
        (131047, FailureClass.POLICY_BLOCKED),
        (131049, FailureClass.POLICY_BLOCKED),
        (131050, FailureClass.POLICY_BLOCKED),
        (130472, FailureClass.POLICY_BLOCKED),
        (132000, FailureClass.PERMANENT_CONTENT),
        (131031, FailureClass.PERMANENT_CONFIG),
        (131042, FailureClass.PERMANENT_CONFIG),
        (190, FailureClass.PERMANENT_CONFIG),
        (131016, FailureClass.TRANSIENT),
    ],
)
def test_a_refusal_is_told_by_its_code(code: int, failure: FailureClass) -> None:
    withdrawal = CODES.withdrawal(str(code))

    assert outcome(400, code, "details") == Rejected(
        failure, str(code), "details", withdrawal=withdrawal
    )
    assert (withdrawal is not None) is (code == 131050)


def test_what_is_not_a_plain_refusal() -> None:
    assert outcome(429, 130429) == RateLimited("sender", 1.0, "130429 (#130429) words")
    assert outcome(400, 131056) == RateLimited("recipient", 6.0, "131056 (#131056) words")
    assert outcome(400, 80007) == RateLimited("account", 3600.0, "80007 (#80007) words")
    assert outcome(500, 999) == Unknown("999 (#999) words")
    assert outcome(400, 999) == Rejected(FailureClass.PERMANENT_CONTENT, "999", "(#999) words")
    assert WhatsAppDialect(of()).outcome(message(), Response(200, b"{}")) == Unknown("200")
    taken = Response(200, b'{"messages": [{"id": "wamid.7"}]}')
    assert WhatsAppDialect(of()).outcome(message(), taken) == Accepted("wamid.7")


def test_every_code_of_meta_that_we_know_of_has_its_class() -> None:
    """As clients of the Cloud API know them, by what they are about; 201 to 299 are as 200. Meta's own
    page has not been read against it, and there is no list of it that a program could read.
    """
    published = (
        "0 3 10 190 200 "  # authorisation
        "368 130497 131031 "  # integrity
        "4 80007 130429 131048 131056 133016 "  # throttling
        "1 2 33 100 130472 131000 131005 131008 131009 131016 131021 131026 131030 131037 131042 "
        "131045 131047 131049 131050 131051 131052 131053 131055 131057 132000 132001 132005 132007 "
        "132012 132015 132016 132068 132069 133000 133004 133005 133006 133008 133009 133010 133015 "
        "134011 135000 "
        "131044 131062 131063 131064 132008 132018 137000 2494100"
    )

    assert set(CODES) == set(published.split())
    assert all(CODES.verdict(code) for code in CODES)


def test_only_a_message_that_cannot_arrive_suppresses_a_number() -> None:
    suppressing = [c for c in CODES if CODES.verdict(c) is FailureClass.PERMANENT_RECIPIENT]
    assert suppressing == ["131026"]


def test_looking_whether_we_are_let_in() -> None:
    dialect = WhatsAppDialect(of())
    refused = Response(401, orjson.dumps(_error(190, "Access token has expired.")))

    assert dialect.obstacle(Response(200, b"{}")) == ""
    assert dialect.obstacle(refused) == "Meta answers 401: (#190) Access token has expired."


@pytest.mark.parametrize(
    ("above", "parameter"),
    [
        (
            {"image": "https://shop.example/a.png"},
            {"type": "image", "image": {"link": "https://shop.example/a.png"}},
        ),
        ({"header_parameters": '["No. 7"]'}, {"type": "text", "text": "No. 7"}),
    ],
)
def test_what_stands_above_and_below_a_template_is_given_by_the_contract(
    above: dict[str, str], parameter: dict[str, object]
) -> None:
    parts = {"template": "cart", "language": "de", "parameters": '["Ada"]', "text": "x"}
    body = sent(message(**parts, **above, button_end="c7"))

    assert mistakes(body) == []
    head, _, button = body["template"]["components"]
    assert head == {"type": "header", "parameters": [parameter]}
    assert button == {
        "type": "button",
        "sub_type": "url",
        "index": "0",
        "parameters": [{"type": "text", "text": "c7"}],
    }
