"""SMS through Vonage's Messages API, version 1."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Any

from pydantic import Field, SecretStr

from channels.adapter import Capabilities
from channels.http.adapter import HttpAdapter
from channels.http.answers import by_status, one_line, read_object, refusal
from channels.http.transport import Request, Response, Transport
from channels.http.wire import json_bytes
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected
from channels.phone import read_number
from channels.settings import Settings, revealed
from channels.vonage.codes import CODES, code_in
from channels.vonage.receipts import VonageReceiver

__all__ = ["VonageAdapter", "VonageDialect", "VonageSettings"]

_ACCEPTED = 202
_BROKEN = 500
_LONGEST_REFERENCE = 100
_LONGEST_TEXT = 1000


class VonageSettings(Settings):
    """The account's key and secret; ``sender`` is a number, or a name where names are allowed.
    ``callback`` is where Vonage reports what became of messages, signed with ``signature_secret``.
    ``answers_stop`` says that Vonage answers STOP, START and HELP itself.
    """

    api_key: str = Field(min_length=1)
    api_secret: SecretStr
    sender: str = Field(min_length=1, max_length=15)
    signature_secret: SecretStr | None = None
    signature_secret_before: SecretStr | None = None
    callback: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")] | None = None
    answers_stop: bool = False
    address: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")] = "https://api.nexmo.com"
    connections: int = Field(default=16, ge=1, le=200)
    timeout_seconds: float = Field(default=30.0, gt=0)


class VonageDialect:
    """How Vonage is spoken to."""

    def __init__(self, settings: VonageSettings) -> None:
        self._settings = settings
        login = f"{settings.api_key}:{settings.api_secret.get_secret_value()}".encode()
        self._headers = {
            "Authorization": f"Basic {b64encode(login).decode()}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }

    @property
    def capabilities(self) -> Capabilities:
        """SMS."""
        return Capabilities(frozenset({"sms"}), concurrency=self._settings.connections)

    def request(self, message: Message) -> Request | Rejected:
        """One message. Its id is the reference that comes back with every status."""
        number = read_number(message.address)
        if number is None:
            reason = "this is not a telephone number with its country"
            return Rejected(FailureClass.PERMANENT_RECIPIENT, "1170", reason)
        text = message.parts["text"]
        if not text or len(text) > _LONGEST_TEXT:
            reason = f"a text has 1 to {_LONGEST_TEXT} characters, and this has {len(text)}"
            return Rejected(FailureClass.PERMANENT_CONTENT, "1090", reason)
        body: dict[str, Any] = {
            "channel": "sms",
            "message_type": "text",
            "to": number.removeprefix("+"),
            "from": self._settings.sender.removeprefix("+"),
            "text": text,
            "client_ref": message.id[:_LONGEST_REFERENCE],
        }
        if self._settings.callback:
            body["webhook_url"] = self._settings.callback
        return Request(f"{self._settings.address}/v1/messages", self._headers, json_bytes(body))

    def outcome(self, message: Message, response: Response) -> Outcome:
        """By Vonage's code, which stands at the end of the address of its explanation."""
        said = read_object(response)
        name = said.get("message_uuid")
        if response.status == _ACCEPTED and isinstance(name, str):
            return Accepted(name)
        code = code_in(str(said.get("type") or said.get("title") or ""))
        reason = one_line(said.get("detail") or said.get("title") or "")
        if response.status >= _BROKEN:  # 1030 comes with it, and was perhaps taken
            return by_status(response, reason, message.at, code)
        return refusal(CODES, response, code, reason, message.at)

    def knock(self) -> Request:
        """What is left on the account."""
        address = f"{self._settings.address}/account/get-balance"
        return Request(address, self._headers, method="GET")

    def obstacle(self, response: Response) -> str:
        """Whether the account is known, and has anything left."""
        if response.status in (401, 403):
            return "Vonage does not know this key and secret."
        if response.status != 200:
            return f"Vonage answers {response.status}."
        left = read_object(response).get("value")
        if isinstance(left, (int, float)) and left <= 0:
            return "There is nothing left on the account at Vonage."
        return ""


class VonageAdapter(HttpAdapter):
    """Hands SMS to Vonage."""

    Settings = VonageSettings

    def __init__(self, settings: VonageSettings) -> None:
        transport = Transport(settings.connections)
        secrets = revealed(settings.signature_secret, settings.signature_secret_before)
        receiver = VonageReceiver(secrets, answers=settings.answers_stop) if secrets else None
        super().__init__(
            VonageDialect(settings), transport, settings.timeout_seconds, receiver=receiver
        )
