"""The clock. Nothing else in the house asks what time it is.

Machines' clocks are set: by a time service, by an operator, by whoever moves a virtual machine. The
engine goes by a time of its own that follows them as far as that does no harm (``SteadyClock``);
``engine/README.md`` says what is done with which step, and why.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Literal, NamedTuple, Protocol

from dsl.calendar import HOUR, MINUTE, SECOND, Instant

__all__ = ["Clock", "LeaseClock", "ServerClock", "SteadyClock", "Step", "SystemClock", "elapsed"]

FARTHEST = HOUR
"""A clock that was set by more than this is not believed at once."""

DOUBT = 10 * MINUTE
"""And is believed when it has stood for this long."""

LEASES_LAST = 7 * MINUTE
"""Longer than any call that leaves the house."""

_NOTICED = SECOND  # a smaller difference is drift, and nobody set anything


class Clock(Protocol):
    """Tells the time to loops; everything below them gets it as an argument."""

    def now(self) -> Instant:
        """The present instant."""
        ...


class LeaseClock(Clock, Protocol):
    """A clock that also knows which leases have ended."""

    def leased(self) -> Instant:
        """Leases that end by this instant have ended. Not after now."""
        ...


class SystemClock:
    """The time of this machine."""

    def now(self) -> Instant:
        """Microseconds since 1970 UTC. May jump when an operator sets the clock."""
        return time.time_ns() // 1000

    def leased(self) -> Instant:
        """The same."""
        return self.now()


def elapsed() -> Instant:
    """Microseconds since some moment, that nobody can set. A machine that sleeps counts on, where
    it knows how.
    """
    for counts_sleep in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):  # the second on a Mac
        if (clock := getattr(time, counts_sleep, None)) is not None:
            return time.clock_gettime_ns(clock) // 1000
    return time.monotonic_ns() // 1000


class ServerClock:
    """The time of a server, which is asked for it now and then. All who share the server have one
    time, whatever the clocks of their machines say.
    """

    def __init__(self, ask: Callable[[], Instant], pace: Callable[[], Instant] = elapsed) -> None:
        self._ask = ask
        self._pace = pace
        self._ahead = 0
        self.look()

    def look(self) -> None:
        """Asks. An answer that took too long says little, and is not heeded."""
        asked = self._pace()
        there = self._ask()
        back = self._pace()
        if back - asked < _NOTICED or not self._ahead:
            self._ahead = there - (asked + back) // 2

    def now(self) -> Instant:
        """What the server's clock says."""
        return self._pace() + self._ahead


class Step(NamedTuple):
    """A clock was set: ``by`` how much, and what is done about it. It is ``followed``, at once or,
    when it went back, at half the pace until both meet; or ``doubted`` for a while, and then
    ``believed`` or ``gone``, because it was set right again.
    """

    what: Literal["followed", "doubted", "believed", "gone"]
    by: Instant


class SteadyClock:
    """The time that the engine goes by: never back, never standing still, and never far ahead of
    ``wall`` or behind it for long.

    ``after`` is the last instant that the store remembers: time goes on from there if the wall is
    behind it. From any thread.
    """

    def __init__(
        self,
        wall: Callable[[], Instant],
        after: Instant | None = None,
        pace: Callable[[], Instant] = elapsed,
    ) -> None:
        self._wall = wall
        self._pace = pace
        self._guard = Lock()
        self._at = max(wall(), after or 0)
        self._since = pace()
        self._behind = False  # the wall is, and we slow down
        self._doubted: tuple[Instant, Instant] | None = None  # since when, and by how much
        self._leaps: list[tuple[Instant, Instant]] = []  # forward: when, and by how much
        self._steps: list[Step] = []

    def now(self) -> Instant:
        """The present instant. Goes back only with a clock that was set back by more than
        ``FARTHEST`` and left so for as long as ``DOUBT``.
        """
        with self._guard:
            return self._look()

    def leased(self) -> Instant:
        """Leases that end by this instant have ended: now, but for steps forward so recent that a
        call may still be out that was leased before them.
        """
        with self._guard:
            now = self._look()
            self._leaps = [leap for leap in self._leaps if self._since - leap[0] < LEASES_LAST]
            return now - sum(by for _, by in self._leaps)

    def steps(self) -> list[Step]:
        """What was noticed since this was last asked."""
        self.now()
        with self._guard:
            steps, self._steps = self._steps, []
        return steps

    def _look(self) -> Instant:
        since = self._pace()
        passed = max(0, since - self._since)
        wall, ahead = self._wall(), self._at + passed
        off = wall - ahead
        if abs(off) > FARTHEST:
            self._doubt(off, since, ahead)
        else:
            if self._doubted is not None:
                self._steps.append(Step("gone", self._doubted[1]))
                self._doubted = None
            since = self._follow(off, since, wall, passed)
        self._since = since
        return self._at

    def _doubt(self, off: Instant, since: Instant, ahead: Instant) -> None:
        """Goes on as if the wall had not been set, until it has stood for long enough."""
        self._behind = False
        first = self._doubted
        if first is None or abs(off - first[1]) > FARTHEST:
            first = self._doubted = since, off
            self._steps.append(Step("doubted", off))
        if since - first[0] < DOUBT:
            self._at = ahead
            return
        self._doubted = None
        self._at = ahead + off
        self._steps.append(Step("believed", off))
        if off > 0:
            self._leaps.append((since, off))

    def _follow(self, off: Instant, since: Instant, wall: Instant, passed: Instant) -> Instant:
        """At once if the wall is ahead; else at half the pace until it is. Returns up to where the
        time that has passed is used up: half a microsecond is none.
        """
        if off >= 0:
            if off > _NOTICED:
                self._steps.append(Step("followed", off))
                self._leaps.append((since, off))
            self._at, self._behind = wall, False
            return since
        if not self._behind and off < -_NOTICED:
            self._steps.append(Step("followed", off))
        self._behind = True
        self._at = max(wall, self._at + passed // 2)
        return since - passed % 2
