"""MIME by hand: plain text and HTML, and nothing that a journey does not need.

The standard library's message classes take 5 to 20 times as long, and building messages, not the
network, is the bill of e-mail. What is built here is read back by
``email.parser`` in the tests.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime

from channels.email.address import Address
from channels.email.headers import header, phrase, unstructured, uri_list
from channels.message import Message
from dsl.calendar import Instant, to_datetime

__all__ = ["DELIVERY_HEADER", "Sender", "build", "message_id"]

DELIVERY_HEADER = "X-Wayline-Delivery"
"""Carries the delivery's id as it is, for bounces that quote the headers."""

_OURS = frozenset(
    {
        *("bcc", "cc", "content-transfer-encoding", "content-type", "date", "from"),
        *("message-id", "mime-version", "subject", "to", DELIVERY_HEADER.lower()),
    }
)
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")
_LONGEST_LINE = 998  # line end not counted (RFC 5322, 2.1.1)
_SAFE_ID = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_LONGEST_ID = 64
_NOT_PLAIN = bytes(b for b in range(256) if b > 126 or (b < 32 and b not in b"\t\r\n"))
_ESCAPED_IN_Q = _NOT_PLAIN + b"="


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the message is from. ``domain`` stands in Message-IDs."""

    name: str
    address: Address
    domain: str
    reply_to: str = ""  # an address


def message_id(delivery: str, domain: str) -> str:
    """The Message-ID that a delivery has, with its angle brackets."""
    if len(delivery) <= _LONGEST_ID and _SAFE_ID.fullmatch(delivery):
        return f"<{delivery}@{domain}>"
    digest = hashlib.sha256(delivery.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return f"<{digest}@{domain}>"


def build(message: Message, to: Address, sender: Sender, at: Instant) -> bytes:
    """The message as it goes over the wire, with CRLF line ends, dots not doubled.

    Without an instant (0) there is no Date header, and the first server adds one (RFC 6409, 8.2).
    """
    head = "".join(_head(message, to, sender, at)).encode()
    text, html = message.parts.get("text"), message.parts.get("html")
    if text and html:
        boundary = _boundary(message.id)
        start = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
        # The line end before a boundary is part of it, and the text keeps its own.
        mark = f"--{boundary}".encode()
        plain = mark + b"\r\n" + _part("plain", text, mark) + b"\r\n"
        rich = mark + b"\r\n" + _part("html", html, mark) + b"\r\n"
        return head + start.encode() + plain + rich + mark + b"--\r\n"
    if html:
        return head + _part("html", html, b"")
    return head + _part("plain", text or "", b"")


def _head(message: Message, to: Address, sender: Sender, at: Instant) -> list[str]:
    # "From: " takes six characters of the line, and the name's encoded words must still fit in.
    name = phrase(sender.name, len("From: ")) if sender.name else ""
    lines = [
        header("From", f"{name} <{sender.address}>" if name else str(sender.address)),
        header("To", str(to)),
        unstructured("Subject", message.parts.get("subject", "")),
        header("Message-ID", message_id(message.id, sender.domain)),
        unstructured(DELIVERY_HEADER, message.id),
    ]
    if at:
        lines.append(header("Date", format_datetime(to_datetime(at))))
    lines.extend(_further(message.headers, sender))
    lines.append("MIME-Version: 1.0\r\n")
    return lines


def _further(headers: Mapping[str, str], sender: Sender) -> list[str]:
    lines: list[str] = []
    if sender.reply_to and not any(name.lower() == "reply-to" for name in headers):
        lines.append(header("Reply-To", sender.reply_to))
    for name, value in headers.items():
        if name.lower() in _OURS:
            raise ValueError(f"{name} is written from the message itself")
        if name.lower().startswith("list-"):
            lines.append(header(name, uri_list(value)))
        else:
            lines.append(unstructured(name, value))
    return lines


def _boundary(delivery: str) -> str:
    # "=_" can stand neither in quoted-printable nor in base64; in plain text it is looked for.
    return "=_" + hashlib.sha256(delivery.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _part(subtype: str, text: str, boundary: bytes) -> bytes:
    data = text.encode("utf-8", "replace")
    data = _LINE_ENDS.sub(b"\r\n", data) if b"\r" in data else data.replace(b"\n", b"\r\n")
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    encoding, body = _transfer(data, boundary)
    charset = "us-ascii" if data.isascii() else "utf-8"
    head = (
        f"Content-Type: text/{subtype}; charset={charset}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    return head.encode() + body


def _transfer(data: bytes, boundary: bytes) -> tuple[str, bytes]:
    """As it is if it may be, else by what is shorter."""
    odd = len(data) - len(data.translate(None, _NOT_PLAIN))
    if not odd and _may_go_as_it_is(data, boundary):
        return "7bit", data
    escaped = len(data) - len(data.translate(None, _ESCAPED_IN_Q))
    in_q = len(data) + 2 * escaped
    in_q += in_q // 75 * 3
    in_b = (len(data) + 2) // 3 * 4
    in_b += (in_b + 75) // 76 * 2
    if in_q <= in_b:
        return "quoted-printable", binascii.b2a_qp(data, istext=True)
    return "base64", _base64(data)


def _may_go_as_it_is(data: bytes, boundary: bytes) -> bool:
    return not _has_long_line(data) and not (boundary and boundary in data)


def _has_long_line(data: bytes) -> bool:
    """Looks at as few lines as will do: from one line end to the last within reach of it."""
    start = 0
    while len(data) - start > _LONGEST_LINE + 2:
        start = data.rfind(b"\r\n", start, start + _LONGEST_LINE + 2) + 2
        if start == 1:  # none
            return True
    return False


def _base64(data: bytes) -> bytes:
    whole = binascii.b2a_base64(data, newline=False)
    return b"".join(whole[at : at + 76] + b"\r\n" for at in range(0, len(whole), 76))
