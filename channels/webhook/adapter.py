"""Messages of any channel as signed requests, for whatever has no adapter of its own.

A request is a JSON object, signed as the Standard Webhooks specification (1.0) has it: the headers
``webhook-id`` (the delivery's id: the same message never has another, and no other has the same),
``webhook-timestamp`` (seconds) and ``webhook-signature``. Its libraries verify that in a dozen
languages.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr

from channels.adapter import Capabilities
from channels.http.adapter import HttpAdapter
from channels.http.answers import by_status, one_line, read_object
from channels.http.transport import Request, Response, Transport
from channels.http.wire import json_bytes, whole
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected
from channels.settings import Settings
from dsl.calendar import SECOND, Instant

__all__ = ["WebhookAdapter", "WebhookDialect", "WebhookSettings", "signature"]

_PREFIX = "whsec_"
_GONE = 410
_ID = "webhook-id"


def _secret(given: SecretStr) -> SecretStr:
    text = given.get_secret_value().removeprefix(_PREFIX)
    try:
        key = b64decode(text, validate=True)
    except ValueError:
        key = b""
    if not 24 <= len(key) <= 64:
        raise ValueError(
            "a secret is 24 to 64 bytes in base64, with or without whsec_ before it; openssl rand"
            " -base64 32 makes one"
        )
    return SecretStr(text)


class WebhookSettings(Settings):
    """``channels`` are those that the receiver takes. ``deduplicates`` says that it drops a message
    whose ``webhook-id`` it has seen: then a lost answer is followed by a second attempt.
    """

    address: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")]
    secret: Annotated[SecretStr, AfterValidator(_secret)]
    channels: tuple[str, ...] = ("email", "push", "sms", "whatsapp")
    deduplicates: bool = False
    connections: int = Field(default=16, ge=1, le=200)
    timeout_seconds: float = Field(default=15.0, gt=0)


class WebhookDialect:
    """What the receiver gets."""

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings

    @property
    def capabilities(self) -> Capabilities:
        """Those the operator has named."""
        settings = self._settings
        return Capabilities(
            frozenset(settings.channels), settings.connections, settings.deduplicates
        )

    def request(self, message: Message) -> Request | Rejected:
        """Everything about one message. It is signed when the time is known."""
        if whole(message.address) != message.address:
            reason = "there is half a character in it"
            return Rejected(FailureClass.PERMANENT_RECIPIENT, "address", reason)
        body: dict[str, Any] = {
            "type": "message",
            "data": {
                "delivery": message.id,
                "channel": message.channel,
                "address": message.address,
                "category": message.category,
                "journey": message.journey,
                "message": message.message,
                "parts": dict(message.parts),
                "headers": dict(message.headers),
            },
        }
        return Request(self._settings.address, _headers(message.id), json_bytes(body))

    def outcome(self, message: Message, response: Response) -> Outcome:
        """Any 2xx is taken; a body like ``{"id": "…"}`` names it. 410 says that the address of the
        person is no good any more.
        """
        said = read_object(response)
        if 200 <= response.status < 300:
            name = said.get("id")
            return Accepted(name if isinstance(name, str) and name else message.id)
        reason = one_line(said.get("detail") or said.get("error") or "no reason was given")
        if response.status == _GONE:
            return Rejected(FailureClass.PERMANENT_RECIPIENT, str(_GONE), reason)
        return by_status(response, reason, message.at)

    def knock(self) -> Request:
        """A request of another type, which whoever does not know it ignores."""
        return Request(self._settings.address, _headers("probe"), json_bytes({"type": "probe"}))

    def obstacle(self, response: Response) -> str:
        """Whether the receiver takes what we sign."""
        if 200 <= response.status < 300:
            return ""
        return f"The receiver answers {response.status}."


class _Signer:
    """Signs with one secret."""

    def __init__(self, secret: SecretStr) -> None:
        self._key = b64decode(secret.get_secret_value())

    async def sign(self, request: Request, now: Instant) -> Request:
        """With the time in it, against requests that are kept and sent again by others."""
        stamp = str(now // SECOND)
        signed = signature(self._key, request.headers[_ID], stamp, request.body)
        more = {"webhook-timestamp": stamp, "webhook-signature": signed}
        return replace(request, headers={**request.headers, **more})

    def refused(self) -> None:
        """There is no other secret."""


class WebhookAdapter(HttpAdapter):
    """Hands messages to one receiver."""

    Settings = WebhookSettings

    def __init__(self, settings: WebhookSettings) -> None:
        transport = Transport(settings.connections)
        signer = _Signer(settings.secret)
        super().__init__(WebhookDialect(settings), transport, settings.timeout_seconds, signer)


def signature(key: bytes, name: str, stamp: str, body: bytes) -> str:
    """Of the id, the second and the body, as they are sent."""
    text = f"{name}.{stamp}.".encode() + body
    return f"v1,{b64encode(hmac.new(key, text, sha256).digest()).decode()}"


def _headers(name: str) -> dict[str, str]:
    """An id that cannot stand in a header goes by its digest; ours always can."""
    plain = name.isascii() and name.isprintable() and len(name) <= 256 and "." not in name
    safe = name if plain and name.strip() == name and name else _digest(name)
    return {"Content-Type": "application/json", _ID: safe}


def _digest(name: str) -> str:
    return sha256(whole(name).encode()).hexdigest()[:32]
