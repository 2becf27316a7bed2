"""WhatsApp: what we send is what somebody else's client sends, and we read what it reads."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest
from pywa import errors
from pywa.client import WhatsApp
from pywa.types.templates import BodyText, TemplateLanguage

from channels.message import Message
from channels.outcome import Rejected
from channels.whatsapp.adapter import WhatsAppDialect, WhatsAppSettings
from channels.whatsapp.codes import CODES, code_in

pytestmark = pytest.mark.peers

FAMILIES = (
    errors.AuthorizationError,
    errors.IntegrityError,
    errors.SendMessageError,
    errors.ThrottlingError,
)
NUMBER = "+4915112345678"
PHONE = "106540352242922"


def ours(**parts: str) -> dict[str, Any]:
    given = {"phone_number_id": PHONE, "access_token": "EAA"}
    dialect = WhatsAppDialect(WhatsAppSettings.model_validate(given))
    message = Message("d1", "whatsapp", NUMBER, "service", "welcome", "hello", parts)
    request = dialect.request(message)
    assert not isinstance(request, Rejected)
    assert request.address.endswith(f"/{PHONE}/messages")
    body = orjson.loads(request.body)
    assert isinstance(body, dict)
    return body


class Theirs:
    """The other client, and the requests it makes."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        session = httpx.Client(transport=httpx.MockTransport(self._take))
        self.client = WhatsApp(phone_id=PHONE, token="EAA", session=session)

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(orjson.loads(request.content))
        contact = {"input": NUMBER, "wa_id": NUMBER.removeprefix("+")}
        told = {"messaging_product": "whatsapp", "contacts": [contact]}
        return httpx.Response(200, json={**told, "messages": [{"id": "wamid.1"}]})


def test_a_text_is_the_same_to_the_letter() -> None:
    theirs = Theirs()
    theirs.client.send_message(to=NUMBER, text="Grüße, *Ada*", preview_url=False, tracker="d1")

    assert theirs.bodies == [ours(text="Grüße, *Ada*")]


def test_a_template_with_its_parameters_is_the_same() -> None:
    """But for the case of a word that Meta takes in both."""
    theirs = Theirs()
    theirs.client.send_template(
        to=NUMBER,
        name="told_v1",
        language=TemplateLanguage.ENGLISH_US,
        params=[BodyText.params("Ada", "P7")],  # type: ignore[arg-type]  # as its pages have it
        tracker="d1",
    )
    (body,) = theirs.bodies
    (component,) = body["template"]["components"]
    component["type"] = component["type"].lower()

    parts = {"template": "told_v1", "language": "en_US", "parameters": '["Ada", "P7"]'}
    assert body == ours(**parts, text="Hello Ada: P7")


def test_every_code_that_it_knows_of_sending_has_its_class() -> None:
    found = [each for each in vars(errors).values() if isinstance(each, type)]
    codes: list[int] = [
        code
        for each in found
        if issubclass(each, FAMILIES)
        for code in getattr(each, "__error_codes__", None) or ()
    ]

    assert len(codes) > 40
    assert {code_in(code) for code in codes} - set(CODES) == set()
