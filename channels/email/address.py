"""E-mail addresses as they may stand on an SMTP command line (RFC 5321, 4.1.2; RFC 6531).

Stricter than what mail servers forgive: an address that needs an explanation is not sent to.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Address", "read_address"]

_ATOM = r"[^\s\x00-\x20\x7f-\x9f()<>\[\]:;@\\,.\"\ud800-\udfff]+"
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED = re.compile(r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"')
_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_LITERAL = re.compile(r"\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9A-Fa-f:.]{2,45})\]", re.ASCII)
_LONGEST = 254
_LONGEST_LOCAL = 64
_ASCII = 128


class Address(NamedTuple):
    """``international`` addresses need SMTPUTF8; the domain is always in its ASCII form."""

    local: str
    domain: str

    @property
    def international(self) -> bool:
        return not self.local.isascii()

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def read_address(text: str) -> Address | None:
    """The address in ``text``, or None if it is none."""
    local, at, domain = text.strip(" \t").rpartition("@")
    if not at or not (_DOT_ATOM.fullmatch(local) or _QUOTED.fullmatch(local)):
        return None
    known = _domain(domain)
    if known is None or len(local.encode()) > _LONGEST_LOCAL:
        return None
    found = Address(local, known)
    return found if len(str(found).encode()) <= _LONGEST else None


def _domain(text: str) -> str | None:
    if _LITERAL.fullmatch(text):
        return text
    if not text or len(text) > _LONGEST:  # the IDNA codec is slow on long texts
        return None
    if not text.isascii():
        try:
            text = text.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    labels = text.split(".")
    return text if all(_LABEL.fullmatch(label) for label in labels) else None
