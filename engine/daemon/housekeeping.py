"""The nightly work of a daemon: what nobody needs any more goes, and then the store is tidied.

In a thread beside everything else, a little at a time, and between two times it rests as long as
the one before took: so whoever else writes is kept waiting for moments only.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable

from engine.clock import Clock
from engine.core.program import Program
from engine.keeper import Keeper, keeping_of
from engine.logs import Log
from engine.metrics import Metrics
from engine.store.protocol import Store, StoreUnavailableError

__all__ = ["Housekeeping"]


class Housekeeping:
    """Keeps the house of one store. ``failed`` is called when there is a bug."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        metrics: Metrics,
        log: Log,
        failed: Callable[[str, BaseException], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._log = log
        self._failed = failed
        self._over = threading.Event()
        self._at_work = threading.Lock()

    async def keep(self, program: Program | None) -> None:
        """Does all of it once. Of several processes on one store, one does."""
        try:
            await asyncio.to_thread(self._keep, program)
        except StoreUnavailableError as error:
            self._log.warning("the store has not been tidied", reason=str(error))
        except Exception as error:  # noqa: BLE001 - handed up, whatever it is
            self._failed("housekeeping", error)

    async def recall(self, program: Program | None) -> None:
        """When a process begins: what an older version knew of people's addresses holds for whoever
        has them. Nobody waits for it.
        """
        try:
            await asyncio.to_thread(self._recall_at_work, program)
        except StoreUnavailableError as error:
            self._log.warning("earlier suppressions are looked at later", reason=str(error))
        except Exception as error:  # noqa: BLE001 - handed up, whatever it is
            self._failed("housekeeping", error)

    def stop(self) -> None:
        """Ends after what is in hand, and waits for that."""
        self._over.set()
        with self._at_work:
            pass

    def _keep(self, program: Program | None) -> None:
        with self._at_work:
            if program is not None:
                self._recall(program, again=True)
                self._let_go(program)
                self._prune_deeds(program)
            if not self._over.is_set():
                self._store.gates.prune(self._clock.now())
                self._store.tidy()
                self._log.info("the store has been tidied")

    def _recall_at_work(self, program: Program | None) -> None:
        with self._at_work:
            if program is not None:
                self._recall(program, again=False)

    def _recall(self, program: Program, *, again: bool) -> None:
        channels = tuple(program.policy.channels)
        count, rest = 0, 0.0
        while not self._over.wait(rest):
            began = time.perf_counter()
            recalled = self._store.bars.recall(channels, self._clock.now(), again=again)
            rest = time.perf_counter() - began
            count += recalled.told
            if not recalled.more:
                break
        if count:
            self._log.info("suppressions from before hold for whoever has the address", count=count)

    def _prune_deeds(self, program: Program) -> None:
        """The audit log is kept for as long as the policy says; for ever, if it says nothing."""
        length = program.policy.keep.audit
        if length is None:
            return
        until = self._clock.now() - length.longest
        while not self._over.is_set() and self._store.deeds.prune(until):
            pass

    def _let_go(self, program: Program) -> None:
        now, keeper = self._clock.now(), Keeper(self._store)
        if self._over.is_set() or not keeper.begin(now):
            return
        earlier = [former.machine for former in program.formers.values()]
        keeping = keeping_of(program.project, earlier)
        gone: Counter[str] = Counter()
        rest = 0.0
        while not self._over.wait(rest):
            began = time.perf_counter()
            kept = keeper.run_once(keeping, now)
            rest = time.perf_counter() - began
            if not kept.more:
                break
            gone.update(kept.gone)
            for what, count in kept.gone.items():
                self._metrics.gone.labels(what).inc(count)
        if gone.total():
            self._log.info("what nobody needs any more is gone", **gone)
