"""What a daemon looks at once a second: the time, and how much waits.

The looks are short, and the longer one took the later is the next: whoever is busy is not kept busy
by being asked how busy they are.
"""

from __future__ import annotations

import asyncio

from dsl.calendar import DAY, SECOND, Instant
from engine.clock import Clock, ServerClock, SteadyClock, Step, elapsed
from engine.logs import Log
from engine.metrics import Metrics
from engine.pressure import Pressure
from engine.store.protocol import Store, StoreUnavailableError

__all__ = ["Watch"]

_REST = 10  # times as long as the look before took
_ASK_SERVER = 10 * SECOND
_APART = 5 * SECOND  # so far may a machine's clock be from the time that all have

_SAID = {
    "doubted": "the clock was set by more than an hour: not believed before it stands for ten"
    " minutes",
    "believed": "the clock is believed now",
    "gone": "the clock is as it was before",
}


class Watch:
    """Looks after ``clock``, the time that this process goes by, and after ``pressure``.

    ``local`` is the machine's clock; where a store has a clock of its own, that one counts.
    ``most`` arrivals may wait to be processed.
    """

    def __init__(self, store: Store, local: Clock, metrics: Metrics, log: Log, most: int) -> None:
        self._store = store
        self._local = local
        self._metrics = metrics
        self._log = log
        self.pressure = Pressure(most)
        self._server: ServerClock | None = None
        if store.pulse.clock() is not None:
            self._server = ServerClock(self._ask)
        latest = store.pulse.latest()
        self.clock = SteadyClock(self._server.now if self._server else local.now, latest)
        self._asked = self._looked = elapsed()
        self._is_apart = False
        self._waited: dict[str, float] = {}
        if latest is not None and (idle := self.clock.now() - latest) > DAY:
            log.warning("this store has rested: what is overdue is done now", days=idle // DAY)

    async def look(self) -> None:
        """Now and then, beside everything else."""
        if elapsed() < self._looked:
            return
        try:
            await asyncio.to_thread(self.look_once)
        except StoreUnavailableError:
            self._tell_steps()  # of the store, whoever needs it more says so

    def look_once(self) -> None:
        """A look. Raises whatever the store raises."""
        began = elapsed()
        if self._server is not None and began - self._asked >= _ASK_SERVER:
            self._asked = began
            self._server.look()
        now = self.clock.now()
        if self._tell_steps():
            waited = self._store.pulse.bring_forward(now)
            self._log.warning("events of the time before are processed now", events=waited)
        self._tell_difference(now)
        self.pressure.count(self._count)
        wake = self._store.next_wake()
        self._metrics.lateness.set(_seconds(now, wake))
        for lock, seconds in self._store.pulse.waited().items():
            self._metrics.lock_wait.labels(lock).inc(seconds - self._waited.get(lock, 0))
            self._waited[lock] = seconds
        ended = elapsed()
        self._looked = ended + _REST * (ended - began) if ended - began > SECOND // 10 else ended

    def _count(self) -> int:
        waiting = self._store.pulse.backlog()
        self._metrics.backlog.set(waiting.arrivals)
        self._metrics.oldest.set(_seconds(self.clock.now(), waiting.oldest))
        return waiting.arrivals

    def _ask(self) -> Instant:
        now = self._store.pulse.clock()
        assert now is not None
        return now

    def _tell_steps(self) -> bool:
        """Says what was noticed. Whether the time has gone back."""
        steps = self.clock.steps()
        for step in steps:
            self._metrics.clock_steps.labels(step.what).inc()
            tell = self._log.error if step.what in ("doubted", "believed") else self._log.warning
            tell(_sentence(step), seconds=step.by // SECOND)
        return any(step.what == "believed" and step.by < 0 for step in steps)

    def _tell_difference(self, now: Instant) -> None:
        apart = self._local.now() - now
        self._metrics.clock_difference.set(apart / SECOND)
        if self._server is None or (abs(apart) > _APART) == self._is_apart:
            return
        self._is_apart = not self._is_apart
        if self._is_apart:
            says = "this machine's clock is not that of the database, which counts"
            self._log.warning(says, seconds=apart // SECOND)
        else:
            self._log.info("this machine's clock is that of the database again")


def _sentence(step: Step) -> str:
    if step.what == "followed" and step.by < 0:
        return "the clock was set back: time goes on at half the pace until they meet"
    return _SAID.get(step.what, "the clock was set forward")


def _seconds(now: Instant, since: Instant | None) -> float:
    return 0.0 if since is None else max(0, now - since) / SECOND
