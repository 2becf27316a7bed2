"""How a message that comes back is known to be ours: its envelope's sender, and a header, hold the
delivery's id and what only we can have made of it.
"""

from __future__ import annotations

import hmac
import re
from hashlib import sha256

__all__ = ["SEAL_HEADER", "Seal"]

SEAL_HEADER = "X-Wayline-Seal"
"""Stands in every message beside the delivery's id, and so in what quotes its headers."""

_MARK = "b+"
_DIGITS = 20  # hex digits: 80 bits, for a guess that takes a mail each
_PATH = re.compile(r"b\+([a-z0-9_-]{1,40})\.([0-9a-f]{20})")  # servers may write small letters


class Seal:
    """Made with the first of ``keys``; one made with another of them is believed as well."""

    def __init__(self, keys: tuple[str, ...], domain: str = "") -> None:
        self._keys = [sha256(b"wayline/bounces/" + key.encode()).digest() for key in keys]
        self._domain = domain.lower()

    def of(self, delivery: str) -> str:
        """What stands in the header."""
        return _made(self._keys[0], delivery)

    def holds(self, delivery: str, given: str) -> bool:
        """Whether we have made it for that delivery."""
        right = [_made(key, delivery).encode() for key in self._keys]
        told = given.strip().encode("utf-8", "surrogateescape")
        return any([hmac.compare_digest(each, told) for each in right])  # noqa: C419 - all of them

    def path(self, delivery: str) -> str | None:
        """The envelope's sender of a message; None if there is no domain for it, or if the id
        cannot stand in an address.
        """
        path = f"{_MARK}{delivery}.{self.of(delivery)}"
        return f"{path}@{self._domain}" if self._domain and _PATH.fullmatch(path) else None

    def delivery(self, address: str) -> str | None:
        """The delivery whose message had that sender, if it is one of ours."""
        local, _, domain = address.strip(" <>\t").lower().rpartition("@")
        found = _PATH.fullmatch(local)
        if found is None or not self._domain or domain != self._domain:
            return None
        return found[1] if self.holds(found[1], found[2]) else None


def _made(key: bytes, delivery: str) -> str:
    text = delivery.encode("utf-8", "surrogatepass")
    return hmac.new(key, text, sha256).hexdigest()[:_DIGITS]
