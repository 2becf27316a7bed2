"""How much may be sent with one key: a bucket for each that has a limit, filled as time passes."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from dsl.calendar import SECOND, Instant
from engine.clock import elapsed
from engine.core.keys import Key

__all__ = ["Rates"]

_BURST = 5  # seconds' worth that may come at once


class Rates:
    """There are as many buckets as keys, and keys are made by an operator. What has come is counted
    whole, so a bucket may be in debt: a batch is never too large to be sent ever.
    """

    def __init__(self, pace: Callable[[], Instant] = elapsed) -> None:
        self._pace = pace
        self._buckets: dict[str, tuple[float, Instant]] = {}

    def take(self, key: Key, count: int) -> int | None:
        """Lets ``count`` events in (None), or says after how many seconds they may come back."""
        if not key.rate:
            return None
        now = self._pace()
        most = float(key.rate * _BURST)
        left, at = self._buckets.get(key.id, (most, now))
        left = min(most, left + (now - at) / SECOND * key.rate)
        if left <= 0:
            self._buckets[key.id] = left, now
            return max(1, ceil(-left / key.rate))
        self._buckets[key.id] = left - count, now
        return None
