"""Whether events get in: said once when the store takes none, and once when it takes some again."""

from __future__ import annotations

from threading import Lock

from dsl.calendar import SECOND, Instant
from engine.clock import Clock
from engine.logs import Log
from engine.store.protocol import StoreUnavailableError

__all__ = ["Door"]

# Nobody knows whether there is room again before somebody sends something; and nobody would, if
# whoever asks whether we are ready were told for ever that we are not.
_REMEMBERED: Instant = 5 * SECOND


class Door:
    """Watches what becomes of events. From any thread."""

    def __init__(self, clock: Clock, log: Log) -> None:
        self._clock = clock
        self._log = log
        self._guard = Lock()
        self._turned_away = 0
        self._last: tuple[Instant, str] | None = None

    def turned_away(self, error: StoreUnavailableError) -> None:
        """Events could not be written; whoever sent them sends them again."""
        with self._guard:
            self._turned_away += 1
            is_first = self._turned_away == 1
            self._last = self._clock.now(), str(error)
        if is_first:
            self._log.warning("events are turned away", reason=str(error))

    def taken(self) -> None:
        """Events were written."""
        if not self._turned_away:
            return
        with self._guard:
            failures, self._turned_away = self._turned_away, 0
            self._last = None
        if failures:
            self._log.info("events are taken again", turned_away=failures)

    def problems(self) -> list[str]:
        """What kept events out a moment ago, in a sentence."""
        last = self._last
        if last is None or not 0 <= self._clock.now() - last[0] < _REMEMBERED:
            return []
        return [f"Events are turned away. {last[1]}"]
