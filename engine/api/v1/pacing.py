"""How much one caller may ask: so many requests a second, and some at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from math import ceil

from dsl.calendar import SECOND, Instant
from engine.api.problem import Problem
from engine.clock import elapsed

__all__ = ["Pacing"]

_BURST = 2  # seconds' worth at once
_MOST_CALLERS = 10_000


class Pacing:
    """Buckets, one for each caller, filled by a steady clock. ``rate`` 0 lets everybody ask all."""

    def __init__(self, rate: int, pace: Callable[[], Instant] = elapsed) -> None:
        self._rate = rate
        self._most = rate * _BURST
        self._pace = pace
        self._buckets: OrderedDict[str, tuple[float, Instant]] = OrderedDict()

    def take(self, caller: str) -> Mapping[str, str]:
        """Counts a request; what its answer says of what is left. A problem, if nothing is."""
        if not self._rate:
            return {}
        now = self._pace()
        left, at = self._buckets.pop(caller, (float(self._most), now))
        left = min(float(self._most), left + (now - at) / SECOND * self._rate)
        allowed = left >= 1
        left -= allowed
        self._buckets[caller] = left, now
        while len(self._buckets) > _MOST_CALLERS:
            self._buckets.popitem(last=False)
        headers = {
            "ratelimit-limit": str(self._most),
            "ratelimit-remaining": str(int(left)),
            "ratelimit-reset": str(ceil((self._most - left) / self._rate)),
        }
        if not allowed:
            detail = (
                f"This key has asked more than {self._rate} times a second; ask again later, and"
                " not so often."
            )
            again = str(max(1, ceil((1 - left) / self._rate)))
            raise Problem(
                429, detail, headers={**headers, "retry-after": again}, unread=True, guest="often"
            )
        return headers
