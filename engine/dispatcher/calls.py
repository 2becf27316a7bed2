"""Calls that are out: begun, counted, and cut off when they last longer than their adapter says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Generic, TypeVar

from engine.dispatcher.ways import Way

__all__ = ["Calls"]

_LOOKS = 0.5  # seconds between two looks at calls that last too long
_T = TypeVar("_T")


class Calls(Generic[_T]):
    """On one event loop at a time. ``returned`` is called with each that has ended, however."""

    def __init__(self, returned: Callable[[asyncio.Task[_T]], None]) -> None:
        self.out: dict[asyncio.Task[_T], tuple[Way, float]] = {}  # and since when
        self._returned = returned
        self._cut_off: set[asyncio.Task[Any]] = set()
        self._looking: asyncio.TimerHandle | None = None

    def begin(self, way: Way, call: Coroutine[Any, Any, _T]) -> None:
        """Lets a call go out; it comes back by itself."""
        way.out += 1
        loop = asyncio.get_running_loop()
        task = loop.create_task(call)
        self.out[task] = way, loop.time()
        task.add_done_callback(partial(self._back, way))
        if self._looking is None:
            self._looking = loop.call_later(_LOOKS, self._look)

    def is_cut_off(self) -> bool:
        """Whether the call that asks was cancelled because it lasted too long."""
        task = asyncio.current_task()
        if task not in self._cut_off:
            return False
        self._cut_off.discard(task)
        return True

    def rest(self) -> None:
        """Nothing is out: nobody looks any more."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _look(self) -> None:
        """One look for all of them: a timer for each message would cost as much as all that is
        thought about it.
        """
        loop = asyncio.get_running_loop()
        self._looking = loop.call_later(_LOOKS, self._look) if self.out else None
        for task, (way, since) in self.out.items():
            if way.adapter is not None and loop.time() - since > way.seconds:
                self._cut_off.add(task)
                task.cancel()

    def _back(self, way: Way, task: asyncio.Task[_T]) -> None:
        del self.out[task]
        way.out -= 1
        self._cut_off.discard(task)
        self._returned(task)
