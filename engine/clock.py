"""The wall clock. Nothing else in the house asks what time it is."""

from __future__ import annotations

import time
from typing import Protocol

from dsl.calendar import Instant

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """Tells the time to loops; everything below them gets it as an argument."""

    def now(self) -> Instant:
        """The present instant."""
        ...


class SystemClock:
    """The time of this machine."""

    def now(self) -> Instant:
        """Microseconds since 1970 UTC. May jump when an operator sets the clock."""
        return time.time_ns() // 1000
