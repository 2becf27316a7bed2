"""Twilio: its contract, its codes, and what it does when it is not well."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import orjson
import pytest

from channels.http.transport import Response
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.receipts import Answered, Incoming
from channels.registry import open_adapter
from channels.replies import Reply
from channels.settings import SettingsError
from channels.testing import AdapterContract, Arrived, Rig, Situation
from channels.twilio.adapter import TwilioAdapter, TwilioDialect, TwilioSettings
from channels.twilio.codes import CODES
from channels.twilio.receipts import signature
from tests.channels.http.provider import Received, Said, rigged, said
from tests.contracts.checker import Contract

ACCOUNT = "AC" + "0" * 32
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
CALLBACK = "https://journeys.shop.example/receipts/twilio?v=1"
CONTRACT = Contract("twilio_messages.json")
BODY = CONTRACT.body_of(
    "/2010-04-01/Accounts/{AccountSid}/Messages.json", "application/x-www-form-urlencoded"
)
CATALOGUE = json.loads((Path(__file__).parents[2] / "contracts" / "twilio_codes.json").read_text())


def settings(address: str = "https://api.twilio.com", **changes: str | bool) -> TwilioSettings:
    given = {
        "account": ACCOUNT,
        "password": "open-sesame",
        "sender": "+15550001111",
        "whatsapp_sender": "+15550002222",
        "callback": CALLBACK,
        "address": address,
    }
    return TwilioSettings.model_validate(given | changes)


def message(channel: str = "sms", address: str = "+4915112345678", **parts: str) -> Message:
    return Message("d1", channel, address, "news", "welcome", "hello", parts or {"text": "Hi"})


def fields(received: Received) -> dict[str, str]:
    return dict(parse_qsl(received.body.decode(), keep_blank_values=True))


class Twilio:
    """Twilio's part, for the Messages resource."""

    def mistakes(self, received: Received) -> Sequence[str]:
        if received.method == "GET":
            return []
        login = b64encode(f"{ACCOUNT}:open-sesame".encode()).decode()
        found = CONTRACT.mistakes(BODY, fields(received))
        if received.headers["authorization"] != f"Basic {login}":
            found.append("the login is wrong")
        if received.path != MESSAGES:
            found.append(f"{received.path} is not where messages go")
        return found

    def read(self, received: Received) -> Arrived | None:
        if received.method == "GET":
            return None
        sent = fields(received)
        query = dict(parse_qsl(sent["StatusCallback"].partition("?")[2]))
        address = sent["To"].removeprefix("whatsapp:")
        return Arrived(query["delivery"], address, {"text": sent.get("Body", "")})

    def answer(self, received: Received, situation: Situation) -> Said:
        if received.method == "GET":
            return said(200, {"status": "active"})
        match situation:
            case Situation.RECIPIENT_REFUSED:
                return said(400, {"code": 21614, "message": "not a mobile number", "status": 400})
            case Situation.BUSY:
                return said(429, {"code": 20429, "message": "Too Many Requests", "status": 429})
            case _ if not fields(received).get("Body"):
                return said(400, {"code": 21602, "message": "Message body is required"})
            case _ if len(fields(received)["Body"]) > 1600:
                return said(400, {"code": 21617, "message": "1600 character limit"})
            case _:
                return said(201, {"sid": "SM" + "1" * 32, "status": "queued", "error_code": None})


def rig_of(channel: str) -> AbstractAsyncContextManager[Rig]:
    def adapter(address: str) -> TwilioAdapter:
        return TwilioAdapter(settings(address, timeout_seconds="5"))

    texts = {"text": "Grüße, 10 % für Dich!"}
    return rigged(Twilio(), adapter, channel, "+4915112345678", texts)


class TestSms(AdapterContract):
    def rig(self) -> AbstractAsyncContextManager[Rig]:
        return rig_of("sms")


class TestWhatsApp(AdapterContract):
    def rig(self) -> AbstractAsyncContextManager[Rig]:
        return rig_of("whatsapp")


def outcome(status: int, code: int = 0, said: str = "", **headers: str) -> Outcome:
    body = orjson.dumps({"code": code, "message": said, "status": status})
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return TwilioDialect(settings()).outcome(message(), Response(status, body, names))


def test_every_code_of_the_catalogue_has_its_class() -> None:
    published = {str(each["code"]) for each in CATALOGUE}

    assert len(published) == 372
    assert set(CODES) == published


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (21211, FailureClass.PERMANENT_RECIPIENT),
        (30006, FailureClass.PERMANENT_RECIPIENT),
        (21610, FailureClass.POLICY_BLOCKED),
        (63016, FailureClass.POLICY_BLOCKED),
        (21617, FailureClass.PERMANENT_CONTENT),
        (30007, FailureClass.PERMANENT_CONTENT),
        (20003, FailureClass.PERMANENT_CONFIG),
        (30034, FailureClass.PERMANENT_CONFIG),
        (30017, FailureClass.TRANSIENT),
    ],
)
def test_a_refusal_is_told_by_its_code(code: int, failure: FailureClass) -> None:
    found = outcome(400, code, "what Twilio said")

    withdrawal = CODES.withdrawal(str(code))
    assert found == Rejected(failure, str(code), "what Twilio said", withdrawal=withdrawal)
    assert (withdrawal is not None) is (code == 21610)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (429, 20429, RateLimited("account", 7.0, "20429 slow")),
        (429, 0, RateLimited("account", 7.0, "slow")),
        (400, 14107, RateLimited("recipient", 60.0, "14107 slow")),
        (400, 30027, RateLimited("day", 3600.0, "30027 slow")),
        (400, 30410, Unknown("30410 slow")),
        (400, 99999, Rejected(FailureClass.PERMANENT_CONTENT, "99999", "slow")),
        (401, 0, Rejected(FailureClass.PERMANENT_CONFIG, "401", "slow")),
        (500, 20500, Unknown("20500 slow")),
        (502, 0, Unknown("502 slow")),
        (302, 0, Rejected(FailureClass.PERMANENT_CONFIG, "302", "it sends us to another address")),
    ],
)
def test_what_is_not_a_plain_refusal(status: int, code: int, expected: Outcome) -> None:
    assert outcome(status, code, "slow", retry_after="7") == expected


def test_a_created_message_without_its_name_is_not_taken_for_sent() -> None:
    assert isinstance(TwilioDialect(settings()).outcome(message(), Response(201, b"")), Unknown)
    accepted = TwilioDialect(settings()).outcome(message(), Response(201, b'{"sid": "SM1"}'))
    assert accepted == Accepted("SM1")


def test_an_approved_template_goes_by_its_name_and_its_parameters() -> None:
    sent = message(
        "whatsapp", text="Hello Ada", template="HX" + "a" * 32, parameters='["Ada", "7"]'
    )
    request = TwilioDialect(settings()).request(sent)
    assert not isinstance(request, Rejected)
    said = dict(parse_qsl(request.body.decode()))

    assert CONTRACT.mistakes(BODY, said) == []
    assert said["ContentSid"] == "HX" + "a" * 32
    assert orjson.loads(said["ContentVariables"]) == {"1": "Ada", "2": "7"}
    assert said["To"] == "whatsapp:+4915112345678"
    assert said["From"] == "whatsapp:+15550002222"
    assert "Body" not in said


def test_the_contract_objects_to_what_it_does_not_know() -> None:
    assert CONTRACT.mistakes(BODY, {"To": "+4915112345678", "Bdoy": "hello"})
    assert CONTRACT.mistakes(BODY, {"Body": "hello"})


@pytest.mark.parametrize("address", ["", "Ada", "015112345678", "+1", "+491511234567890123"])
def test_what_is_no_number_is_refused_here(address: str) -> None:
    found = TwilioDialect(settings()).request(message(address=address))

    assert isinstance(found, Rejected)
    assert found.failure is FailureClass.PERMANENT_RECIPIENT


@pytest.mark.parametrize(
    ("said", "obstacle"),
    [
        (Response(200, b'{"status": "active"}'), ""),
        (Response(200, b'{"status": "suspended"}'), "The account at Twilio is suspended."),
        (Response(401, b"{}"), "Twilio does not know this account and password."),
    ],
)
def test_looking_whether_we_are_let_in(said: Response, obstacle: str) -> None:
    assert TwilioDialect(settings()).obstacle(said) == obstacle


def test_it_carries_what_it_has_a_sender_for() -> None:
    only_sms = settings().model_copy(update={"whatsapp_sender": None})

    assert TwilioDialect(only_sms).capabilities.channels == {"sms"}
    assert TwilioDialect(settings()).capabilities.channels == {"sms", "whatsapp"}


def test_a_messaging_service_takes_the_place_of_a_sender() -> None:
    service = settings().model_copy(update={"sender": None, "messaging_service": "MG" + "0" * 32})
    request = TwilioDialect(service).request(message())
    assert not isinstance(request, Rejected)
    said = dict(parse_qsl(request.body.decode()))

    assert said["MessagingServiceSid"] == "MG" + "0" * 32
    assert "From" not in said


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"sender": "x", "messaging_service": "MG" + "0" * 32}, "not both"),
        ({}, "who is it from?"),
        ({"sender": "x", "account": "mine"}, "account"),
        ({"whatsapp_sender": "0151"}, "write it with its country"),
    ],
)
def test_wrong_settings_are_told_in_sentences(wrong: dict[str, str], sentence: str) -> None:
    given = {"account": ACCOUNT, "password": "x"} | wrong
    with pytest.raises(SettingsError, match=sentence):
        open_adapter("twilio", given)


def test_thousands_keep_few_connections() -> None:
    async def story() -> Counter[str]:
        async with rig_of("sms") as rig:
            sends = [rig.adapter.send(message()) for _ in range(300)]
            outcomes = await asyncio.gather(*sends)
            return Counter(type(each).__name__ for each in outcomes)

    assert asyncio.run(story()) == {"Accepted": 300}


def test_what_stands_above_and_below_a_template_follows_its_parameters() -> None:
    template = {"text": "Hello Ada", "template": "HX" + "a" * 32, "parameters": '["Ada"]'}
    dialect = TwilioDialect(settings())

    def variables(**more: str) -> object:
        request = dialect.request(message("whatsapp", **template, **more))
        assert not isinstance(request, Rejected)
        sent = dict(parse_qsl((request.body or b"").decode()))
        return json.loads(sent["ContentVariables"])

    picture = "https://shop.example/a.png"
    assert variables(image=picture, button_end="c7") == {"1": "Ada", "2": picture, "3": "c7"}
    assert variables(header_parameters='["No. 7"]') == {"1": "Ada", "2": "No. 7"}


@pytest.mark.parametrize(
    ("body", "answers", "answered"),
    [
        ("Stop", True, True),
        (" STOPALL ", True, True),
        ("help", True, True),
        ("Stop", False, False),
        ("please stop", True, False),
        ("ABMELDEN", True, False),
        ("Arrêt", True, False),
    ],
)
def test_the_operator_says_who_answers_stop(body: str, answers: bool, answered: bool) -> None:
    """What Twilio does not know is answered by us: somebody who wrote it is waiting for a word."""
    sent = {"MessageSid": "SM7", "SmsStatus": "received", "From": "+4915112345678", "Body": body}
    receiver = TwilioAdapter(settings(answers_stop=answers)).receiver
    assert receiver is not None
    signed = signature("open-sesame", CALLBACK, list(sent.items())).decode()
    headers = {"x-twilio-signature": signed}
    found = receiver.read(Incoming("POST", "v=1", headers, urlencode(sent).encode()), 0)

    assert isinstance(found, Answered), found
    assert [each.answered for each in found.replies if isinstance(each, Reply)] == [answered]
