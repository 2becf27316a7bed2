"""Signatures by which a receiver knows that it is us (Standard Webhooks): HMAC-SHA256 over the id,
the time and the body.

Secrets are kept nowhere. Each is derived from the daemon's own secret, from the subscription's name
and the number of its generation, so there is none in the database to be stolen.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256

from dsl.calendar import SECOND, Instant
from engine.core.hooks import Hook

__all__ = ["Signing"]

_MOST_EARLIER = 2


class Signing:
    """Signs with the secrets of one daemon. What was signed by an ``earlier`` secret of its is
    signed by that as well, so receivers need not change with it.
    """

    __slots__ = ("_keys",)

    def __init__(self, secret: bytes, earlier: Sequence[bytes] = ()) -> None:
        secrets = (secret, *earlier[:_MOST_EARLIER])
        self._keys = [sha256(b"wayline/hooks/" + each).digest() for each in secrets]

    def secret(self, hook: Hook) -> str:
        """The present secret of a subscription, as receivers write it down."""
        return "whsec_" + b64encode(_derived(self._keys[0], hook.id, hook.generation)).decode()

    def headers(self, hook: Hook, name: str, body: bytes, now: Instant) -> Mapping[str, str]:
        """What says who sends a message, and proves it. While secrets overlap, by both."""
        generations = [hook.generation]
        if now < hook.overlap and hook.generation > 1:
            generations.append(hook.generation - 1)
        stamp = str(now // SECOND)
        signed = b".".join((name.encode(), stamp.encode(), body))
        made = [
            b64encode(hmac.digest(_derived(key, hook.id, each), signed, "sha256")).decode()
            for key in self._keys
            for each in generations
        ]
        return {
            "content-type": "application/json",
            "user-agent": "Wayline",
            "webhook-id": name,
            "webhook-timestamp": stamp,
            "webhook-signature": " ".join(f"v1,{each}" for each in made),
        }


def _derived(key: bytes, hook: str, generation: int) -> bytes:
    return hmac.digest(key, f"{hook}/{generation}".encode(), "sha256")
