"""E-mail through Postmark."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated, Any

from pydantic import Field, SecretStr

from channels.adapter import Capabilities
from channels.email.address import read_address
from channels.email.headers import phrase, plain
from channels.email.mime import message_id
from channels.email.sender import SenderSettings
from channels.http.adapter import HttpAdapter
from channels.http.answers import by_status, one_line, read_object, refusal
from channels.http.codes import read_codes
from channels.http.transport import Request, Response, Transport
from channels.http.wire import json_bytes
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected
from channels.postmark.receipts import PostmarkReceiver
from channels.settings import revealed

__all__ = ["CODES", "PostmarkAdapter", "PostmarkDialect", "PostmarkSettings"]

CODES = read_codes(files("channels.postmark") / "codes.tsv")

_BROKEN = 500


class PostmarkSettings(SenderSettings):
    """``server_token`` is the server's, not the account's. ``stream`` keeps campaigns apart from
    transactional mail, as Postmark asks for. ``webhook_login`` is ``name:password``, as it stands
    in the address that Postmark's webhooks call.
    """

    server_token: SecretStr
    webhook_login: SecretStr | None = None
    webhook_login_before: SecretStr | None = None
    stream: str = "outbound"
    address: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")] = "https://api.postmarkapp.com"
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
        return Capabilities(frozenset({"email"}), concurrency=self._settings.connections)

    def request(self, message: Message) -> Request | Rejected:
        """One message to one recipient. Its id comes back as metadata; its Message-ID is kept."""
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
        return Request(f"{self._settings.address}/email", self._headers, json_bytes(body))

    def outcome(self, message: Message, response: Response) -> Outcome:
        """By Postmark's code, which stands in every answer; 0 is well."""
        said = read_object(response)
        code, name = said.get("ErrorCode"), said.get("MessageID")
        if response.status == 200 and code == 0 and isinstance(name, str):
            return Accepted(name)
        reason = one_line(said.get("Message") or "")
        named = str(code or "")
        if response.status >= _BROKEN:  # whatever the code says, it was perhaps taken
            return by_status(response, reason, message.at, named)
        return refusal(CODES, response, named, reason, message.at)

    def knock(self) -> Request:
        """The server that the token belongs to."""
        return Request(f"{self._settings.address}/server", self._headers, method="GET")

    def obstacle(self, response: Response) -> str:
        """Whether the token is known."""
        if response.status in (401, 403, 422):
            return "Postmark does not know this server token."
        return "" if response.status == 200 else f"Postmark answers {response.status}."


class PostmarkAdapter(HttpAdapter):
    """Hands e-mails to Postmark."""

    Settings = PostmarkSettings

    def __init__(self, settings: PostmarkSettings) -> None:
        transport = Transport(settings.connections)
        logins = revealed(settings.webhook_login, settings.webhook_login_before)
        receiver = PostmarkReceiver(logins) if logins else None
        super().__init__(
            PostmarkDialect(settings), transport, settings.timeout_seconds, receiver=receiver
        )
