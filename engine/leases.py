"""Leases: what a process has claimed is its own for as long as it says so.

A lease is short, so that what a dead process had in its hands is taken up within seconds; and it is
renewed while the process lives, however long a provider or a web service may take. Questions to web
services may be asked twice and have little time, so their leases are the shortest. Whoever could
not reach the store, or has slept, knows nothing of the others: everybody's leases are renewed then
before anything is taken for lost.
"""

from __future__ import annotations

from typing import Final

from dsl.calendar import SECOND, Instant
from engine.clock import Clock
from engine.store.protocol import Store, StoreUnavailableError

__all__ = ["CALL_LEASE", "LEASE", "RENEWAL", "Leases"]

LEASE: Final[Instant] = 15 * SECOND
CALL_LEASE: Final[Instant] = 5 * SECOND
RENEWAL: Final = 1.5  # seconds


class Leases:
    """Renews what was claimed by way of a store. From any thread."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._renewed = clock.now()
        self._cut_off = False

    def cut_off(self) -> None:
        """The store could not be reached."""
        self._cut_off = True

    def renew(self) -> None:
        """Says that we live. Raises what the store raises."""
        now = self._clock.now()
        try:
            self._store.renew(now + LEASE, now + CALL_LEASE, everybody=self._is_doubtful(now))
        except StoreUnavailableError:
            self._cut_off = True
            raise
        self._renewed = now
        self._cut_off = False

    def make_sure(self) -> None:
        """To be called before anything is taken for lost."""
        if self._is_doubtful(self._clock.now()):
            self.renew()

    def _is_doubtful(self, now: Instant) -> bool:
        """Whether leases may have ended although their processes live: ours were not renewed in
        time, or the clock was set.
        """
        return self._cut_off or not 0 <= now - self._renewed < LEASE
