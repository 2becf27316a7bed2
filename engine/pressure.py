"""Whether more events may come in, or when their senders are to come back.

What has been accepted is never lost, so what cannot be processed soon must not be accepted without
end. The answer is honest: it is as long as what waits, and what was put off before, will take at
the pace that was last measured.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from threading import Lock

from dsl.calendar import SECOND, Instant
from engine.clock import elapsed

__all__ = ["MOST", "Pressure"]

MOST = 500_000
"""That may wait where nobody says another number."""

_UNMEASURED = 2  # seconds to be away as long as no pace is known: then it is
_LONGEST = 300
_MEMORY = 0.7  # how much of the pace is what it was before


class Pressure:
    """Admits while fewer than ``most`` arrivals wait. From any thread."""

    def __init__(self, most: int = MOST, pace: Callable[[], Instant] = elapsed) -> None:
        self._most = most
        self._pace = pace
        self._guard = Lock()
        self._counted = 0  # that waited when they were last counted
        self._counting = 0  # admitted before the count that is under way
        self._fresh = 0  # admitted since it began
        self._promised = 0.0  # that were put off, and have not had the time to come back
        self._at = pace()
        self._rate: float | None = None  # processed in a second

    def admit(self, count: int) -> int | None:
        """Lets ``count`` arrivals in (None), or says after how many seconds they may come back."""
        with self._guard:
            waiting = self._counted + self._counting + self._fresh
            if waiting < self._most:
                self._fresh += count
                return None
            self._promised += count
            over = waiting - self._most + self._promised
            if self._rate is None:
                return _UNMEASURED
            if over >= self._rate * _LONGEST:
                return _LONGEST
            return max(1, ceil(over / self._rate))

    def give_back(self, count: int) -> None:
        """Nothing came of so many that had been admitted."""
        with self._guard:
            self._fresh = max(0, self._fresh - count)

    def count(self, ask: Callable[[], int]) -> None:
        """Counts what waits, by asking. One at a time."""
        with self._guard:
            self._counting, self._fresh = self._counting + self._fresh, 0
        waiting = ask()
        now = self._pace()
        with self._guard:
            seconds = max(1, now - self._at) / SECOND
            done = max(0, self._counted + self._counting - waiting)
            if done or waiting:  # where there is nothing to do, no pace shows
                rate = done / seconds
                before = rate if self._rate is None else self._rate
                self._rate = _MEMORY * before + (1 - _MEMORY) * rate
                self._promised = max(0.0, self._promised - self._rate * seconds)
            else:
                self._promised = 0.0
            self._counted, self._counting, self._at = waiting, 0, now
