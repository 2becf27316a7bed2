"""E-mail through Postmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from typing import Annotated, Any

import orjson
from pydantic import Field, SecretStr

from channels.adapter import Capabilities
from channels.email.address import read_address
from channels.email.headers import phrase, plain
from channels.email.mime import message_id
from channels.email.sender import SenderSettings
from channels.http.answers import by_status, one_line, read_object, refusal
from channels.http.codes import read_codes
from channels.http.many import ManyHttpAdapter
from channels.http.transport import Request, Response, Transport
from channels.http.wire import json_bytes
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected, Unknown
from channels.postmark.receipts import PostmarkReceiver
from channels.settings import revealed

__all__ = ["CODES", "PostmarkAdapter", "PostmarkDialect", "PostmarkSettings"]

CODES = read_codes(files("channels.postmark") / "codes.tsv")

_REFUSED = 422
_BROKEN = 500
_UNREAD = (400, 413, 422)  # of a request with many: nothing in it was looked at
_MOST_BYTES = 1_000_000  # Postmark takes 50 MB, but writing them would hold up everybody else


class PostmarkSettings(SenderSettings):
    """``server_token`` is the server's, not the account's. ``stream`` keeps campaigns apart from
    transactional mail, as Postmark asks for. ``webhook_login`` is ``name:password``, as it stands
    in the address that Postmark's webhooks call. When many messages wait, ``many`` are handed over in
    one call (Postmark takes 500): the more, the more are in doubt if its answer is lost.
    """

    server_token: SecretStr
    webhook_login: SecretStr | None = None
    webhook_login_before: SecretStr | None = None
    stream: str = "outbound"
    address: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")] = "https://api.postmarkapp.com"
    many: int = Field(default=100, ge=1, le=500)
    connections: int = Field(default=16, ge=1, le=200)
    timeout_seconds: float = Field(default=30.0, gt=0)


class PostmarkDialect:
    """How Postmark is spoken to."""

    def __init__(self, settings: PostmarkSettings) -> None:
        self._settings = settings
        self._sender = settings.sender()
        self._headers = {
            "X-Postmark-Server-Token": settings.server_token.get_secret_value(),
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        name = phrase(self._sender.name, 0) if self._sender.name else ""
        address = self._sender.address
        self._from = f"{name} <{address}>" if name else str(address)

    @property
    def capabilities(self) -> Capabilities:
        """E-mail."""
        return Capabilities(
            frozenset({"email"}),
            concurrency=self._settings.connections,
            many=self._settings.many,
            domain=self._sender.address.domain,
        )

    @property
    def most_bytes(self) -> int:
        """Of all the messages in one request."""
        return _MOST_BYTES

    def request(self, message: Message) -> Request | Rejected:
        """One message to one recipient."""
        entry = self.entry(message)
        if isinstance(entry, Rejected):
            return entry
        return Request(f"{self._settings.address}/email", self._headers, entry)

    def enveloped(self, entries: Sequence[bytes]) -> Request:
        """Many of them."""
        body = b"[%b]" % b",".join(entries)
        return Request(f"{self._settings.address}/email/batch", self._headers, body)

    def entry(self, message: Message) -> bytes | Rejected:
        """The message in JSON. Its id comes back as metadata; its Message-ID is kept."""
        to = read_address(message.address)
        if to is None:
            reason = "this is not an e-mail address"
            return Rejected(FailureClass.PERMANENT_RECIPIENT, "300", reason)
        headers = {name: plain(value) for name, value in message.headers.items()}
        headers["Message-ID"] = message_id(message.id, self._sender.domain)
        headers["X-PM-KeepID"] = "true"
        body: dict[str, Any] = {
            "From": self._from,
            "To": str(to),
            "Subject": plain(message.parts.get("subject", "")),
            "MessageStream": self._settings.stream,
            "Metadata": {"wayline_delivery": message.id},
            "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
            "TrackOpens": False,
            "TrackLinks": "None",
        }
        for name, field in (("text", "TextBody"), ("html", "HtmlBody")):
            if text := message.parts.get(name):
                body[field] = text
        if self._sender.reply_to:
            body["ReplyTo"] = self._sender.reply_to
        return json_bytes(body)

    def outcome(self, message: Message, response: Response) -> Outcome:
        """By Postmark's code, which stands in every answer; 0 is well."""
        return _outcome(message, response, read_object(response))

    def outcomes(self, messages: Sequence[Message], response: Response) -> list[Outcome] | None:
        """Each by its own code. They stand in the order of the messages."""
        if response.status in _UNREAD:
            return None
        if response.status != 200:
            return [self.outcome(message, response) for message in messages]
        try:
            said = orjson.loads(response.body or b"")
        except orjson.JSONDecodeError:
            said = None
        if not isinstance(said, list) or len(said) != len(messages):
            return [Unknown("its answer cannot be read")] * len(messages)
        return [_within(*each, response) for each in zip(messages, said, strict=True)]

    def knock(self) -> Request:
        """The server that the token belongs to."""
        return Request(f"{self._settings.address}/server", self._headers, method="GET")

    def obstacle(self, response: Response) -> str:
        """Whether the token is known."""
        if response.status in (401, 403, 422):
            return "Postmark does not know this server token."
        return "" if response.status == 200 else f"Postmark answers {response.status}."


def _outcome(message: Message, response: Response, said: Mapping[str, Any]) -> Outcome:
    code, name = said.get("ErrorCode"), said.get("MessageID")
    if response.status == 200 and code == 0 and isinstance(name, str):
        return Accepted(name)
    reason = one_line(said.get("Message") or "")
    named = str(code or "")
    if response.status >= _BROKEN:  # whatever the code says, it was perhaps taken
        return by_status(response, reason, message.at, named)
    return refusal(CODES, response, named, reason, message.at)


def _within(message: Message, said: object, response: Response) -> Outcome:
    """One of many. The status is that of all of them: a refusal has the one it has alone."""
    told = said if isinstance(said, dict) else {}
    if told.get("ErrorCode"):
        response = replace(response, status=_REFUSED)
    return _outcome(message, response, told)


class PostmarkAdapter(ManyHttpAdapter):
    """Hands e-mails to Postmark."""

    Settings = PostmarkSettings

    def __init__(self, settings: PostmarkSettings) -> None:
        transport = Transport(settings.connections)
        logins = revealed(settings.webhook_login, settings.webhook_login_before)
        receiver = PostmarkReceiver(logins) if logins else None
        super().__init__(
            PostmarkDialect(settings), transport, settings.timeout_seconds, receiver=receiver
        )
