"""How long to wait before something is tried again."""

from __future__ import annotations

from dsl.calendar import Instant
from engine.core.split import bucket

__all__ = ["backoff"]


def backoff(name: str, attempts: int, first: Instant, longest: Instant) -> Instant:
    """After so many attempts: four times as long each time, spread by hash over the upper half, so
    that a crowd does not come back at once.
    """
    length = first
    for _ in range(attempts - 1):
        length = min(length * 4, longest)
    return length // 2 + int(length * bucket(f"backoff/{attempts}", name) / 2)
