"""What Twilio reports: form fields, signed with the account's token over the address and all of
them.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections import defaultdict
from hashlib import sha1
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from channels.http.answers import failed
from channels.receipts import Answered, Incoming, NotGenuine, Report, What, is_one_of, reader
from channels.twilio.codes import CODES
from dsl.calendar import Instant

__all__ = ["TwilioReceiver", "signature"]

_WHAT: dict[str, What] = {
    "delivered": "delivered",
    "read": "opened",
    "undelivered": "failed",
    "failed": "failed",
}
_PORTS = {"https": ":443", "http": ":80"}


class TwilioReceiver:
    """``callback`` is the address as Twilio was told it; proxies may have changed it on the way."""

    def __init__(self, callback: str, tokens: tuple[str, ...]) -> None:
        self._callback = callback
        self._tokens = tokens

    def read(self, incoming: Incoming, now: Instant) -> Answered | NotGenuine:
        """One status of one message. Nothing is told twice by a repetition."""
        try:
            fields = parse_qsl(incoming.body.decode(), keep_blank_values=True)
        except UnicodeDecodeError:
            return NotGenuine("the body is not text")
        if not self._is_genuine(incoming, fields):
            return NotGenuine("the signature is wrong")
        told = dict(fields)
        delivery = dict(parse_qsl(incoming.query)).get("delivery", "")
        what = _WHAT.get(told.get("MessageStatus", ""))
        if what is None or not delivery:
            return Answered()
        code = told.get("ErrorCode", "")
        key = f"{told.get('MessageSid', '')}/{told['MessageStatus']}"
        if what != "failed":
            return Answered([Report(delivery, what, key, by=reader(what))])
        reason = f"{code} {told.get('ErrorMessage', '')}".strip()
        return Answered([failed(CODES, code, Report(delivery, what, key, 0, reason))])

    def _is_genuine(self, incoming: Incoming, fields: list[tuple[str, str]]) -> bool:
        given = incoming.headers.get("x-twilio-signature", "").encode()
        address = urlunsplit(urlsplit(self._callback)._replace(query=incoming.query))
        right = (
            signature(token, each, fields)
            for token in self._tokens
            for each in (address, _with_port(address))
        )
        return is_one_of(right, given)


def signature(token: str, address: str, fields: list[tuple[str, str]]) -> bytes:
    """As Twilio makes it: the address, and then every field with its values, in order."""
    values: dict[str, set[str]] = defaultdict(set)
    for name, value in fields:
        values[name].add(value)
    text = address + "".join(
        name + value for name in sorted(values) for value in sorted(values[name])
    )
    return b64encode(hmac.new(token.encode(), text.encode(), sha1).digest())


def _with_port(address: str) -> str:
    """The same with the usual port in it: Twilio signs it either way."""
    parts = urlsplit(address)
    return (
        urlunsplit(parts._replace(netloc=parts.hostname + _PORTS.get(parts.scheme, "")))
        if (parts.hostname and parts.port is None)
        else address
    )
