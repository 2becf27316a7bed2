"""Push to browsers (RFC 8030). Push services know the sender by its key (RFC 8292).

The address of a person is the subscription as the browser gives it, as JSON. Where it leads is said
by whoever sent it to us, so only the services of browsers are called, and only over TLS.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import AfterValidator, Field, SecretStr

from channels.adapter import Capabilities
from channels.http.adapter import HttpAdapter
from channels.http.answers import by_status, one_line, seconds_to_wait
from channels.http.jwt import base64url, is_p256, read_p256, signed_token
from channels.http.transport import Request, Response, Transport
from channels.http.wire import json_bytes
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected
from channels.settings import Settings
from channels.webpush.encryption import LARGEST, Seal, encrypted, public_bytes, read_public
from dsl.calendar import HOUR, SECOND, Instant

__all__ = ["SERVICES", "WebPushAdapter", "WebPushDialect", "WebPushSettings"]

SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    ".notify.windows.com",
)
"""The push services of browsers; a dot at the beginning stands for whatever is before it."""

_CREATED = 201
_GONE = (404, 410)
_TOO_LARGE = 413
_TOKEN_LASTS = 12 * HOUR  # a push service may refuse more than 24 hours
_LONGEST_LIFE = 28 * 24 * HOUR // SECOND
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")


class WebPushSettings(Settings):
    """``private_key`` is the key on P-256, in PEM form, whose public half browsers subscribe with;
    ``contact`` is where push services may complain: mailto: or https:.
    """

    private_key: Annotated[SecretStr, AfterValidator(is_p256)]
    contact: str = Field(pattern=r"^(mailto:[^\s@]+@[^\s@]+|https://\S+)$")
    services: tuple[str, ...] = SERVICES
    keeps_hours: int = Field(default=24, ge=0, le=28 * 24)
    connections: int = Field(default=32, ge=1, le=200)
    timeout_seconds: float = Field(default=30.0, gt=0)


class _Subscription(NamedTuple):
    """Where a browser listens, and how to speak so that only it understands."""

    endpoint: str
    browser: ec.EllipticCurvePublicKey
    auth: bytes


class WebPushDialect:
    """How push services are spoken to. ``seal`` makes what is new for each message."""

    def __init__(
        self,
        settings: WebPushSettings,
        seal: Callable[[], Seal] = Seal.fresh,
        scheme: str = "https",
    ) -> None:
        self._settings = settings
        self._seal = seal
        self._scheme = scheme

    @property
    def capabilities(self) -> Capabilities:
        """Push."""
        return Capabilities(frozenset({"push"}), concurrency=self._settings.connections)

    def request(self, message: Message) -> Request | Rejected:
        """One message for one browser. Its id is inside, for the page to tell what became of it; a
        message of the same kind that has not been fetched yet is replaced.
        """
        found = self._subscription(message.address)
        if isinstance(found, str):
            return Rejected(FailureClass.PERMANENT_RECIPIENT, "subscription", found)
        parts = message.parts
        names = ("title", "body", "link", "image")
        said = {name: parts[name] for name in names if parts.get(name)}
        if parts.get("web"):  # a browser opens pages
            said["link"] = parts["web"]
        text = json_bytes({**said, "wayline_delivery": message.id})
        if len(text) > LARGEST:
            reason = f"{len(text)} bytes are more than the {LARGEST} that a browser takes"
            return Rejected(FailureClass.PERMANENT_CONTENT, str(_TOO_LARGE), reason)
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(min(self._settings.keeps_hours * 3600, _LONGEST_LIFE)),
            "Urgency": "normal",
            "Topic": _topic(message),
        }
        body = encrypted(text, found.browser, found.auth, self._seal())
        return Request(found.endpoint, headers, body)

    def outcome(self, message: Message, response: Response) -> Outcome:
        """There are no codes but the status (RFC 8030, sections 5 and 7.3)."""
        status = response.status
        if status in (_CREATED, 200, 202):
            return Accepted(response.headers.get("location") or message.id)
        reason = one_line((response.body or b"").decode("utf-8", "replace")) or f"status {status}"
        if status in _GONE:
            return Rejected(FailureClass.PERMANENT_RECIPIENT, str(status), reason)
        if status == _TOO_LARGE:
            return Rejected(FailureClass.PERMANENT_CONTENT, str(status), reason)
        if status in (400, 401, 403):
            return Rejected(FailureClass.PERMANENT_CONFIG, str(status), reason)
        if status == 429:
            wait = seconds_to_wait(response, message.at) or 60.0
            return RateLimited("recipient", wait, reason)
        return by_status(response, reason, message.at)

    def knock(self) -> Request:
        """Whether the first of the services can be reached at all; none says whether we are known."""
        host = self._settings.services[0].lstrip(".")
        return Request(f"{self._scheme}://{host}/", {}, method="GET")

    def obstacle(self, response: Response) -> str:
        """Whatever it answers, it is there."""
        return "" if response.status < 500 else f"The push service answers {response.status}."

    def _subscription(self, text: str) -> _Subscription | str:
        """The subscription, or what is wrong with it."""
        try:
            found = orjson.loads(text)
            endpoint, keys = found["endpoint"], found["keys"]
            browser, auth = read_public(keys["p256dh"], keys["auth"])
            place = urlsplit(endpoint)
            host = place.netloc.lower()
        except (KeyError, TypeError, ValueError):
            return "this is not the subscription of a browser"
        known = any(
            host == each or (each[0] == "." and host.endswith(each)) for each in self._hosts
        )
        if place.scheme != self._scheme or not known:
            return "it does not lead to the push service of a browser"
        return _Subscription(endpoint, browser, auth)

    @property
    def _hosts(self) -> tuple[str, ...]:
        return self._settings.services


class Vapid:
    """Signs with our key, for one push service at a time (RFC 8292)."""

    def __init__(self, settings: WebPushSettings) -> None:
        key = read_p256(settings.private_key.get_secret_value())
        self._key = key
        self._public = base64url(public_bytes(key.public_key()))
        self._contact = settings.contact
        self._tokens: dict[str, tuple[str, Instant]] = {}

    async def sign(self, request: Request, now: Instant) -> Request:
        """One token serves for hours; there are as many as there are push services."""
        place = urlsplit(request.address)
        audience = f"{place.scheme}://{place.netloc}"
        token, until = self._tokens.get(audience, ("", 0))
        if not token or not until - _TOKEN_LASTS <= now < until - HOUR:
            until = now + _TOKEN_LASTS
            claims = {"aud": audience, "exp": until // SECOND, "sub": self._contact}
            token = signed_token(claims, self._key)
            self._tokens[audience] = token, until
        authorization = f"vapid t={token}, k={self._public}"
        return replace(request, headers={**request.headers, "Authorization": authorization})

    def refused(self) -> None:
        """Signed anew, perhaps it was the time."""
        self._tokens.clear()


class WebPushAdapter(HttpAdapter):
    """Hands push messages to browsers' push services."""

    Settings = WebPushSettings

    def __init__(self, settings: WebPushSettings) -> None:
        transport = Transport(settings.connections)
        dialect, vapid = WebPushDialect(settings), Vapid(settings)
        super().__init__(dialect, transport, settings.timeout_seconds, vapid)


def _topic(message: Message) -> str:
    """The same for all messages of one kind (RFC 8030, section 5.4)."""
    if _TOPIC.fullmatch(message.message):
        return message.message
    return sha256(message.message.encode("utf-8", "surrogatepass")).hexdigest()[:32]
