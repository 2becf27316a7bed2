"""Links that lead back to us: signed, so that nobody can make one up for somebody else."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from engine.access.tokens import ShortTokens

__all__ = ["Links", "load_secret"]

_SEPARATOR = "."
_MAC_LENGTH = 32  # hex digits: 128 bits


class Links:
    """Makes and reads the tokens of one secret. ``base`` is the public address of the API; tokens
    of the secrets that were in use ``earlier`` are read as well.
    """

    __slots__ = ("_base", "_keys", "_short", "_short_earlier")

    def __init__(self, secret: bytes, base: str = "", earlier: Sequence[bytes] = ()) -> None:
        secrets_ = (secret, *earlier)
        self._keys = [sha256(b"wayline/unsubscribe/" + each).digest() for each in secrets_]
        self._short, *self._short_earlier = [ShortTokens(each) for each in secrets_]
        self._base = base.rstrip("/")

    def token(self, delivery: str) -> str:
        """What stands for a delivery in an address."""
        return delivery + _SEPARATOR + _mac(self._keys[0], delivery)

    def unsubscribe(self, delivery: str) -> str:
        """The address of the page on which the recipient of a delivery can unsubscribe."""
        return f"{self._base}/unsubscribe/{self.token(delivery)}"

    def preferences(self, delivery: str) -> str:
        """The address of the page on which the recipient of a delivery says what they want."""
        return f"{self._base}/preferences/{self.token(delivery)}"

    def delivery(self, token: str) -> str | None:
        """The delivery of a token that we made, or None."""
        delivery, separator, mac = token.rpartition(_SEPARATOR)
        if not separator or not delivery or not token.isascii():
            return None
        made = [hmac.compare_digest(mac, _mac(key, delivery)) for key in self._keys]
        return delivery if any(made) else None

    def click(self, delivery: str, number: int) -> str:
        """The address that stands for the link of this number in a delivery."""
        return f"{self._base}/c/{self._short.make('c', delivery, number)}"

    def seen(self, delivery: str) -> str:
        """The address of the picture by which it is noticed that a delivery was opened."""
        return f"{self._base}/o/{self._short.make('o', delivery, 0)}"

    def clicked(self, token: str) -> tuple[str, int] | None:
        """The delivery and the number of the link of a token that we made, or None."""
        return self._read("c", token)

    def opened(self, token: str) -> str | None:
        """The delivery of the picture's token that we made, or None."""
        found = self._read("o", token)
        return None if found is None else found[0]

    def _read(self, what: str, token: str) -> tuple[str, int] | None:
        for each in (self._short, *self._short_earlier):
            found = each.read(what, token)
            if found is not None:
                return found
        return None


def _mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), sha256).hexdigest()[:_MAC_LENGTH]


def load_secret(path: Path) -> bytes:
    """The secret kept at ``path``; made there at first use, readable for its owner only."""
    if not path.exists():
        _make_secret(path)
    return path.read_bytes().strip()


def _make_secret(path: Path) -> None:
    """Written beside and then linked into place, so that nobody ever reads half of one."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):  # somebody else was first, and theirs holds
        path.hardlink_to(draft)
    draft.unlink()
