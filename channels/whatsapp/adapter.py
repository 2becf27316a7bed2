"""WhatsApp through Meta's Cloud API: approved templates, and free text while somebody listens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import orjson
from pydantic import Field, SecretStr

from channels.adapter import Capabilities
from channels.http.adapter import HttpAdapter
from channels.http.answers import one_line, read_object, refusal
from channels.http.transport import Request, Response, Transport
from channels.http.wire import json_bytes
from channels.limits import read_limit
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected
from channels.phone import read_number
from channels.settings import Settings, revealed
from channels.whatsapp.codes import CODES, code_in
from channels.whatsapp.receipts import WhatsAppReceiver

__all__ = ["WhatsAppAdapter", "WhatsAppDialect", "WhatsAppSettings"]

# What every number may do to begin with; a number that may do more has it in the settings.
# How many people may be written to in 24 hours before they write is what every business begins with;
# Meta raises it to 2,000, 10,000, 100,000 and more for all its numbers together (restated by others in
# 2026, not checked against Meta's page).
_LIMITS = (
    read_limit("sender", "80 per second"),
    read_limit("recipient", "1 per 6 seconds"),
    read_limit("people", "250 per day"),
)
_LONGEST_TEXT = 4096
_LONGEST_ECHO = 512  # characters of what Meta gives back with every status
_NORTH_AMERICA = "+1"


class WhatsAppSettings(Settings):
    """``marketing`` are the categories whose templates are marketing to Meta: it has not delivered
    those to numbers in the United States since April 2025, and they are refused here. With
    ``app_secret`` and ``verify_token`` what Meta tells later is taken in.
    """

    phone_number_id: str = Field(pattern=r"^\d{5,20}$")
    access_token: SecretStr
    app_secret: SecretStr | None = None
    app_secret_before: SecretStr | None = None
    verify_token: SecretStr | None = None
    version: str = Field(default="v23.0", pattern=r"^v\d+\.\d+$")
    marketing: tuple[str, ...] = ("promotional",)
    address: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")] = "https://graph.facebook.com"
    connections: int = Field(default=32, ge=1, le=200)
    timeout_seconds: float = Field(default=30.0, gt=0)


class WhatsAppDialect:
    """How the Cloud API is spoken to."""

    def __init__(self, settings: WhatsAppSettings) -> None:
        self._settings = settings
        self._number = f"{settings.address}/{settings.version}/{settings.phone_number_id}"
        self._headers = {
            "Authorization": f"Bearer {settings.access_token.get_secret_value()}",
            "Content-Type": "application/json",
        }

    @property
    def capabilities(self) -> Capabilities:
        """WhatsApp."""
        return Capabilities(
            frozenset({"whatsapp"}),
            concurrency=self._settings.connections,
            limits=_LIMITS,
            account=self._settings.phone_number_id,
        )

    def request(self, message: Message) -> Request | Rejected:
        """One message. Its id comes back with every status."""
        number = read_number(message.address)
        if number is None:
            reason = "this is not a telephone number with its country"
            return Rejected(FailureClass.PERMANENT_RECIPIENT, "131026", reason)
        template = message.parts.get("template")
        if (
            template
            and message.category in self._settings.marketing
            and number.startswith(_NORTH_AMERICA)
        ):
            reason = "Meta delivers no marketing to numbers in North America"
            return Rejected(FailureClass.POLICY_BLOCKED, "131049", reason)
        body: dict[str, Any] = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": number,
            "biz_opaque_callback_data": message.id[:_LONGEST_ECHO],
        }
        if template:
            body |= {"type": "template", "template": _template(template, message)}
        else:
            text = message.parts["text"]
            if len(text) > _LONGEST_TEXT:
                reason = f"a text has at most {_LONGEST_TEXT} characters, and this has {len(text)}"
                return Rejected(FailureClass.PERMANENT_CONTENT, "100", reason)
            body |= {"type": "text", "text": {"body": text, "preview_url": False}}
        return Request(f"{self._number}/messages", self._headers, json_bytes(body))

    def outcome(self, message: Message, response: Response) -> Outcome:
        """By Meta's code; titles change, codes do not."""
        said = read_object(response)
        messages = said.get("messages")
        if response.status == 200 and isinstance(messages, list) and messages:
            name = messages[0].get("id") if isinstance(messages[0], dict) else None
            if isinstance(name, str):
                return Accepted(name)
        error = said.get("error")
        error = error if isinstance(error, dict) else {}
        code, data = code_in(error.get("code")), error.get("error_data")
        details = data.get("details") if isinstance(data, dict) else None
        reason = one_line(details or error.get("message") or "")
        return refusal(CODES, response, code, reason, message.at)

    def knock(self) -> Request:
        """The number messages come from."""
        address = f"{self._number}?fields=display_phone_number,code_verification_status"
        return Request(address, self._headers, method="GET")

    def obstacle(self, response: Response) -> str:
        """Whether the token may use the number."""
        if response.status == 200:
            return ""
        error = read_object(response).get("error")
        reason = one_line(error.get("message") or "") if isinstance(error, dict) else ""
        return f"Meta answers {response.status}: {reason.rstrip('.') or 'no more than that'}."


class WhatsAppAdapter(HttpAdapter):
    """Hands messages to WhatsApp."""

    Settings = WhatsAppSettings

    def __init__(self, settings: WhatsAppSettings) -> None:
        transport = Transport(settings.connections)
        secrets = revealed(settings.app_secret, settings.app_secret_before)
        word = settings.verify_token.get_secret_value() if settings.verify_token else ""
        receiver = WhatsAppReceiver(secrets, word, settings.phone_number_id) if secrets else None
        super().__init__(
            WhatsAppDialect(settings), transport, settings.timeout_seconds, receiver=receiver
        )


def _template(name: str, message: Message) -> dict[str, Any]:
    """The approved wording by its name, and what is put into it."""
    parts = message.parts
    listed = orjson.loads(parts.get("parameters") or "[]")
    template: dict[str, Any] = {
        "name": name,
        "language": {"code": message.parts.get("language") or "en"},
    }
    components: list[dict[str, Any]] = []
    if parts.get("image"):
        picture = {"type": "image", "image": {"link": parts["image"]}}
        components.append({"type": "header", "parameters": [picture]})
    elif head := orjson.loads(parts.get("header_parameters") or "[]"):
        components.append({"type": "header", "parameters": _texts(head)})
    if listed:
        components.append({"type": "body", "parameters": _texts(listed)})
    if parts.get("button_end"):
        button = {"type": "button", "sub_type": "url", "index": "0"}
        components.append({**button, "parameters": _texts([parts["button_end"]])})
    if components:
        template["components"] = components
    return template


def _texts(values: Sequence[Any]) -> list[dict[str, str]]:
    """A parameter has no line ends and no wide gaps (132018), and is never empty."""
    return [{"type": "text", "text": " ".join(str(each).split()) or "-"} for each in values]
