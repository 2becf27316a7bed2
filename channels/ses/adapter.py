"""E-mail through Amazon SES, API version 2. The message is built here, as for SMTP."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from channels.adapter import Capabilities
from channels.email.address import read_address
from channels.email.mime import build
from channels.email.sender import SenderSettings
from channels.http.adapter import HttpAdapter
from channels.http.answers import one_line, read_object, refusal
from channels.http.codes import read_codes
from channels.http.transport import Request, Response, Transport
from channels.http.wire import json_bytes
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected
from channels.receipts import Receiver
from channels.ses.events import DELIVERY_TAG
from channels.ses.signing import Credentials, signed
from dsl.calendar import Instant

__all__ = ["CODES", "SesAdapter", "SesDialect", "SesSettings"]

CODES = read_codes(files("channels.ses") / "codes.tsv")

_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_NOT_VERIFIED = re.compile(r"not verified", re.IGNORECASE)
_DAILY = re.compile(r"daily", re.IGNORECASE)
_QUOTA_WAIT = 3600.0  # seconds; the quota is of the last 24 hours, and comes back bit by bit
_SERVICE = "ses"  # the name in signatures, which is not that of the address


def _topic(text: str) -> str:
    try:
        from channels.ses.sns import Topic  # noqa: PLC0415 - an extra
    except ImportError:
        raise ValueError(
            "verifying what a topic tells needs a library that is not installed: pip install"
            " 'wayline[sns]'"
        ) from None
    return Topic.of(text).arn


class SesSettings(SenderSettings):
    """A key that may send (``ses:SendEmail``) in one region. ``configuration_set`` is where SES
    publishes what becomes of messages, ``topic`` the ARN of the SNS topic it publishes it to.
    """

    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    access_key_id: str = Field(min_length=1)
    secret_access_key: SecretStr
    session_token: SecretStr | None = None
    topic: Annotated[str, AfterValidator(_topic)] | None = None
    topic_before: Annotated[str, AfterValidator(_topic)] | None = None
    configuration_set: Annotated[str, Field(min_length=1)] | None = None
    address: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")] | None = None
    connections: int = Field(default=16, ge=1, le=200)
    timeout_seconds: float = Field(default=30.0, gt=0)


class SesDialect:
    """How SES is spoken to."""

    def __init__(self, settings: SesSettings) -> None:
        self._settings = settings
        self._sender = settings.sender()
        self._address = settings.address or f"https://email.{settings.region}.amazonaws.com"
        self._headers = {"Content-Type": "application/json"}

    @property
    def capabilities(self) -> Capabilities:
        """E-mail."""
        return Capabilities(
            frozenset({"email"}),
            concurrency=self._settings.connections,
            domain=self._sender.address.domain,
        )

    def request(self, message: Message) -> Request | Rejected:
        """One message to one recipient, whole. Its id is a header, and a tag of the events."""
        to = read_address(message.address)
        if to is None:
            reason = "this is not an e-mail address"
            return Rejected(FailureClass.PERMANENT_RECIPIENT, "address", reason)
        if to.international:
            reason = "SES takes ASCII addresses only"
            return Rejected(FailureClass.PERMANENT_RECIPIENT, "address", reason)
        raw = build(message, to, self._sender, message.at)
        body: dict[str, object] = {
            "FromEmailAddress": str(self._sender.address),
            "Destination": {"ToAddresses": [str(to)]},
            "Content": {"Raw": {"Data": b64encode(raw).decode()}},
            "EmailTags": [{"Name": DELIVERY_TAG, "Value": _tag(message.id)}],
        }
        if self._settings.configuration_set:
            body["ConfigurationSetName"] = self._settings.configuration_set
        address = f"{self._address}/v2/email/outbound-emails"
        return Request(address, self._headers, json_bytes(body))

    def outcome(self, message: Message, response: Response) -> Outcome:
        """By the name of the exception; some mean different things, which their words tell."""
        said = read_object(response)
        if response.status == 200 and isinstance(said.get("MessageId"), str):
            return Accepted(said["MessageId"])
        kind = response.headers.get("x-amzn-errortype") or str(said.get("__type") or "")
        code = kind.partition(":")[0].rpartition("#")[2]
        reason = one_line(said.get("message") or said.get("Message") or "")
        if code == "MessageRejected" and _NOT_VERIFIED.search(reason):
            return Rejected(FailureClass.PERMANENT_CONFIG, code, reason)
        if code == "TooManyRequestsException" and _DAILY.search(reason):
            return RateLimited("day", _QUOTA_WAIT, reason)
        return refusal(CODES, response, code, reason, message.at)

    def knock(self) -> Request:
        """What the account may do in this region."""
        return Request(f"{self._address}/v2/email/account", self._headers, method="GET")

    def obstacle(self, response: Response) -> str:
        """Whether the key is known, and the account may send to anybody."""
        said = read_object(response)
        if response.status in (400, 401, 403):
            reason = one_line(said.get("message") or said.get("Message") or "")
            return f"SES does not let us in: {reason.rstrip('.')}."
        if response.status != 200:
            return f"SES answers {response.status}."
        if said.get("SendingEnabled") is False:
            return "Sending is switched off for this account and region."
        if said.get("ProductionAccessEnabled") is False:
            return (
                "The account is in the sandbox: it can send to verified addresses only. Ask for"
                " production access at Amazon."
            )
        return ""


class _Signer:
    """Signs with a key that does not change."""

    def __init__(self, settings: SesSettings) -> None:
        token = settings.session_token
        self._region = settings.region
        self._credentials = Credentials(
            settings.access_key_id,
            settings.secret_access_key.get_secret_value(),
            token.get_secret_value() if token else "",
        )

    async def sign(self, request: Request, now: Instant) -> Request:
        """With the time in it."""
        return signed(request, self._credentials, self._region, _SERVICE, now)

    def refused(self) -> None:
        """There is no other key."""


class SesAdapter(HttpAdapter):
    """Hands e-mails to Amazon SES."""

    Settings = SesSettings

    def __init__(self, settings: SesSettings) -> None:
        transport = Transport(settings.connections)
        dialect, signer = SesDialect(settings), _Signer(settings)
        receiver = _receiver(settings)
        super().__init__(dialect, transport, settings.timeout_seconds, signer, receiver)


def _receiver(settings: SesSettings) -> Receiver | None:
    """What reads what the topics tell, if any is set."""
    topics = tuple(each for each in (settings.topic, settings.topic_before) if each is not None)
    if not topics:
        return None
    from channels.ses.receipts import SesReceiver, fetch  # noqa: PLC0415 - an extra

    return SesReceiver(topics, fetch)


def _tag(delivery: str) -> str:
    """An id as a tag may be; one that may not is told by its digest."""
    if _TAG.fullmatch(delivery):
        return delivery
    return sha256(delivery.encode("utf-8", "surrogatepass")).hexdigest()[:32]
