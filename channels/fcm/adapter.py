"""Push through Firebase Cloud Messaging, HTTP v1: to Android, iOS and browsers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Self

import orjson
from pydantic import Field, PrivateAttr, model_validator

from channels.adapter import Capabilities
from channels.fcm.tokens import GoogleTokens
from channels.http.adapter import HttpAdapter
from channels.http.answers import one_line, read_object, refusal, seconds_to_wait
from channels.http.codes import read_codes
from channels.http.jwt import Key, read_key
from channels.http.transport import Request, Response, Transport
from channels.http.wire import json_bytes
from channels.limits import read_limit
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected
from channels.settings import Settings

__all__ = ["CODES", "FcmAdapter", "FcmDialect", "FcmSettings"]

CODES = read_codes(files("channels.fcm") / "codes.tsv")

_LARGEST = 4096  # bytes of what reaches a device
# Of a project, and of a device: Google's page of quotas, as of 2026.
_LIMITS = (read_limit("account", "600000 per minute"), read_limit("recipient", "240 per minute"))
_OF_FCM = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_FIELDS = "type.googleapis.com/google.rpc.BadRequest"
_TOKEN = re.compile(r"[!-~]{1,4096}")
_LABEL = re.compile(r"[A-Za-z0-9_.~%-]{1,50}")
_GOOGLE = "https://oauth2.googleapis.com/token"


class FcmSettings(Settings):
    """``service_account_file`` is the JSON file that Google gives out for a service account."""

    service_account_file: Path
    address: Annotated[str, Field(pattern=r"^https?://[^\s/]+$")] = "https://fcm.googleapis.com"
    connections: int = Field(default=32, ge=1, le=200)
    timeout_seconds: float = Field(default=30.0, gt=0)

    _account: Mapping[str, Any] = PrivateAttr()
    _key: Key = PrivateAttr()

    @model_validator(mode="after")
    def _is_an_account(self) -> Self:
        try:
            account = orjson.loads(self.service_account_file.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            raise ValueError(
                f"service_account_file {self.service_account_file} cannot be read as JSON"
            ) from None
        wanted = ("client_email", "private_key", "project_id")
        missing = [name for name in wanted if not isinstance(account.get(name), str)]
        if missing:
            raise ValueError(
                f"service_account_file {self.service_account_file} has no {missing[0]}: name the"
                " file of a service account"
            )
        try:
            self._key = read_key(account["private_key"])
        except ValueError as error:
            raise ValueError(f"the private_key of the service account is no use: {error}") from None
        self._account = account
        return self

    @property
    def project(self) -> str:
        """The project whose app the devices run."""
        return str(self._account["project_id"])

    def tokens(self, transport: Transport) -> GoogleTokens:
        """What lets us in."""
        account = self._account
        return GoogleTokens(
            account["client_email"],
            self._key,
            str(account.get("private_key_id") or ""),
            str(account.get("token_uri") or _GOOGLE),
            transport,
            self.timeout_seconds,
        )


class FcmDialect:
    """How FCM is spoken to."""

    def __init__(self, settings: FcmSettings) -> None:
        self._settings = settings
        self._address = f"{settings.address}/v1/projects/{settings.project}/messages:send"
        self._headers = {"Content-Type": "application/json"}

    @property
    def capabilities(self) -> Capabilities:
        """Push."""
        return Capabilities(
            frozenset({"push"}),
            concurrency=self._settings.connections,
            limits=_LIMITS,
            account=self._settings.project,
        )

    def request(self, message: Message) -> Request | Rejected:
        """One message to one device. Its id is in the data, for the app to tell what became of it."""
        token = message.address.strip()
        if not _TOKEN.fullmatch(token):
            reason = "this is not a token of a device"
            return Rejected(FailureClass.PERMANENT_RECIPIENT, "INVALID_ARGUMENT", reason)
        parts = message.parts
        notification = {name: parts[name] for name in ("title", "body", "image") if parts.get(name)}
        data = {"wayline_delivery": message.id}
        for name in ("link", "web"):
            if parts.get(name):
                data[name] = parts[name]
        size = len(json_bytes({"notification": notification, "data": data}))
        if size > _LARGEST:
            reason = f"{size} bytes are more than the {_LARGEST} that reach a device"
            return Rejected(FailureClass.PERMANENT_CONTENT, "payload", reason)
        sent: dict[str, Any] = {
            "token": token,
            "notification": notification,
            "data": data,
        }
        if _LABEL.fullmatch(message.journey):
            sent["fcmOptions"] = {"analyticsLabel": message.journey}
        return Request(self._address, self._headers, json_bytes({"message": sent}))

    def outcome(self, message: Message, response: Response) -> Outcome:
        """By FCM's own code, which stands deeper than Google's status."""
        said = read_object(response)
        name = said.get("name")
        if response.status == 200 and isinstance(name, str):
            return Accepted(name)
        error = said.get("error")
        error = error if isinstance(error, dict) else {}
        reason = one_line(error.get("message") or "")
        code, fields = _details(error)
        if code == "INVALID_ARGUMENT" and fields - {"message.token"}:
            return Rejected(FailureClass.PERMANENT_CONTENT, code, reason)
        wait = seconds_to_wait(response, message.at)
        if code == "UNAVAILABLE" and wait:
            return RateLimited("account", wait, reason)
        return refusal(CODES, response, code, reason, message.at)

    def knock(self) -> Request:
        """A message to nobody, which is not even to be looked at any further."""
        body = {"validateOnly": True, "message": {"topic": "wayline-probe"}}
        return Request(self._address, self._headers, json_bytes(body))

    def obstacle(self, response: Response) -> str:
        """Whether the account may send for the project."""
        if response.status == 200:
            return ""
        error = read_object(response).get("error")
        reason = one_line(error.get("message") or "") if isinstance(error, dict) else ""
        return f"FCM answers {response.status}: {reason.rstrip('.') or 'no more than that'}."


class FcmAdapter(HttpAdapter):
    """Hands push messages to FCM."""

    Settings = FcmSettings

    def __init__(self, settings: FcmSettings) -> None:
        transport = Transport(settings.connections)
        tokens = settings.tokens(transport)
        super().__init__(FcmDialect(settings), transport, settings.timeout_seconds, tokens)


def _details(error: Mapping[str, Any]) -> tuple[str, set[str]]:
    """FCM's code, or Google's; and the fields it objects to."""
    code, fields = str(error.get("status") or ""), set[str]()
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        match detail:
            case {"@type": str(kind), "errorCode": str(found)} if kind == _OF_FCM:
                code = found
            case {"@type": str(kind), "fieldViolations": list(found)} if kind == _FIELDS:
                fields |= {str(each.get("field")) for each in found if isinstance(each, dict)}
    return code, fields
