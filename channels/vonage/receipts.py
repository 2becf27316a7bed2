"""What Vonage reports, and what people write back: JSON, under a token (HS256) that holds the digest
of the body.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Any

import orjson

from channels.http.answers import failed, one_line
from channels.phone import read_bare
from channels.receipts import (
    Answered,
    Incoming,
    NotGenuine,
    Report,
    What,
    is_one_of,
    moment,
    read_body,
    reader,
)
from channels.replies import Reply
from channels.vonage.codes import CODES, code_in
from dsl.calendar import MINUTE, SECOND, Instant

__all__ = ["VonageReceiver"]

_WHAT: dict[str, What] = {
    "delivered": "delivered",
    "read": "opened",
    "rejected": "failed",
    "undeliverable": "failed",
}
_WINDOW = 5 * MINUTE
_PARTS = 3


class VonageReceiver:
    """Believes what is signed with one of the account's signature secrets and is new. ``answers``
    says that Vonage answers STOP, START and HELP itself.
    """

    def __init__(self, secrets: tuple[str, ...], *, answers: bool = False) -> None:
        self._secrets = tuple(secret.encode() for secret in secrets)
        self._answers = answers

    def read(self, incoming: Incoming, now: Instant) -> Answered | NotGenuine:
        """One status of one message, or one message that somebody wrote."""
        claims = self._claims(incoming.headers.get("authorization", ""))
        if claims is None:
            return NotGenuine("the signature is wrong")
        digest = str(claims.get("payload_hash") or "").lower()
        if not is_one_of([sha256(incoming.body).hexdigest().encode()], digest.encode()):
            return NotGenuine("the body is not the one that was signed")
        made = claims.get("iat")
        if not isinstance(made, int) or abs(made * SECOND - now) > _WINDOW:
            return NotGenuine("it is too old, or from the future")
        told = read_body(incoming)
        if isinstance(told, NotGenuine):
            return told
        if not isinstance(told, dict):
            return Answered()
        if "status" not in told:
            reply = _reply(told, answers=self._answers)
            return Answered(replies=() if reply is None else (reply,))
        found = _report(told)
        return Answered(() if found is None else (found,))

    def _claims(self, authorization: str) -> dict[str, Any] | None:
        parts = authorization.removeprefix("Bearer ").strip().split(".")
        if len(parts) != _PARTS:
            return None
        text = ".".join(parts[:2]).encode()
        try:
            head, claims, given = (_decoded(part) for part in parts)
            read = orjson.loads(head), orjson.loads(claims)
        except ValueError:
            return None
        right = (hmac.new(secret, text, sha256).digest() for secret in self._secrets)
        # The algorithm is ours to choose, whatever the token says of itself.
        known = isinstance(read[0], dict) and read[0].get("alg") == "HS256"
        genuine = is_one_of(right, given) and known
        return read[1] if genuine and isinstance(read[1], dict) else None


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part.encode() + b"=" * (-len(part) % 4))


def _report(told: dict[str, Any]) -> Report | None:
    delivery, what = told.get("client_ref"), _WHAT.get(str(told.get("status")))
    if what is None or not isinstance(delivery, str) or not delivery:
        return None
    key = f"{told.get('message_uuid')}/{told.get('status')}"
    at = moment(told.get("timestamp"))
    if what != "failed":
        return Report(delivery, what, key, at, by=reader(what))
    error = told.get("error")
    error = error if isinstance(error, dict) else {}
    code = code_in(str(error.get("type") or error.get("title") or ""))
    reason = one_line(error.get("detail") or error.get("title") or "")
    return failed(CODES, code, Report(delivery, what, key, at, f"{code} {reason}".strip()))


def _reply(told: dict[str, Any], *, answers: bool) -> Reply | None:
    channel, key = told.get("channel"), told.get("message_uuid")
    sender = read_bare(str(told.get("from") or ""))
    if channel not in ("sms", "whatsapp") or sender is None or not isinstance(key, str) or not key:
        return None
    pressed, context = _part(told, "button") or _part(told, "reply"), _part(told, "context")
    return Reply(
        channel,
        sender,
        key,
        text=str(told.get("text") or pressed.get("text") or pressed.get("title") or ""),
        to=str(told.get("to") or ""),
        occurred=moment(told.get("timestamp")),
        quoted=str(context.get("message_uuid") or ""),
        button=str(pressed.get("payload") or pressed.get("id") or ""),
        answered=answers,
    )


def _part(told: dict[str, Any], name: str) -> dict[str, Any]:
    found = told.get(name)
    return found if isinstance(found, dict) else {}
