"""E-mail through SendGrid's v3 Mail Send."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr

from channels.adapter import Capabilities
from channels.email.address import read_address
from channels.email.headers import plain
from channels.email.sender import SenderSettings
from channels.http.adapter import HttpAdapter
from channels.http.answers import by_status, one_line, read_object
from channels.http.transport import Request, Response, Transport
from channels.http.wire import json_bytes
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected
from channels.sendgrid.receipts import SendGridReceiver, is_public_key

__all__ = ["SendGridAdapter", "SendGridDialect", "SendGridSettings"]

_ACCEPTED = 202
_LONGEST_WAIT = 3600.0  # seconds
_OF_THE_RECIPIENT = re.compile(r"personalizations\.\d+\.to(\..*)?")
_OF_THE_SENDER = re.compile(r"from(\..*)?")


def _public_key(text: str) -> str:
    if not is_public_key(text):
        raise ValueError("it is not a verification key as SendGrid shows it for signed events")
    return text


class SendGridSettings(SenderSettings):
    """``api_key`` needs the permission to send; ``address`` is another one for accounts in the EU.
    ``verification_key`` is the one that SendGrid shows for its signed Event Webhook.
    """

    api_key: SecretStr
    verification_key: Annotated[str, AfterValidator(_public_key)] | None = None
    verification_key_before: Annotated[str, AfterValidator(_public_key)] | None = None
    address: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")] = "https://api.sendgrid.com"
    connections: int = Field(default=16, ge=1, le=200)
    timeout_seconds: float = Field(default=30.0, gt=0)


class SendGridDialect:
    """How SendGrid is spoken to."""

    def __init__(self, settings: SendGridSettings) -> None:
        self._settings = settings
        self._headers = {
            "Authorization": f"Bearer {settings.api_key.get_secret_value()}",
            "Content-Type": "application/json",
        }
        sender = settings.sender()
        self._domain = sender.address.domain
        self._from = _person(str(sender.address), sender.name)
        self._reply_to = _person(sender.reply_to) if sender.reply_to else None

    @property
    def capabilities(self) -> Capabilities:
        """E-mail."""
        return Capabilities(
            frozenset({"email"}),
            concurrency=self._settings.connections,
            domain=self._domain,
        )

    def request(self, message: Message) -> Request | Rejected:
        """One message to one recipient. Its id comes back with everything that becomes of it; links
        and opens are ours to follow, so SendGrid's following is switched off.
        """
        to = read_address(message.address)
        if to is None:
            reason = "this is not an e-mail address"
            return Rejected(FailureClass.PERMANENT_RECIPIENT, "to", reason)
        body: dict[str, Any] = {
            "personalizations": [
                {"to": [_person(str(to))], "custom_args": {"wayline_delivery": message.id}}
            ],
            "from": self._from,
            "subject": plain(message.parts.get("subject", "")),
            "content": [
                {"type": kind, "value": text}
                for kind, name in (("text/plain", "text"), ("text/html", "html"))
                if (text := message.parts.get(name))
            ],
            "tracking_settings": {
                "click_tracking": {"enable": False, "enable_text": False},
                "open_tracking": {"enable": False},
                "subscription_tracking": {"enable": False},
            },
        }
        if message.headers:
            body["headers"] = {name: plain(value) for name, value in message.headers.items()}
        if self._reply_to is not None:
            body["reply_to"] = self._reply_to
        return Request(f"{self._settings.address}/v3/mail/send", self._headers, json_bytes(body))

    def outcome(self, message: Message, response: Response) -> Outcome:
        """SendGrid has no codes: what is wrong is told by the field it names."""
        if response.status == _ACCEPTED:
            # No body; without a name we go by ours, which comes back with the events as well.
            return Accepted(response.headers.get("x-message-id") or message.id)
        error = _first_error(response)
        field, reason = str(error.get("field") or ""), one_line(error.get("message") or "")
        if response.status == 400 and _OF_THE_RECIPIENT.fullmatch(field):
            return Rejected(FailureClass.PERMANENT_RECIPIENT, field, reason)
        if response.status == 400 and _OF_THE_SENDER.fullmatch(field):
            return Rejected(FailureClass.PERMANENT_CONFIG, field, reason)
        found = by_status(response, reason, message.at, field)
        if isinstance(found, RateLimited):
            reset = response.headers.get("x-ratelimit-reset", "")
            if reset.isdecimal() and message.at:
                # The second in which there are calls again, since 1970.
                wait = min(int(reset) - message.at / 1_000_000, _LONGEST_WAIT)
                return RateLimited("account", max(wait, found.after), reason)
        return found

    def knock(self) -> Request:
        """What the key may do."""
        address = f"{self._settings.address}/v3/scopes"
        return Request(address, self._headers, method="GET")

    def obstacle(self, response: Response) -> str:
        """Whether the key is known, and may send."""
        if response.status in (401, 403):
            return "SendGrid does not know this API key."
        if response.status != 200:
            return f"SendGrid answers {response.status}."
        scopes = read_object(response).get("scopes")
        if isinstance(scopes, list) and "mail.send" not in scopes:
            return "The API key may not send: give it the permission Mail Send at SendGrid."
        return ""


class SendGridAdapter(HttpAdapter):
    """Hands e-mails to SendGrid."""

    Settings = SendGridSettings

    def __init__(self, settings: SendGridSettings) -> None:
        transport = Transport(settings.connections)
        given = (settings.verification_key, settings.verification_key_before)
        keys = tuple(key for key in given if key is not None)
        receiver = SendGridReceiver(keys) if keys else None
        super().__init__(
            SendGridDialect(settings), transport, settings.timeout_seconds, receiver=receiver
        )


def _person(address: str, name: str = "") -> dict[str, str]:
    return {"email": address, "name": name} if name else {"email": address}


def _first_error(response: Response) -> Mapping[str, Any]:
    errors = read_object(response).get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return errors[0]
    return {}
