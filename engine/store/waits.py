"""How long a store has waited for its locks: what its work costs because others are at work too."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

__all__ = ["Waits"]


class Waits:
    """Seconds by the name of a lock, from any number of threads."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def timed(self, lock: str) -> Iterator[None]:
        """Counts how long it takes to get a lock, or to fail."""
        began = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - began
            with self._guard:
                self._seconds[lock] += took

    def seconds(self) -> dict[str, float]:
        """What was counted so far."""
        with self._guard:
            return dict(self._seconds)
