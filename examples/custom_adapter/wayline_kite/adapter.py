"""Text messages through Kite: how Kite is spoken to, and what its answers mean.

Everything about connections, time limits and lost answers is in ``HttpAdapter``.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated

from pydantic import Field, SecretStr

from channels.adapter import Capabilities
from channels.http.adapter import HttpAdapter
from channels.http.answers import by_status, one_line, read_object, refusal
from channels.http.codes import read_codes
from channels.http.transport import Request, Response, Transport
from channels.http.wire import json_bytes
from channels.limits import Limit
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected
from channels.phone import read_number
from channels.settings import Settings, revealed
from wayline_kite.receipts import KiteReceiver

__all__ = ["CODES", "KiteAdapter", "KiteDialect", "KiteSettings"]

CODES = read_codes(files("wayline_kite") / "codes.tsv")

_SECOND = 1_000_000  # microseconds, in which limits are counted
_LONGEST = 800  # characters


class KiteSettings(Settings):
    """The token of the account; ``sender`` is what phones show. Kite signs its reports with
    ``webhook_secret``; while that is being changed, the one before it is still believed.
    """

    token: SecretStr
    sender: str = Field(min_length=1, max_length=11)
    webhook_secret: SecretStr | None = None
    webhook_secret_before: SecretStr | None = None
    address: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")] = "https://api.kite.example"
    connections: int = Field(default=16, ge=1, le=200)
    timeout_seconds: float = Field(default=30.0, gt=0)


class KiteDialect:
    """How Kite is spoken to. Pure: it never waits and never asks what time it is."""

    def __init__(self, settings: KiteSettings) -> None:
        self._settings = settings
        self._headers = {
            "Authorization": f"Bearer {settings.token.get_secret_value()}",
            "Content-Type": "application/json",
        }

    @property
    def capabilities(self) -> Capabilities:
        """Text messages, fifty in a second for the whole account, and one in ten to one number."""
        return Capabilities(
            frozenset({"sms"}),
            concurrency=self._settings.connections,
            limits=(Limit("account", 50, _SECOND), Limit("recipient", 1, 10 * _SECOND)),
        )

    def request(self, message: Message) -> Request | Rejected:
        """One text. Its id is the reference that comes back with every report."""
        number = read_number(message.address)
        if number is None:
            reason = "this is not a telephone number with its country"
            return Rejected(FailureClass.PERMANENT_RECIPIENT, "K200", reason)
        text = message.parts["text"]
        if not text.strip() or len(text) > _LONGEST:
            reason = f"a text has 1 to {_LONGEST} characters, and this has {len(text)}"
            return Rejected(FailureClass.PERMANENT_CONTENT, "K100", reason)
        body = {"to": number, "from": self._settings.sender, "text": text, "ref": message.id}
        return Request(f"{self._settings.address}/v2/texts", self._headers, json_bytes(body))

    def outcome(self, message: Message, response: Response) -> Outcome:
        """By Kite's code; by the status where Kite says none, or one that the table does not have."""
        said = read_object(response)
        name = said.get("id")
        if response.status == 202 and isinstance(name, str):
            return Accepted(name)
        error = said.get("error")
        error = error if isinstance(error, dict) else {}
        code, words = str(error.get("code") or ""), one_line(error.get("words") or "")
        if code not in CODES and response.status >= 500:
            return by_status(response, words, message.at, code)
        return refusal(CODES, response, code, words, message.at)

    def knock(self) -> Request:
        """The account that the token belongs to."""
        return Request(f"{self._settings.address}/v2/account", self._headers, method="GET")

    def obstacle(self, response: Response) -> str:
        """Whether the token is known, and anything is left on the account."""
        if response.status in (401, 403):
            return "Kite does not know this token."
        if response.status != 200:
            return f"Kite answers {response.status}."
        left = read_object(response).get("credit")
        return "There is no credit left at Kite." if left == 0 else ""


class KiteAdapter(HttpAdapter):
    """Hands texts to Kite, and reads what it reports later."""

    Settings = KiteSettings

    def __init__(self, settings: KiteSettings) -> None:
        secrets = revealed(settings.webhook_secret, settings.webhook_secret_before)
        super().__init__(
            KiteDialect(settings),
            Transport(settings.connections),
            settings.timeout_seconds,
            receiver=KiteReceiver(secrets, CODES) if secrets else None,
        )
