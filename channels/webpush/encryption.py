"""A message that only the browser can read: RFC 8291 (Message Encryption for Web Push), on top of
RFC 8188 (aes128gcm).
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

__all__ = ["LARGEST", "Seal", "decoded", "encrypted", "public_bytes", "read_public"]

LARGEST = 3993
"""Bytes of a message: what is left of the 4096 that every push service takes."""

_RECORD = 4096
_AUTH = 16
_POINT = 65
_LAST = b"\x02"  # the delimiter of the last record


class Seal(NamedTuple):
    """What is made anew for each message."""

    key: ec.EllipticCurvePrivateKey
    salt: bytes

    @classmethod
    def fresh(cls) -> Seal:
        """From the system's randomness."""
        return cls(ec.generate_private_key(ec.SECP256R1()), os.urandom(16))


def encrypted(text: bytes, browser: ec.EllipticCurvePublicKey, auth: bytes, seal: Seal) -> bytes:
    """The body of the request (RFC 8291, section 4)."""
    ours = public_bytes(seal.key.public_key())
    info = b"WebPush: info\x00" + public_bytes(browser) + ours
    shared = _derived(seal.key.exchange(ec.ECDH(), browser), auth, info, 32)
    key = _derived(shared, seal.salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(shared, seal.salt, b"Content-Encoding: nonce\x00", 12)
    head = seal.salt + _RECORD.to_bytes(4, "big") + len(ours).to_bytes(1, "big") + ours
    return head + AESGCM(key).encrypt(nonce, text + _LAST, None)


def public_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    """The point, uncompressed (65 bytes)."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def read_public(p256dh: str, auth: str) -> tuple[ec.EllipticCurvePublicKey, bytes]:
    """The keys of a subscription. Raises ``ValueError`` if they are none."""
    point, secret = decoded(p256dh), decoded(auth)
    if len(point) != _POINT or len(secret) != _AUTH:
        raise ValueError("these are not the keys of a subscription")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point), secret


def decoded(text: str) -> bytes:
    """From base64url, with or without padding. Raises ``ValueError``."""
    plain = text.rstrip("=")
    return urlsafe_b64decode(plain.encode("ascii") + b"=" * (-len(plain) % 4))


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
