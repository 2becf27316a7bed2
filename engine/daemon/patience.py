"""What is done while the store cannot be used: it is said once, and tried again until it works."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from dsl.calendar import SECOND, Instant
from engine.clock import elapsed
from engine.leases import Leases
from engine.logs import Log
from engine.store.protocol import StoreUnavailableError

__all__ = ["Patience"]

_FIRST = 0.1  # seconds
_LONGEST = 5.0
_FINISH_WITHIN = 10.0
_SURE = SECOND  # without trouble: on a full disk, reading goes well beside writing that fails

_T = TypeVar("_T")


class Patience:
    """Shared by all that use a store, from any thread, so that its absence is one line in the log.

    Called with a function of the store and what it is given, it is an ``Offload`` that comes back
    with an answer, however long that takes. What it does first when the store was away is to renew
    ``leases``.
    """

    def __init__(
        self,
        log: Log,
        leases: Leases | None = None,
        pace: Callable[[], Instant] = elapsed,
    ) -> None:
        self._log = log
        self._leases = leases
        self._pace = pace
        self._last = 0
        self._guard = Lock()
        self._failures = 0
        self._ending = asyncio.Event()

    async def __call__(self, function: Callable[..., _T], /, *arguments: object) -> _T:
        while True:
            try:
                answer = await asyncio.to_thread(self._do, function, *arguments)
            except StoreUnavailableError as error:
                pause = self.troubled(error)
                if self._ending.is_set():
                    raise
                await self._pause(pause)
            else:
                self.well()
                return answer

    def _do(self, function: Callable[..., _T], *arguments: object) -> _T:
        if self._leases is not None:
            self._leases.make_sure()
        return function(*arguments)

    def troubled(self, error: StoreUnavailableError) -> float:
        """The store could not be used. How many seconds to wait before it is tried again."""
        if self._leases is not None:
            self._leases.cut_off()
        with self._guard:
            self._failures += 1
            self._last = self._pace()
            failures = self._failures
        if failures == 1:
            self._log.warning("waiting for the store", reason=str(error))
        return min(_FIRST * 2.0 ** min(failures - 1, 10), _LONGEST)

    def well(self) -> None:
        """The store could be used. It is over when nobody has had any trouble for a while."""
        if not self._failures or self._pace() - self._last < _SURE:
            return
        with self._guard:
            failures, self._failures = self._failures, 0
        if failures:
            self._log.info("the store can be used again", failures=failures)

    def end(self) -> None:
        """Nobody waits much longer. On the event loop."""
        asyncio.get_running_loop().call_later(_FINISH_WITHIN, self._ending.set)
        if self._failures:
            self._ending.set()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._ending.wait(), seconds)
        except TimeoutError:
            return
