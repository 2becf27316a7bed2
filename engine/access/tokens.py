"""Short tokens: a delivery and a number, signed, in as few characters as an SMS can spare.

A delivery's name is 32 hexadecimal digits: 16 bytes. With one for the key, one for the number and
nine that sign, a token has 36 characters. A signature of 72 bits cannot be guessed over a network;
and whoever could, would be led where we have led somebody before.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode, urlsafe_b64decode
from hashlib import sha256

__all__ = ["ShortTokens"]

_SIGNED = 9  # bytes
_LONGEST = 400  # characters; a name of ours is never longer
_PACKED = re.compile(r"[0-9a-f]{32}")
_ALPHABET = re.compile(r"[A-Za-z0-9_-]+")
_AS_TEXT = 0x80  # in the first byte: the name is no number


class ShortTokens:
    """Makes and reads the tokens of one secret. The first byte says which secret, so that others
    need not be tried; the signature decides.
    """

    __slots__ = ("_key", "_mark")

    def __init__(self, secret: bytes) -> None:
        self._key = sha256(b"wayline/links/" + secret).digest()
        self._mark = sha256(self._key).digest()[0] & ~_AS_TEXT

    def make(self, what: str, delivery: str, number: int) -> str:
        """``what`` keeps tokens apart that are for different things."""
        packed = _PACKED.fullmatch(delivery) is not None
        head = self._mark if packed else self._mark | _AS_TEXT
        name = bytes.fromhex(delivery) if packed else delivery.encode("utf-8", "surrogatepass")
        body = bytes((head, *_counted(number))) + name
        return b64encode(body + self._sign(what, body), b"-_").decode().rstrip("=")

    def read(self, what: str, token: str) -> tuple[str, int] | None:
        """The delivery and the number, or None if it is no token of ours."""
        if len(token) > _LONGEST or not _ALPHABET.fullmatch(token) or len(token) % 4 == 1:
            return None
        whole = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        body, signed = whole[:-_SIGNED], whole[-_SIGNED:]
        if not body or body[0] & ~_AS_TEXT != self._mark:
            return None
        if not hmac.compare_digest(signed, self._sign(what, body)):
            return None
        number, length = _number(body)
        name = body[length:]
        if body[0] & _AS_TEXT:
            return name.decode("utf-8", "surrogatepass"), number
        return name.hex(), number

    def _sign(self, what: str, body: bytes) -> bytes:
        return hmac.digest(self._key, what.encode() + b"/" + body, "sha256")[:_SIGNED]


def _counted(number: int) -> list[int]:
    """Seven bits to a byte; the highest says that there are more."""
    made = [number & 0x7F]
    while number := number >> 7:
        made.insert(0, number & 0x7F | 0x80)
    return made


def _number(body: bytes) -> tuple[int, int]:
    """The number behind the first byte, and where it ends. It was signed, so it is there."""
    number, at = 0, 1
    while True:
        number = number << 7 | body[at] & 0x7F
        at += 1
        if not body[at - 1] & 0x80:
            return number, at
