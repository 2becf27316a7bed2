"""DKIM signatures (RFC 6376; Ed25519 by RFC 8463), over messages as ``mime.build`` makes them.

Headers are signed relaxed, because servers fold them anew; the body simple, because everything in
it is encoded for the way and nobody has a reason to touch it. What somebody could add to deceive
(a second sender, subject or way to unsubscribe) is signed as not being there.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple, TypeAlias

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from dsl.calendar import SECOND, Instant

__all__ = ["Signer", "published", "read_signing_key"]

Key: TypeAlias = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

_SIGNED = (
    *("from", "to", "subject", "date", "message-id", "reply-to", "mime-version"),
    *("content-type", "content-transfer-encoding", "list-unsubscribe", "list-unsubscribe-post"),
)
_NEVER_TWICE = ("from", "to", "subject", "date", "reply-to", "list-unsubscribe")
_WEAKEST = 1024  # bits; verifiers may ignore less (RFC 8301)
_GAPS = re.compile(rb"[ \t]+")
_LINE = 72


class _Header(NamedTuple):
    name: str
    relaxed: bytes


class Signer:
    """Signs for one domain, with the key that is published under ``selector``."""

    def __init__(self, domain: str, selector: str, key: Key) -> None:
        self._key = key
        algorithm = "rsa-sha256" if isinstance(key, rsa.RSAPrivateKey) else "ed25519-sha256"
        self._kind = f"v=1; a={algorithm}; c=relaxed/simple;"
        self._place = f"d={domain}; s={selector};"

    def sign(self, message: bytes, at: Instant) -> bytes:
        """The message with its signature before it."""
        head, _, body = message.partition(b"\r\n\r\n")
        headers = list(_headers(head))
        there = [name for name in _SIGNED if any(each.name == name for each in headers)]
        names = [*there, *_NEVER_TWICE]
        stamp = f" t={at // SECOND};" if at else ""
        digest = b64encode(sha256(_simple(body)).digest()).decode()
        lines = [self._kind, f"{self._place}{stamp}", *_listed(names), f"bh={digest};", "b="]
        # What is signed is this header as well, unfolded, and with nothing after the last "b=".
        ours = b"dkim-signature:" + " ".join(lines).encode()
        covered = [each.relaxed for name in there for each in headers if each.name == name]
        signature = b64encode(self._signature(b"\r\n".join([*covered, ours]))).decode()
        lines[-1] += signature[: _LINE - 2]
        rest = signature[_LINE - 2 :]
        lines += [rest[place : place + _LINE] for place in range(0, len(rest), _LINE)]
        return b"DKIM-Signature: " + "\r\n ".join(lines).encode() + b"\r\n" + message

    def _signature(self, text: bytes) -> bytes:
        match self._key:
            case rsa.RSAPrivateKey():
                return self._key.sign(text, padding.PKCS1v15(), hashes.SHA256())
            case _:
                return self._key.sign(sha256(text).digest())


def read_signing_key(pem: str) -> Key:
    """A private key in PEM form. Raises ``ValueError`` if it cannot sign for DKIM."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (TypeError, ValueError):
        raise ValueError("it is not a private key in PEM form") from None
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _WEAKEST:
        return key
    raise ValueError(f"it must be an Ed25519 key, or an RSA key of {_WEAKEST} bits or more")


def published(key: Key) -> str:
    """What stands in the DNS after ``p=``, so that others can verify what this key has signed."""
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        shown = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        shown = public.public_bytes(Encoding.Raw, PublicFormat.Raw)  # RFC 8463
    return b64encode(shown).decode()


def _headers(head: bytes) -> Iterator[_Header]:
    """Each header in its relaxed form (RFC 6376, section 3.4.2)."""
    for line in re.split(rb"\r\n(?![ \t])", head):
        name, _, value = line.partition(b":")
        text = _GAPS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")
        lower = name.strip().lower()
        yield _Header(lower.decode("ascii", "replace"), lower + b":" + text)


def _simple(body: bytes) -> bytes:
    """Without empty lines at the end (RFC 6376, section 3.4.3)."""
    return body.rstrip(b"\r\n") + b"\r\n"


def _listed(names: list[str]) -> Iterator[str]:
    """The names that are signed, in lines that no server needs to fold."""
    line = "h="
    for place, name in enumerate(names):
        word = name + (";" if place + 1 == len(names) else ":")
        if len(line) + len(word) > _LINE:
            yield line
            line = ""
        line += word
    yield line
