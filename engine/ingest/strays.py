"""What does not fit the tracking plan, on its way to where it is kept, and back from there.

It must never cost more than what fits: it is counted in memory and written together, and of what
comes again and again only the first is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from dsl.calendar import HOUR, Instant
from engine.clock import Clock
from engine.core.signals import Arrival, ProfileChanged
from engine.core.strays import (
    MISSING,
    MOST_A_DAY,
    MOST_OF_A_NAME,
    OTHERS,
    UNKNOWN,
    UNPLANNED,
    Oddity,
    Seen,
    Stray,
)
from engine.ingest import Intake, Odd, Sender
from engine.metrics import Metrics
from engine.store.protocol import Store, StoreUnavailableError
from engine.store.strays import Kept

__all__ = ["Retried", "StrayDesk", "everything_kept", "retry"]

_AT_A_TIME: Final = 500
_SOON: Final = 1.0  # seconds until counts are written that nobody waits for
_MOST_NAMES: Final = 1_000  # of which calls are kept, in an hour


class StrayDesk:
    """Takes what is odd of each batch of calls. On the event loop."""

    def __init__(self, store: Store, metrics: Metrics, clock: Clock) -> None:
        self._store = store
        self._metrics = metrics
        self._clock = clock
        self._seen: dict[Oddity, Seen] = {}
        self._calls: list[Stray] = []
        self._writing: asyncio.Task[None] | None = None
        self._flushed: asyncio.Future[None] | None = None  # what is collected now
        self._hurry = asyncio.Event()
        self._writer = ThreadPoolExecutor(1, "wayline-strays")
        self._hour: Instant = 0
        self._names: Counter[str] = Counter()

    async def take(self, odd: Odd) -> None:
        """Returns when the calls in it that are kept are durable; counts are so a little later."""
        if not odd.seen:
            return
        for oddity, seen in odd.seen.items():
            self._count(oddity, seen)
        kept = [stray for stray in odd.strays if self._has_room(stray)]
        self._calls += kept
        if self._flushed is None:
            self._flushed = asyncio.get_running_loop().create_future()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._live())
        if kept:
            self._hurry.set()
            await asyncio.shield(self._flushed)

    async def close(self) -> None:
        """Writes what has been counted."""
        self._hurry.set()
        if self._writing is not None:
            await self._writing
        self._writer.shutdown(wait=True)

    async def _live(self) -> None:
        """Until nothing is left to be written."""
        loop = asyncio.get_running_loop()
        while self._seen or self._calls:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), _SOON)
            self._hurry.clear()
            flushed, self._flushed = self._flushed, loop.create_future()
            seen, self._seen = self._seen, {}
            calls, self._calls = self._calls, []
            keep, now = self._store.strays.keep, self._clock.now()
            try:
                await loop.run_in_executor(self._writer, keep, seen, calls, now)
            except StoreUnavailableError as error:
                _tell(flushed, error)
            else:
                _tell(flushed, None)

    def _count(self, oddity: Oddity, seen: Seen) -> None:
        what = oddity.what if oddity.what in (UNKNOWN, UNPLANNED, MISSING) else "wrong type"
        self._metrics.unplanned.labels(what).inc(seen.times)
        if oddity not in self._seen and len(self._seen) >= MOST_A_DAY:
            oddity, seen = Oddity(OTHERS, "", ""), Seen(seen.times)
        before = self._seen.get(oddity)
        self._seen[oddity] = seen if before is None else before.plus(seen)

    def _has_room(self, stray: Stray) -> bool:
        """Of one name as many are kept in an hour as may be kept at all; and of so many names."""
        hour = stray.received // HOUR
        if hour != self._hour:
            self._hour, self._names = hour, Counter()
        if stray.event not in self._names and len(self._names) >= _MOST_NAMES:
            return False
        self._names[stray.event] += 1
        return self._names[stray.event] <= MOST_OF_A_NAME


def _tell(flushed: asyncio.Future[None] | None, error: StoreUnavailableError | None) -> None:
    """Those who wait for it; perhaps there is nobody."""
    if flushed is None or flushed.done():
        return
    if error is None:
        flushed.set_result(None)
    else:
        flushed.set_exception(error)
        flushed.exception()  # whoever waits is told; nobody has to


class Retried(NamedTuple):
    """What became of calls that were kept aside: ``taken`` ones, those that were there ``before``,
    and those that do not fit ``still``.
    """

    taken: int = 0
    before: int = 0
    still: int = 0


def everything_kept(store: Store) -> Iterator[list[Kept]]:
    """All calls that are kept aside, some at a time."""
    after = 0
    while some := store.strays.kept(after, _AT_A_TIME):
        after = some[-1].number
        yield some


def retry(
    store: Store, intake: Intake, wanted: Callable[[Stray], bool] = lambda _: True
) -> Retried:
    """Takes every call that fits now, under the id that it had: so each counts once, whoever tries
    it how often.
    """
    taken = before = still = 0
    for some in everything_kept(store):
        gone: list[int] = []
        arrivals: list[Arrival] = []
        ends: list[int] = []  # of what each of them says, its own arrival comes last
        for number, stray in some:
            if not wanted(stray):
                continue
            found = _fitting(intake, stray)
            if found is None:
                still += 1
                continue
            gone.append(number)
            arrivals += found
            ends.append(len(arrivals) - 1 if found else -1)
        done = store.strays.settle(gone, arrivals)
        fresh = sum(end >= 0 and end not in done.repeats for end in ends)
        taken, before = taken + fresh, before + len(gone) - fresh
    return Retried(taken, before, still)


def _fitting(intake: Intake, stray: Stray) -> list[Arrival] | None:
    """What a call says that has not been taken yet; None if it does not fit."""
    sender = Sender(stray.prefix, stray.browser, stray.origin)
    read = intake.take([stray.call], stray.received, lambda: stray.id, sender=sender)
    if read.refused or read.odd.strays or not read.arrivals:
        return None
    if not stray.rest:
        return read.arrivals
    return [_rest(each, stray) for each in read.arrivals if isinstance(each, ProfileChanged)]


def _rest(change: ProfileChanged, stray: Stray) -> ProfileChanged:
    """Of what is told of a person, what could not be taken at first: the other things may have been
    told anew since then.
    """
    told = {name: each for name, each in change.attributes.items() if name in stray.rest}
    return change._replace(id=f"{change.id}/rest", attributes=told, addresses={})
