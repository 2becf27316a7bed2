"""What Twilio reports, and what people write back: form fields, signed with the account's token over
the address and all of them.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping
from hashlib import sha1
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from channels.http.answers import failed
from channels.phone import read_number
from channels.receipts import Answered, Incoming, NotGenuine, Report, What, is_one_of, reader
from channels.replies import Reply, Word
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
_WHATSAPP = "whatsapp:"
_WORDS: dict[str, Word] = {"STOP": "stop", "START": "start", "HELP": "help"}
_ANSWERED = frozenset(
    [
        "cancel",
        "end",
        "help",
        "info",
        "optout",
        "quit",
        "revoke",
        "start",
        "stop",
        "stopall",
        "unstop",
        "unsubscribe",
        "yes",
    ]
)
"""What Twilio answers itself as long as nobody has told it other words: these alone, in any case.
Written from "Twilio support for opt-out keywords", as of November 2026 (not checked).
"""
_NO_ANSWER = (
    '<?xml version="1.0" encoding="UTF-8"?><Response/>'  # plain text would be sent as an SMS
)


class TwilioReceiver:
    """``callback`` is the address as Twilio was told it; proxies may have changed it on the way.
    ``answers`` says that Twilio answers STOP, START and HELP by SMS itself, in its own words for
    them: "please stop" and ABMELDEN are left to us.
    """

    def __init__(self, callback: str, tokens: tuple[str, ...], *, answers: bool = True) -> None:
        self._callback = callback
        self._tokens = tokens
        self._answers = answers

    def read(self, incoming: Incoming, now: Instant) -> Answered | NotGenuine:
        """One status of one message, or one message that somebody wrote. Nothing is told twice by a
        repetition.
        """
        try:
            fields = parse_qsl(incoming.body.decode(), keep_blank_values=True)
        except UnicodeDecodeError:
            return NotGenuine("the body is not text")
        if not self._is_genuine(incoming, fields):
            return NotGenuine("the signature is wrong")
        told = dict(fields)
        if told.get("SmsStatus") == "received" or "MessageStatus" not in told:
            reply = self._reply(told)
            return Answered(
                replies=() if reply is None else (reply,), body=_NO_ANSWER, media="text/xml"
            )
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

    def _reply(self, told: Mapping[str, str]) -> Reply | None:
        """Twilio does not say when something was written."""
        written = told.get("From", "")
        sender, key = read_number(written.removeprefix(_WHATSAPP)), told.get("MessageSid", "")
        if sender is None or not key:
            return None
        by_sms = not written.startswith(_WHATSAPP)
        word = _WORDS.get(told.get("OptOutType", ""))
        return Reply(
            "sms" if by_sms else "whatsapp",
            sender,
            key,
            text=told.get("Body", ""),
            to=told.get("To", "").removeprefix(_WHATSAPP),
            quoted=told.get("OriginalRepliedMessageSid", ""),
            button=told.get("ButtonPayload", ""),
            word=word,
            answered=word is not None or (by_sms and self._answers and _is_theirs(told)),
        )

    def _is_genuine(self, incoming: Incoming, fields: list[tuple[str, str]]) -> bool:
        given = incoming.headers.get("x-twilio-signature", "").encode()
        address = urlunsplit(urlsplit(self._callback)._replace(query=incoming.query))
        right = (
            signature(token, each, fields)
            for token in self._tokens
            for each in (address, _with_port(address))
        )
        return is_one_of(right, given)


def _is_theirs(told: Mapping[str, str]) -> bool:
    return told.get("Body", "").strip().lower() in _ANSWERED


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
