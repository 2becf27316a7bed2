"""Links that lead back to us: signed, so that nobody can make one up for somebody else."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

__all__ = ["Links", "load_secret"]

_SEPARATOR = "."
_MAC_LENGTH = 32  # hex digits: 128 bits


class Links:
    """Makes and reads the tokens of one secret. ``base`` is the public address of the API."""

    __slots__ = ("_base", "_key")

    def __init__(self, secret: bytes, base: str = "") -> None:
        self._key = sha256(b"wayline/unsubscribe/" + secret).digest()
        self._base = base.rstrip("/")

    def token(self, delivery: str) -> str:
        """What stands for a delivery in an address."""
        return delivery + _SEPARATOR + self._mac(delivery)

    def unsubscribe(self, delivery: str) -> str:
        """The address of the page on which the recipient of a delivery can unsubscribe."""
        return f"{self._base}/unsubscribe/{self.token(delivery)}"

    def delivery(self, token: str) -> str | None:
        """The delivery of a token that we made, or None."""
        delivery, separator, mac = token.rpartition(_SEPARATOR)
        if not separator or not delivery or not token.isascii():
            return None
        return delivery if hmac.compare_digest(mac, self._mac(delivery)) else None

    def _mac(self, delivery: str) -> str:
        return hmac.new(self._key, delivery.encode(), sha256).hexdigest()[:_MAC_LENGTH]


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
