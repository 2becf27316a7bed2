"""Push to Apple's devices. HTTP/2, with a signing key and not with a certificate."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr

from channels.adapter import Capabilities
from channels.http.adapter import HttpAdapter
from channels.http.answers import by_status, one_line, read_object, seconds_to_wait
from channels.http.codes import read_codes
from channels.http.jwt import is_p256, read_p256, signed_token
from channels.http.transport import Request, Response
from channels.http.two import TransportTwo
from channels.http.wire import json_bytes
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected
from channels.settings import Settings
from dsl.calendar import MINUTE, SECOND, Instant

__all__ = ["CODES", "ApnsAdapter", "ApnsDialect", "ApnsSettings", "ProviderTokens"]

CODES = read_codes(files("channels.apns") / "codes.tsv")

_LARGEST = 4096  # bytes of the whole payload
_TOKEN = re.compile(r"[0-9a-fA-F]{64,200}")
_TOKEN_LASTS = 50 * MINUTE  # Apple refuses one older than an hour, and more than one in 20 minutes
_HOSTS = {
    "production": "https://api.push.apple.com",
    "sandbox": "https://api.sandbox.push.apple.com",
}
_NOT_A_TOKEN = "0" * 64


class ApnsSettings(Settings):
    """``private_key`` is the content of the .p8 file from Apple, ``key_id`` and ``team_id`` ten
    characters each, ``topic`` the bundle ID of the app.
    """

    private_key: Annotated[SecretStr, AfterValidator(is_p256)]
    key_id: str = Field(pattern=r"^[A-Z0-9]{10}$")
    team_id: str = Field(pattern=r"^[A-Z0-9]{10}$")
    topic: str = Field(pattern=r"^[A-Za-z0-9.-]+$")
    environment: Literal["production", "sandbox"] = "production"
    sound: str | None = None
    address: Annotated[str, Field(pattern=r"^https://[^\s/]+$")] | None = None
    connections: int = Field(default=4, ge=1, le=50)
    at_a_time: int = Field(default=64, ge=1, le=1000)
    timeout_seconds: float = Field(default=30.0, gt=0)


class ApnsDialect:
    """How APNs is spoken to."""

    def __init__(self, settings: ApnsSettings) -> None:
        self._settings = settings
        self._address = settings.address or _HOSTS[settings.environment]
        self._headers = {
            "apns-topic": settings.topic,
            "apns-push-type": "alert",
            "apns-priority": "10",
            "content-type": "application/json",
        }

    @property
    def capabilities(self) -> Capabilities:
        """Push."""
        return Capabilities(frozenset({"push"}), concurrency=self._settings.at_a_time)

    def request(self, message: Message) -> Request | Rejected:
        """One message to one device, under an id that comes back with the answer. Its own id is in
        the payload, for the app to tell what became of it.
        """
        token = message.address.strip()
        if not _TOKEN.fullmatch(token):
            reason = "this is not a token of a device"
            return Rejected(FailureClass.PERMANENT_RECIPIENT, "BadDeviceToken", reason)
        parts = message.parts
        aps: dict[str, Any] = {"alert": {"title": parts["title"], "body": parts["body"]}}
        if self._settings.sound:
            aps["sound"] = self._settings.sound
        payload = {"aps": aps, "wayline_delivery": message.id}
        for name in ("link", "web", "image"):
            if parts.get(name):
                payload[name] = parts[name]
        if parts.get("image"):
            aps["mutable-content"] = 1  # the app fetches it before it shows the message
        body = json_bytes(payload)
        if len(body) > _LARGEST:
            reason = f"{len(body)} bytes are more than the {_LARGEST} that a device takes"
            return Rejected(FailureClass.PERMANENT_CONTENT, "PayloadTooLarge", reason)
        headers = {**self._headers, "apns-id": _uuid(message.id)}
        return Request(f"{self._address}/3/device/{token}", headers, body)

    def outcome(self, message: Message, response: Response) -> Outcome:
        """By the reason, which is a word; the status says no more."""
        if response.status == 200:
            return Accepted(response.headers.get("apns-id") or _uuid(message.id))
        said = read_object(response)
        code = one_line(said.get("reason") or "")
        known = CODES.outcome(code, "", seconds_to_wait(response, message.at))
        return by_status(response, code, message.at, code) if known is None else known

    def knock(self) -> Request:
        """A message to a device that cannot be: whoever is let in is told just that."""
        body = json_bytes({"aps": {"alert": {"title": "", "body": ""}}})
        return Request(f"{self._address}/3/device/{_NOT_A_TOKEN}", self._headers, body)

    def obstacle(self, response: Response) -> str:
        """Whether it is the device that is wrong, and not we."""
        reason = one_line(read_object(response).get("reason") or "")
        if reason in ("BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered"):
            return ""
        return f"APNs answers {response.status}: {reason or 'no more than that'}."


class ProviderTokens:
    """Signs with one token for a while, and then with the next."""

    def __init__(self, settings: ApnsSettings) -> None:
        self._settings = settings
        self._key = read_p256(settings.private_key.get_secret_value())
        self._token = ""
        self._made: Instant = 0

    async def sign(self, request: Request, now: Instant) -> Request:
        """Within its time, whichever way the clock has gone."""
        if not self._token or not 0 <= now - self._made < _TOKEN_LASTS:
            claims = {"iss": self._settings.team_id, "iat": now // SECOND}
            self._token = signed_token(claims, self._key, self._settings.key_id)
            self._made = now
        headers = {**request.headers, "authorization": f"bearer {self._token}"}
        return replace(request, headers=headers)

    def refused(self) -> None:
        """Made anew: Apple takes one every twenty minutes."""
        self._token = ""


class ApnsAdapter(HttpAdapter):
    """Hands push messages to Apple."""

    Settings = ApnsSettings

    def __init__(self, settings: ApnsSettings) -> None:
        transport = TransportTwo(settings.connections)
        tokens = ProviderTokens(settings)
        super().__init__(ApnsDialect(settings), transport, settings.timeout_seconds, tokens)


def _uuid(delivery: str) -> str:
    """A delivery's id in the form Apple wants."""
    return str(UUID(bytes=sha256(delivery.encode("utf-8", "surrogatepass")).digest()[:16]))
