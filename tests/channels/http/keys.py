"""Keys for tests, made when they are needed; and reading tokens that were signed with them."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

__all__ = ["pem", "read_token"]


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def read_token(
    token: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Head and claims. Raises if it was not signed with the key."""
    head, claims, signature = (_bytes(part) for part in token.split("."))
    text = token.rpartition(".")[0].encode()
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
    else:
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        public.verify(encode_dss_signature(r, s), text, ec.ECDSA(hashes.SHA256()))
    return orjson.loads(head), orjson.loads(claims)


def _bytes(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
