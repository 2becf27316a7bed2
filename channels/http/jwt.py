"""Signed tokens (RFC 7519), as providers of push want them: ES256 and RS256 (RFC 7518)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import TypeAlias

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import SecretStr

__all__ = ["Key", "base64url", "is_p256", "read_key", "read_p256", "signed_token"]

Key: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_HALF = 32  # bytes of each half of a signature on P-256


def read_key(pem: str) -> Key:
    """A private key in PEM form. Raises ``ValueError`` if it is none that can sign here."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (TypeError, ValueError):
        raise ValueError("it is not a private key in PEM form") from None
    if isinstance(key, rsa.RSAPrivateKey):
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError("it must be an RSA key, or one on the curve P-256")


def read_p256(pem: str) -> ec.EllipticCurvePrivateKey:
    """The same, on the curve P-256 and no other. Raises ``ValueError``."""
    key = read_key(pem)
    if isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("it must be a key on the curve P-256")  # noqa: TRY004 - one kind for all
    return key


def is_p256(given: SecretStr) -> SecretStr:
    """The setting, if it is such a key: for pydantic, which wants a ``ValueError``."""
    read_p256(given.get_secret_value())
    return given


def signed_token(claims: Mapping[str, object], key: Key, key_id: str = "") -> str:
    """The claims in a token, signed as the key can."""
    algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    head = {"alg": algorithm, "typ": "JWT"} | ({"kid": key_id} if key_id else {})
    text = f"{base64url(orjson.dumps(head))}.{base64url(orjson.dumps(dict(claims)))}"
    return f"{text}.{base64url(_signature(text.encode(), key))}"


def base64url(data: bytes) -> str:
    """Without padding (RFC 7515, section 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _signature(text: bytes, key: Key) -> bytes:
    match key:
        case rsa.RSAPrivateKey():
            return key.sign(text, padding.PKCS1v15(), hashes.SHA256())
        case _:
            r, s = decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")
