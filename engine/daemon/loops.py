"""What keeps going while the daemon lives: the runner's thread, and the tasks that hand over and
call.

They sleep until they are woken and then work until nothing is left. None knows the time of the
next timer; somebody else wakes them. A bug in any of them is handed up, never swallowed.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter as Counts
from collections.abc import Callable, Mapping

from prometheus_client import Counter

from dsl.calendar import SECOND, Instant
from engine.clock import Clock, LeaseClock
from engine.core.program import Program
from engine.daemon.patience import Patience
from engine.dispatcher import Dispatched, Dispatcher
from engine.metrics import Metrics
from engine.runner import Ran, Runner
from engine.services.caller import Called, Caller
from engine.store.protocol import StoreUnavailableError
from engine.why.reasons import family

__all__ = ["CallLoop", "DispatchLoop", "RunnerLoop"]

_BATCH = 1000
_SHORTEST = 0.001  # seconds
_GATHERING = 0.005  # seconds
_CALLS = 4096  # rounds; each has something out, and that is limited for each web service


class RunnerLoop:
    """Runs batches in a thread of its own.

    ``rested`` is called there whenever nothing is left, ``ran`` after each batch that did
    something, ``outdated`` when there is another project to be run, ``failed`` when a batch
    raised; then the thread has ended. With ``patience``, a store that cannot be used is waited for.
    """

    def __init__(
        self,
        runner: Runner,
        clock: Clock,
        metrics: Metrics,
        *,
        ran: Callable[[Ran], None],
        rested: Callable[[], None],
        outdated: Callable[[], None],
        failed: Callable[[BaseException], None],
        patience: Patience | None = None,
    ) -> None:
        self._patience = patience
        self._runner = runner
        self._clock = clock
        self._metrics = metrics
        self._ran = ran
        self._rested = rested
        self._outdated = outdated
        self._failed = failed
        self._woken = threading.Event()
        self._over = threading.Event()
        self._next: tuple[Program, int] | None = None
        self._thread = threading.Thread(target=self._live, name="wayline-runner", daemon=True)

    def start(self) -> None:
        """Begins, with a first look at what is due."""
        self._woken.set()
        self._thread.start()

    def wake(self) -> None:
        """Something may be due. From any thread."""
        self._woken.set()

    def deploy(self, program: Program, deployment: int) -> None:
        """Takes another program between two batches. From any thread."""
        self._next = program, deployment
        self._woken.set()

    @property
    def is_alive(self) -> bool:
        """Whether batches are still being run."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Finishes the batch in hand and ends."""
        self._over.set()
        self._woken.set()
        self._thread.join()

    def _live(self) -> None:
        try:
            while True:
                self._woken.wait()
                self._woken.clear()
                try:
                    while not self._over.is_set() and self._run_once():
                        pass
                    if self._over.is_set():
                        return
                    self._rested()
                except StoreUnavailableError as error:
                    if self._patience is None:
                        raise
                    self._over.wait(self._patience.troubled(error))
                    self._woken.set()
                else:
                    if self._patience is not None:
                        self._patience.well()
        except BaseException as error:  # noqa: BLE001 - handed up, whatever it is
            self._failed(error)

    def _run_once(self) -> bool:
        """One batch; whether there may be more to do."""
        following, self._next = self._next, None
        if following is not None:
            self._runner.deploy(*following)
        began = time.perf_counter()
        ran = self._runner.run_once(self._clock.now(), _BATCH)
        if ran.people:
            seconds = time.perf_counter() - began
            self._metrics.batch_seconds.observe(seconds)
            self._metrics.timer_lateness.observe(each / SECOND + seconds for each in ran.late)
            self._metrics.people.inc(ran.people)
            self._metrics.signals.inc(ran.signals)
            self._metrics.faults.inc(len(ran.faults))
            self._metrics.steps.inc(ran.steps)
            decided = Counts((each.what, family(each.reason)) for each in ran.decisions)
            for (what, reason), count in decided.items():
                self._metrics.decisions.labels(what, reason).inc(count)
            self._ran(ran)
        if ran.outcomes:
            self._metrics.outcomes.inc(ran.outcomes)
        if ran.outdated:
            self._outdated()
        return ran.more


class _Rounds:
    """Rounds of one kind of work, a few side by side. Lives on the event loop."""

    def __init__(self, at_a_time: int) -> None:
        self._woken = asyncio.Event()
        self._over = asyncio.Event()
        self._free = asyncio.Semaphore(at_a_time)
        self._rounds: set[asyncio.Task[None]] = set()
        self._error: BaseException | None = None

    def wake(self) -> None:
        """Something may be due. On the event loop only."""
        self._woken.set()

    def stop(self) -> None:
        """No new rounds; ``live`` returns when those under way have been settled."""
        self._over.set()
        self._woken.set()

    async def live(self) -> None:
        """Until it is stopped, or a round raises. The other rounds are finished in both cases:
        a call that is cut off is a message whose fate nobody knows.
        """
        while not self._over.is_set():
            await self._woken.wait()
            self._woken.clear()
            await self._free.acquire()
            if self._over.is_set():
                break
            round_ = asyncio.create_task(self._round())
            self._rounds.add(round_)
            round_.add_done_callback(self._ended)
        await asyncio.gather(*self._rounds, return_exceptions=True)
        if self._error is not None:
            raise self._error

    def _ended(self, round_: asyncio.Task[None]) -> None:
        self._free.release()
        self._rounds.discard(round_)
        if not round_.cancelled() and (error := round_.exception()) is not None:
            self._error = self._error or error
            self.stop()

    async def _round(self) -> None:
        """What is due now."""
        raise NotImplementedError


class DispatchLoop:
    """Hands deliveries over. What is slow to answer holds up nothing else. ``settled`` is called
    whenever something has been written down, ``news`` with what is new of a provider.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        clock: LeaseClock,
        metrics: Metrics,
        *,
        settled: Callable[[Dispatched], None],
        news: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._dispatcher = dispatcher
        self._clock = clock
        self._metrics = metrics
        self._settled = settled
        self._woken = asyncio.Event()
        self._over = False
        dispatcher.watch(self._done, news)

    def wake(self) -> None:
        """Something may be due. On the event loop only."""
        self._woken.set()

    def stop(self) -> None:
        """Nothing new; ``live`` returns when what is out has been settled."""
        self._over = True
        self._woken.set()

    async def live(self) -> None:
        """Until it is stopped, or something raises. The calls that are out are finished in both
        cases: one that is cut off is a message whose fate nobody knows.
        """
        try:
            await self._woken.wait()
            while not self._over:
                self._woken.clear()
                now = self._clock.now()
                begun = await self._dispatcher.begin(now, self._clock.leased())
                self._gauge()
                if not begun.more:
                    # Together with what comes back meanwhile it is less work.
                    await asyncio.sleep(_GATHERING)
                    await self._pause(None if begun.next is None else begun.next - now)
        except BaseException:
            with contextlib.suppress(Exception):  # the first that went wrong is told
                await self._dispatcher.finish()
            raise
        await self._dispatcher.finish()

    async def _pause(self, at_most: Instant | None) -> None:
        """Until something may be due, or as long as gates are shut."""
        try:
            await asyncio.wait_for(
                self._woken.wait(), None if at_most is None else max(at_most / SECOND, _SHORTEST)
            )
        except TimeoutError:
            return

    def _done(self, done: Dispatched) -> None:
        counts = {
            "accepted": done.accepted,
            "refused": done.refused,
            "stopped": done.stopped,
            "put back": done.put_back,
            "unknown": done.unknown,
        }
        _count(self._metrics.deliveries, counts)
        _count(self._metrics.calls, {"answered": done.answered, "failed": done.failed})
        self._metrics.sms_parts.inc(done.sms_parts)
        if any(counts.values()):
            self._settled(done)
        self.wake()  # there is room again

    def _gauge(self) -> None:
        for way in self._dispatcher.ways:
            self._metrics.calls_out.labels(way.name).set(way.out)
            self._metrics.resting.labels(way.name).set(way.rests)


class CallLoop(_Rounds):
    """Asks web services. ``settled`` is called after each round that settled something."""

    def __init__(
        self,
        caller: Caller,
        clock: Clock,
        metrics: Metrics,
        *,
        settled: Callable[[Called], None],
    ) -> None:
        super().__init__(_CALLS)
        self._caller = caller
        self._clock = clock
        self._metrics = metrics
        self._settled = settled

    async def _round(self) -> None:
        done = await self._caller.run_once(self._clock.now())
        counts = {"answered": done.answered, "failed": done.failed, "put back": done.put_back}
        _count(self._metrics.calls, counts)
        if any(counts.values()):
            self._settled(done)
        if done.more:
            self.wake()


def _count(metric: Counter, outcomes: Mapping[str, int]) -> None:
    """Adds what there was of each outcome. One that never came has no line of its own."""
    for outcome, count in outcomes.items():
        if count:
            metric.labels(outcome).inc(count)
