"""How the hours pass: as long as the daemon does something, at the pace of all clocks; when it rests,
on to what is next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import aiohttp
import orjson

from dsl.calendar import MINUTE, SECOND, Instant
from engine.store.protocol import Store
from tests.day.daemon import Clock, OneDay
from tests.day.providers import Providers

__all__ = ["Hours"]

_LOOKS = 0.003  # seconds between two looks whether anything goes on
_AT_ONCE = 100  # calls in one request
_FIRST, _LONGEST = SECOND // 4, MINUTE
_TRIES = 3
_TOGETHER = 5 * MINUTE  # what is due within it is done together


class Hours:
    """Tells the daemon what happens, and lets time pass."""

    def __init__(
        self,
        store: Store,
        daemon: OneDay,
        session: aiohttp.ClientSession,
        providers: Providers,
        clock: Clock,
    ) -> None:
        self._store = store
        self._daemon = daemon
        self._session = session
        self._providers = providers
        self._clock = clock

    async def tell(self, calls: Sequence[Mapping[str, Any]]) -> None:
        """What people do."""
        for first in range(0, len(calls), _AT_ONCE):
            body = orjson.dumps({"batch": calls[first : first + _AT_ONCE]})
            await self._post("/v1/batch", {"content-type": "application/json"}, body)

    async def pass_until(self, end: Instant) -> None:
        """Until then."""
        step = _FIRST
        while self._clock.now() < end:
            await asyncio.gather(
                *(
                    self._post(f"/v1/receipts/{channel}?{form.query}", form.headers, form.body)
                    for channel, form in self._providers.telling(self._clock.now())
                )
            )
            self._daemon.wake()
            moved = await self._rests()
            due = await asyncio.to_thread(self._store.next_wake)
            coming = [each for each in (due, self._providers.next(), end) if each is not None]
            now = self._clock.now()
            step = _FIRST if moved else min(2 * step, _LONGEST)
            if due is not None and due <= now:  # something keeps it from going
                self._clock.go_to(min(now + step, end))
            else:
                self._clock.go_to(min(max(min(coming), now + _TOGETHER), end))

    async def until(self, true: Callable[[], bool]) -> None:
        """Until something has come about that does not need time to pass."""
        while not true():
            self._daemon.wake()
            await asyncio.sleep(_LOOKS)

    async def _rests(self) -> bool:
        """Until nothing goes on any more, but for calls that hang. Whether anything did."""
        moved, before = False, None
        while (now := self._seen()) != before:
            moved = moved or before is not None
            before = now
            await asyncio.sleep(_LOOKS)
        return moved

    def _seen(self) -> tuple[float, ...]:
        return (*self._daemon.done, len(self._providers.calls), self._daemon.out)

    async def _post(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Again, as everybody who tells us something does, where the answer did not come: a
        connection that rested may be closed the moment it is used.
        """
        for _ in range(_TRIES):
            with suppress(aiohttp.ClientConnectionError):
                async with self._session.post(path, data=body, headers=headers) as answer:
                    assert answer.status == 200, await answer.text()
                return
        raise AssertionError(f"nobody answers at {path}")
