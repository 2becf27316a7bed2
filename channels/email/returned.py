"""Mail that comes back: reports of delivery (DSN, RFC 3464) and of complaints (ARF, RFC 5965).

Everything else is none: answers of people and of machines ("I am on holiday"), receipts of having
read something, and whatever is larger or more deeply nested than a report can be. Nothing here
raises, whatever the mail is.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import NamedTuple

from dsl.calendar import Instant, from_datetime

__all__ = ["LARGEST", "About", "Returned", "read_returned"]

LARGEST = 1000 * 1024
"""Bytes of a mail that is taken. It may quote all of what it returns."""

_READ = 64 * 1024  # bytes: a report stands before what it quotes, and an id in the head of that
_LONGEST_FIELD = 1000
_LONGEST_TYPE = 2000  # what has parameters, the standard library reads in the square of its length
_MOST_BOUNDARIES = 12
_TYPE = re.compile(
    rb"(?:\A|[\r\n])content-type:[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*", re.IGNORECASE
)
_BOUNDARY = re.compile(rb"boundary[*=]", re.IGNORECASE)  # boundary*0*= is one, too
_MOST_RECIPIENTS = 20
_RECIPIENTS = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")


class About(NamedTuple):
    """What a report says of one recipient. ``kind`` is an action of a DSN, or a type of ARF."""

    kind: str
    address: str
    status: str = ""
    words: str = ""


class Returned(NamedTuple):
    """A report. ``delivery`` and ``seal`` are what the returned message says of itself;
    ``paths`` are the addresses that may be its envelope's sender.
    """

    form: str  # "delivery-status" or "feedback-report"
    about: tuple[About, ...]
    delivery: str
    seal: str
    paths: tuple[str, ...]
    at: Instant


def read_returned(raw: bytes, recipient: str = "") -> Returned | None:
    """The report in a mail that came to ``recipient``; None if it is none."""
    known = raw[:_READ]
    if len(raw) > LARGEST or _costs_too_much(known):
        return None
    try:
        return _read(email.message_from_bytes(known), recipient)
    except (
        MessageError,
        ValueError,
        LookupError,
        RecursionError,
        AttributeError,
        TypeError,
        OverflowError,
    ):
        # The parser of the standard library raises all of these, for mails made for that.
        return None


def _costs_too_much(known: bytes) -> bool:
    """Whether it was made to keep whoever reads it busy."""
    if any(len(found[0]) > _LONGEST_TYPE for found in _TYPE.finditer(known)):
        return True
    return len(_BOUNDARY.findall(known)) > _MOST_BOUNDARIES


def _read(mail: Message, recipient: str) -> Returned | None:
    form = str(mail.get_param("report-type", "")).lower()
    if mail.get_content_type() != "multipart/report":
        return None
    parts = _inside(mail)
    told = next((p for p in parts if p.get_content_type() == f"message/{form}"), None)
    if told is None or form not in ("delivery-status", "feedback-report"):
        return None
    blocks = _blocks(told)
    quoted = _quoted(parts)
    about = _of_delivery(blocks) if form == "delivery-status" else _of_complaint(blocks)
    return Returned(
        form,
        tuple(about),
        _text(quoted, "X-Wayline-Delivery"),
        _text(quoted, "X-Wayline-Seal"),
        tuple(_paths(mail, blocks, quoted, recipient)),
        _at(mail),
    )


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload()
    listed = payload if isinstance(payload, list) else []
    return [each for each in listed if isinstance(each, Message)]


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a report: one about it, and one about each recipient."""
    found = _inside(part) or [email.message_from_string(str(part.get_payload()))]
    return found[: _MOST_RECIPIENTS + 1]


def _quoted(parts: list[Message]) -> Message:
    """The head of the message that came back."""
    for part in parts:
        if part.get_content_type() == "message/rfc822":
            return next(iter(_inside(part)), Message())
        if part.get_content_type() == "text/rfc822-headers":
            decoded = part.get_payload(decode=True)
            return email.message_from_bytes(decoded if isinstance(decoded, bytes) else b"")
    return Message()


def _of_delivery(blocks: list[Message]) -> Iterator[About]:
    for block in blocks:
        address = _address(block, "Original-Recipient") or _address(block, "Final-Recipient")
        action = _text(block, "Action").lower()
        if address and action:
            words = _text(block, "Diagnostic-Code").partition(";")[2].strip()
            yield About(action, address, _text(block, "Status").partition(" ")[0], words)


def _of_complaint(blocks: list[Message]) -> Iterator[About]:
    for block in blocks[:1]:
        kind = _text(block, "Feedback-Type").lower()
        if kind:
            named = [each for _, each in getaddresses([_text(block, "Original-Rcpt-To")])]
            yield About(kind, next(iter(named), ""))


def _paths(mail: Message, blocks: list[Message], quoted: Message, recipient: str) -> Iterator[str]:
    yield recipient
    for name in _RECIPIENTS:
        told = [str(each)[:_LONGEST_FIELD] for each in mail.get_all(name, [])[:_MOST_RECIPIENTS]]
        yield from (address for _, address in getaddresses(told))
    for block in blocks:
        yield from (address for _, address in getaddresses([_text(block, "Original-Mail-From")]))
    yield from (address for _, address in getaddresses([_text(quoted, "Return-Path")]))


def _address(block: Message, name: str) -> str:
    """``rfc822; ada@shop.example``"""
    kind, _, address = _text(block, name).partition(";")
    return address.strip(" <>") if kind.strip().lower() in ("rfc822", "utf-8") else ""


def _text(block: Message, name: str) -> str:
    value = block.get(name)
    if value is None:
        return ""
    return " ".join(str(make_header(decode_header(str(value)[:_LONGEST_FIELD]))).split())


def _at(mail: Message) -> Instant:
    try:
        found = parsedate_to_datetime(_text(mail, "Date"))
    except (TypeError, ValueError, OverflowError):
        return 0
    return from_datetime(found) if found.tzinfo is not None else 0
