"""SMS and WhatsApp through Twilio's Messages resource (API 2010-04-01)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Self
from urllib.parse import urlencode, urlsplit, urlunsplit

import orjson
from pydantic import AfterValidator, Field, SecretStr, model_validator

from channels.adapter import Capabilities
from channels.http.adapter import HttpAdapter
from channels.http.answers import by_status, one_line, read_object, refusal
from channels.http.transport import Request, Response, Transport
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected
from channels.phone import read_number
from channels.settings import Settings, revealed
from channels.twilio.codes import CODES
from channels.twilio.receipts import TwilioReceiver

__all__ = ["TwilioAdapter", "TwilioDialect", "TwilioSettings"]

_CREATED = 201
_NOT_THEIRS = 500
_WHATSAPP = "whatsapp:"
_LONGEST_TEXT = 1600


def _number(text: str) -> str:
    found = read_number(text)
    if found is None:
        raise ValueError(f"{text!r} is not a number; write it with its country, like +49301234567")
    return found


class TwilioSettings(Settings):
    """``sender`` (a number or a name) or ``messaging_service`` for SMS, ``whatsapp_sender`` for
    WhatsApp. ``username`` and ``password`` are the account's, or those of a key of it. ``callback``
    is where Twilio reports what became of messages, signed with ``auth_token`` (the password, if it
    is the account's); ``auth_token_before`` is believed while it is being changed. ``answers_stop``
    says that Twilio answers STOP, START and HELP by SMS itself, as it does unless it was told not to.
    """

    account: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    username: str | None = None
    password: SecretStr
    sender: Annotated[str, Field(min_length=1)] | None = None
    messaging_service: Annotated[str, Field(pattern=r"^MG[0-9a-fA-F]{32}$")] | None = None
    whatsapp_sender: Annotated[str, AfterValidator(_number)] | None = None
    auth_token: SecretStr | None = None
    auth_token_before: SecretStr | None = None
    callback: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")] | None = None
    answers_stop: bool = True
    address: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")] = "https://api.twilio.com"
    connections: int = Field(default=16, ge=1, le=200)
    timeout_seconds: float = Field(default=30.0, gt=0)

    @model_validator(mode="after")
    def _has_a_sender(self) -> Self:
        if self.sender and self.messaging_service:
            raise ValueError("set sender or messaging_service, not both")
        if not (self.sender or self.messaging_service or self.whatsapp_sender):
            raise ValueError("set sender, messaging_service or whatsapp_sender: who is it from?")
        return self


class TwilioDialect:
    """How Twilio is spoken to."""

    def __init__(self, settings: TwilioSettings) -> None:
        self._settings = settings
        self._account = f"{settings.address}/2010-04-01/Accounts/{settings.account}"
        user = settings.username or settings.account
        login = f"{user}:{settings.password.get_secret_value()}".encode()
        self._headers = {
            "Authorization": f"Basic {b64encode(login).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        carried = {"sms": settings.sender or settings.messaging_service}
        carried["whatsapp"] = settings.whatsapp_sender
        self._channels = frozenset(channel for channel, sender in carried.items() if sender)

    @property
    def capabilities(self) -> Capabilities:
        """SMS, WhatsApp or both, depending on whom messages may come from."""
        return Capabilities(self._channels, concurrency=self._settings.connections)

    def request(self, message: Message) -> Request | Rejected:
        """One message. Its id comes back in the address that status reports are sent to."""
        number = read_number(message.address)
        if number is None:
            reason = "this is not a telephone number with its country"
            return Rejected(FailureClass.PERMANENT_RECIPIENT, "21211", reason)
        length = len(message.parts["text"])
        if length > _LONGEST_TEXT and not message.parts.get("template"):
            reason = f"a text has at most {_LONGEST_TEXT} characters, and this has {length}"
            return Rejected(FailureClass.PERMANENT_CONTENT, "21617", reason)
        fields = (
            self._text_message(number, message)
            if message.channel == "sms"
            else self._whatsapp_message(number, message)
        )
        if self._settings.callback:
            fields["StatusCallback"] = _with_delivery(self._settings.callback, message.id)
        body = urlencode(fields, errors="replace").encode()
        return Request(f"{self._account}/Messages.json", self._headers, body)

    def outcome(self, message: Message, response: Response) -> Outcome:
        """By Twilio's code first, and by the status where there is none that we know."""
        said = read_object(response)
        if response.status == _CREATED and isinstance(said.get("sid"), str):
            return Accepted(said["sid"])
        code, reason = str(said.get("code") or ""), one_line(said.get("message") or "")
        if response.status >= _NOT_THEIRS:  # whoever stands before Twilio knows none of its codes
            return by_status(response, reason, message.at, code)
        return refusal(CODES, response, code, reason, message.at)

    def knock(self) -> Request:
        """The account's own page: it is read by whoever may send from it."""
        return Request(f"{self._account}.json", self._headers, method="GET")

    def obstacle(self, response: Response) -> str:
        """Whether the account is let in and active."""
        said = read_object(response)
        if response.status in (401, 403):
            return "Twilio does not know this account and password."
        if response.status != 200:
            return f"Twilio answers {response.status}: {one_line(said.get('message', ''))}."
        status = said.get("status", "active")
        return "" if status == "active" else f"The account at Twilio is {one_line(status)}."

    def _text_message(self, number: str, message: Message) -> dict[str, str]:
        settings = self._settings
        fields = {"To": number, "Body": message.parts["text"]}
        if settings.messaging_service:
            fields["MessagingServiceSid"] = settings.messaging_service
        else:
            fields["From"] = settings.sender or ""
        return fields

    def _whatsapp_message(self, number: str, message: Message) -> dict[str, str]:
        fields = {"To": _WHATSAPP + number, "From": f"{_WHATSAPP}{self._settings.whatsapp_sender}"}
        template = message.parts.get("template")
        if not template:
            return fields | {"Body": message.parts["text"]}
        variables = _variables(message.parts)
        if variables:
            fields["ContentVariables"] = orjson.dumps(variables).decode()
        return fields | {"ContentSid": template}


class TwilioAdapter(HttpAdapter):
    """Hands SMS and WhatsApp messages to Twilio."""

    Settings = TwilioSettings

    def __init__(self, settings: TwilioSettings) -> None:
        transport = Transport(settings.connections)
        tokens = revealed(settings.auth_token or settings.password, settings.auth_token_before)
        receiver = (
            TwilioReceiver(settings.callback, tokens, answers=settings.answers_stop)
            if settings.callback
            else None
        )
        super().__init__(
            TwilioDialect(settings), transport, settings.timeout_seconds, receiver=receiver
        )


def _variables(parts: Mapping[str, str]) -> dict[str, str]:
    """The parameters by their place in the template, from 1: those of the body, then what stands
    above it, then the end of its button's link.
    """
    listed = orjson.loads(parts.get("parameters") or "[]")
    if parts.get("image"):
        listed.append(parts["image"])
    else:
        listed += orjson.loads(parts.get("header_parameters") or "[]")
    if parts.get("button_end"):
        listed.append(parts["button_end"])
    return {str(place): str(value) for place, value in enumerate(listed, 1)}


def _with_delivery(callback: str, delivery: str) -> str:
    parts = urlsplit(callback)
    query = "&".join(
        filter(None, [parts.query, urlencode({"delivery": delivery}, errors="replace")])
    )
    return urlunsplit(parts._replace(query=query))
