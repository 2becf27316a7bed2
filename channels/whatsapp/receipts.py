"""What WhatsApp's webhook tells: statuses, what people write, and what becomes of templates, in batches
signed with the app's secret; and Meta's question whether we are the ones who asked for them.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from channels.http.answers import failed, one_line
from channels.receipts import (
    Answered,
    Incoming,
    NotGenuine,
    Report,
    What,
    is_one_of,
    read_body,
    reader,
)
from channels.whatsapp.approvals import approvals_in
from channels.whatsapp.codes import CODES, code_in
from channels.whatsapp.replies import replies_in
from channels.whatsapp.telling import listed, moment_of
from dsl.calendar import Instant

__all__ = ["WhatsAppReceiver"]

_WHAT: dict[str, What] = {"delivered": "delivered", "read": "opened", "failed": "failed"}


class WhatsAppReceiver:
    """``secrets`` are the app's, ``word`` is what Meta was told to say when it asks. What people write
    to another ``number`` (by Meta's id) than this one is not for us; without one, everything is.
    """

    def __init__(self, secrets: tuple[str, ...], word: str, number: str = "") -> None:
        self._secrets = tuple(secret.encode() for secret in secrets)
        self._word = word
        self._number = number

    def read(self, incoming: Incoming, now: Instant) -> Answered | NotGenuine:
        """Every status that is about a message of ours, all that was written to us, and what became
        of approved templates.
        """
        if incoming.method == "GET":
            return self._shake_hands(dict(parse_qsl(incoming.query)))
        given = incoming.headers.get("x-hub-signature-256", "").encode()
        right = (
            f"sha256={hmac.new(secret, incoming.body, sha256).hexdigest()}".encode()
            for secret in self._secrets
        )
        if not is_one_of(right, given):
            return NotGenuine("the signature is wrong")
        told = read_body(incoming)
        if isinstance(told, NotGenuine):
            return told
        values = list(_values(told))
        return Answered(
            [
                r
                for value in values
                for status in listed(value, "statuses")
                for r in _reports(status)
            ],
            replies=[r for value in values for r in replies_in(value, self._number)],
            approvals=list(approvals_in(told)),
        )

    def _shake_hands(self, asked: Mapping[str, str]) -> Answered | NotGenuine:
        word = asked.get("hub.verify_token", "").encode()
        known = bool(self._word) and is_one_of([self._word.encode()], word)
        if asked.get("hub.mode") != "subscribe" or not known:
            return NotGenuine("it does not know the word that was agreed on")
        return Answered(body=asked.get("hub.challenge", ""))


def _values(told: object) -> Iterator[Mapping[str, Any]]:
    """What has changed, in all changes of all entries."""
    for entry in listed(told, "entry"):
        for change in listed(entry, "changes"):
            value = change.get("value")
            if isinstance(value, Mapping):
                yield value


def _reports(status: Mapping[str, Any]) -> Iterator[Report]:
    delivery, what = status.get("biz_opaque_callback_data"), _WHAT.get(str(status.get("status")))
    if what is None or not isinstance(delivery, str) or not delivery:
        return
    at = moment_of(status)
    key = f"{status.get('id')}/{status.get('status')}"
    if what != "failed":
        yield Report(delivery, what, key, at, by=reader(what))
        return
    error = next(listed(status, "errors"), {})
    code, data = code_in(error.get("code")), error.get("error_data")
    details = data.get("details") if isinstance(data, Mapping) else None
    reason = one_line(details or error.get("title") or "")
    yield failed(CODES, code, Report(delivery, what, key, at, f"{code} {reason}".strip()))
