"""A dispatcher: rounds of claiming, and calls that come back whenever they do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from channels.adapter import Adapter
from channels.content import Missing, Unfinished
from channels.outcome import FailureClass
from channels.services import ScriptedServices, Services
from dsl.calendar import SECOND, Instant
from dsl.machine import ConsentNotNeeded
from engine.core.effects import Delivery
from engine.core.gates import Gate
from engine.core.lanes import ANY, Lane, lane_of, read_lane
from engine.core.obeying import ANSWERS
from engine.core.program import Program
from engine.dispatcher.calls import Calls
from engine.dispatcher.carriers import Carrier
from engine.dispatcher.finishing import Finisher
from engine.dispatcher.gatekeeper import Answered, Gatekeeper
from engine.dispatcher.handing import Hands, answers_of, together
from engine.dispatcher.holding import NOTHING_STOPPED, Holding
from engine.dispatcher.looking import look
from engine.dispatcher.planning import make_plan
from engine.dispatcher.reputation import Reputations
from engine.dispatcher.verdicts import (
    Dispatched,
    Route,
    Verdict,
    count,
    finished,
    lost,
    put_back,
    refused,
    settle,
)
from engine.dispatcher.ways import Way, asking, sorting, ways_of
from engine.leases import LEASE
from engine.store.offload import Offload, directly
from engine.store.protocol import Portion, Store, StoreUnavailableError
from engine.tracing import NoTracer, Tracer

__all__ = ["Begun", "Dispatcher"]

_LOST_AGAIN = SECOND  # how often it is looked for what was lost
_LINGER = 0.004  # seconds
_EVER: Instant = 2**62  # after the end of every lease


class Begun(NamedTuple):
    """What was begun: whether there may be more to begin at once, and when there may be more of
    what has to wait at gates. ``full`` says that as much was claimed as there was room for.
    """

    more: bool
    next: Instant | None
    full: bool = False


class _Claimed(NamedTuple):
    """What was claimed, by the way it is to leave."""

    lost: list[Delivery]
    taken: list[tuple[Way, int, list[Delivery]]]  # with how many were let through its gates
    gates: Mapping[str, Gate]
    next: Instant | None
    stopped: Mapping[str, str] = NOTHING_STOPPED  # domains, and why


class _Back(NamedTuple):
    """What came back, to be written down."""

    verdict: Verdict
    answered: Answered | None = None


class Dispatcher:
    """Hands deliveries over. Any number may run: a claim belongs to one of them.

    ``adapters`` are by channel: one, or several under their names, the second for what the first
    certainly did not take. ``clock`` tells when an answer came.
    """

    def __init__(
        self,
        store: Store,
        program: Program,
        adapters: Mapping[str, Adapter | Sequence[Carrier]],
        *,
        services: Services | None = None,
        headers: Callable[[Delivery], Mapping[str, str]] = lambda _: {},
        offload: Offload = directly,
        tracer: Tracer | None = None,
        clock: Callable[[], Instant] | None = None,
    ) -> None:
        self._store = store
        self._program = program
        self._ways = ways_of(adapters)
        self._sorting = [sorting()]
        self._asking: dict[tuple[str, ...], list[Way]] = {}
        self._keeper = Gatekeeper(store.gates)
        self._holding = Holding(Reputations(store.gates), self._is_urgent)
        self._finisher = Finisher(ScriptedServices() if services is None else services)
        self._offload = offload
        self._clock = clock or (lambda: self._now)
        self._now: Instant = 0
        self._looked = _EVER  # when it was looked for what was lost
        self._linger = 0.0
        self._told: Callable[[Dispatched], None] = lambda _: None
        self._news: Callable[[str], None] = lambda _: None
        self._calls: Calls[Sequence[_Back]] = Calls(self._returned)
        self._hands = Hands(headers, tracer or NoTracer(), self._calls.is_cut_off)
        self._back: list[_Back] = []
        self._held: set[str] = set()  # claimed here, and not yet written down
        self._writing: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None
        self._written: list[Verdict] | None = None  # in this ``run_once``

    def deploy(self, program: Program) -> None:
        """Takes another program from the next round on."""
        self._program = program

    def watch(self, told: Callable[[Dispatched], None], news: Callable[[str], None]) -> None:
        """From now on ``told`` is called with whatever has been written down, and ``news`` with what
        is new of a provider, in a sentence. What comes back is written down together with what
        else comes within some milliseconds.
        """
        self._told, self._news, self._linger = told, news, _LINGER

    async def run_once(self, now: Instant, leased: Instant | None = None) -> Dispatched:
        """One round, and everything that comes of it: what was lost, then what is due by ``now``,
        at most as many calls as the adapters take at a time.
        """
        written = self._written = []
        try:
            begun = await self.begin(now, leased)
            await self.finish()
        finally:
            self._written = None
        return count(written, more=begun.full)._replace(next=begun.next)

    async def begin(self, now: Instant, leased: Instant | None = None) -> Begun:
        """Claims what may go now, looks at it once more and calls. Does not wait for answers: they
        are written down as they come. Raises what has gone wrong since the last time.

        Leases have ended by ``leased``, which is earlier than now for a while when a clock was set
        forward.
        """
        self._raise()
        self._now = now
        claimed = await self._offload(self._claim, now, now if leased is None else leased)
        await self._write([self._recover(each, now) for each in claimed.lost])
        going, verdicts = list[tuple[Way, Delivery]](), list[Verdict]()
        unused: dict[str, tuple[Way, int]] = {}
        chosen = [
            (way, each)
            for way, _, deliveries in claimed.taken
            for each in self._at_home(way, deliveries, verdicts)
        ]
        if chosen:
            looked = await self._offload(
                look, self._store, self._program, self._ways, [each for _, each in chosen], now
            )
            verdicts += looked.verdicts
            may = {each.id for each in looked.going}
            going = [(way, each) for way, each in chosen if each.id in may]
            going, waiting = self._holding.sort(going, claimed.stopped, now)
            verdicts += waiting
            if single := self._keeper.bound(going, claimed.gates, now):
                held = await self._offload(self._keeper.sift, single, now)
                verdicts += [
                    put_back(each, held[each.id], each.attempts)
                    for _, each in going
                    if each.id in held
                ]
                going = [(way, each) for way, each in going if each.id not in held]
        for way, granted, _ in claimed.taken:
            calls = sum(each is way for each, _ in going)
            unused[way.name] = (way, granted - calls)
        with suppress(StoreUnavailableError):  # then it counts as used
            if any(granted and way.whole for way, granted in unused.values()):
                await self._offload(self._keeper.leave, unused)
        for way, deliveries in together(going, self._is_urgent):
            self._send(way, deliveries, now)
        self._came([_Back(verdict) for verdict in verdicts])
        full = [way for way, granted, deliveries in claimed.taken if len(deliveries) >= granted]
        more = any(way.out < way.concurrency - way.kept for way in full)
        return Begun(more, claimed.next, bool(full))

    async def finish(self) -> None:
        """Waits until everything that is out has come back and is written down."""
        while self._calls.out or self._writing is not None:
            await asyncio.wait([*self._calls.out, *([self._writing] if self._writing else [])])
            await asyncio.sleep(0)  # what came back is looked at
        self._calls.rest()
        with suppress(StoreUnavailableError):  # then some were not counted
            await self._offload(partial(self._holding.write, self._clock(), all_=True))
        self._raise()

    async def recover(self, now: Instant) -> Dispatched:
        """Settles every call that is still out, whatever its lease: for a process that begins
        alone with its store, when nobody waits for those answers any more.
        """
        out = await self._offload(self._store.lost, _EVER)
        verdicts = [self._recover(delivery, now) for delivery in out]
        await self._write(verdicts)
        return count(verdicts, more=False)

    @property
    def ways(self) -> list[Way]:
        """Every way out by an adapter, with what is out on it."""
        return list({way.name: way for ways in self._ways.values() for way in ways}.values())

    # --------------------------------------------------------------------------------- claiming

    def _claim(self, now: Instant, leased: Instant) -> _Claimed:
        """All that the store is asked, in the end what is claimed."""
        lost_: list[Delivery] = []
        if not 0 <= leased - self._looked < _LOST_AGAIN:
            # What is in our own hands is not lost, whatever has become of the clock or the store.
            lost_ = [each for each in self._store.lost(leased) if each.id not in self._held]
            self._looked = _EVER if lost_ else leased
        self._holding.write(now)
        lanes = self._store.lanes(now)
        if not lanes:
            return _Claimed(lost_, [], {}, None)
        ways = [way for text in lanes for way in self._of(read_lane(text))]
        gates = self._keeper.look(ways, now)
        plan = make_plan(lanes, self._of, gates, self._is_urgent, now)
        wishes, held = self._keeper.enter(plan.wishes, now)
        nexts = [each for each in (plan.next, held) if each is not None]
        portions = [Portion(wish.limit, wish.urgent, wish.others, wish.most) for wish in wishes]
        # The store may have been waited for since ``now``.
        until = max(now, self._clock()) + LEASE
        claimed = self._store.claim_from(now, portions, until) if portions else []
        self._held.update(each.id for portion in claimed for each in portion)
        taken = [
            (wish.way, wish.limit, deliveries)
            for wish, deliveries in zip(wishes, claimed, strict=True)
        ]
        stopped = self._holding.stopped(ways, gates, now)
        return _Claimed(lost_, taken, gates, min(nexts, default=None), stopped)

    def _of(self, lane: Lane | None) -> Sequence[Way]:
        """The ways that a lane can leave by."""
        ways = self._ways.get(lane.channel) if lane is not None else None
        if lane is None or not ways or lane.by >= len(ways):
            return self._sorting
        if lane.asks:
            return self._asking.setdefault(lane.asks, [asking(lane.asks)])
        return ways if lane.by == ANY else ways[lane.by : lane.by + 1]

    def _is_urgent(self, category: str) -> bool:
        """Whether it is somebody's own business, and so never behind a campaign."""
        known = self._program.policy.categories.get(category)
        if known is None:
            return category == ANSWERS
        return isinstance(known.consent, ConsentNotNeeded)

    def _at_home(
        self, way: Way, deliveries: Sequence[Delivery], verdicts: list[Verdict]
    ) -> list[Delivery]:
        """Those that are in the right lane; the others go there first. Older versions leave them in
        none, and operators take adapters away.
        """
        at_home = []
        for each in deliveries:
            home = lane_of(each.channel, each.category, each.unfinished)
            if each.channel in self._ways and (
                way in self._sorting or (way.adapter is None) == (each.unfinished is None)
            ):
                verdicts.append(put_back(each, each.due, each.attempts, home))
            else:
                at_home.append(each)
        return at_home

    # ---------------------------------------------------------------------------------- calling

    def _send(self, way: Way, deliveries: Sequence[Delivery], now: Instant) -> None:
        """Lets a call go out; whatever comes of it comes back by itself."""
        self._calls.begin(way, self._carry(way, deliveries, now))

    async def _carry(
        self, way: Way, deliveries: Sequence[Delivery], now: Instant
    ) -> Sequence[_Back]:
        first = deliveries[0]
        if first.unfinished is not None:
            return [_Back(await self._finish(first, first.unfinished, now))]
        outcomes = await self._hands.over(way, deliveries, now)
        then = max(now, self._clock())
        return [
            _Back(settle(delivery, outcome, self._route(way, delivery), then), answered)
            for delivery, outcome, answered in zip(
                deliveries, outcomes, answers_of(way, deliveries, outcomes), strict=True
            )
        ]

    async def _finish(self, delivery: Delivery, unfinished: Unfinished, now: Instant) -> Verdict:
        """Asks what the message waits for. It is written down before anything is handed over, so
        that whatever is still unfinished has certainly not left.
        """
        done = await self._finisher.finish(delivery, unfinished, self._program, now)
        if isinstance(done.built, Missing):
            reason = f"content: {done.built.what}"
            then = max(now, self._clock())
            verdict = refused(delivery, FailureClass.PERMANENT_CONTENT, reason, then)
        else:
            verdict = finished(delivery, delivery.due, done.built)
        return verdict._replace(answered=done.answered, failed=done.failed)

    def _route(self, way: Way, delivery: Delivery) -> Route:
        category = self._program.policy.categories.get(delivery.category)
        wanted = category is not None and category.when_unknown == "retry once"
        ways = self._ways[delivery.channel]
        return Route(ways.index(way), len(ways), way.deduplicates or wanted, way.name)

    def _recover(self, delivery: Delivery, now: Instant) -> Verdict:
        """The process died, or was cut off, between the call and its answer. What is unfinished
        was not handed over. Where there are several adapters, it must be known which one it was.
        """
        if delivery.unfinished is not None:
            return finished(delivery, now, None)
        counted = delivery._replace(attempts=delivery.attempts + 1)
        route = Route(0, 1, again=False)
        ways = self._ways.get(delivery.channel, [])
        lane = read_lane(delivery.lane)
        by = lane.by if lane is not None and lane.by != ANY else 0 if len(ways) == 1 else ANY
        if 0 <= by < len(ways):
            route = self._route(ways[by], delivery)
        return lost(counted, "the answer was lost", route, now)

    # ---------------------------------------------------------------------------------- writing

    def _returned(self, call: asyncio.Task[Sequence[_Back]]) -> None:
        if call.cancelled():
            return
        if (error := call.exception()) is not None:
            self._failure = self._failure or error
            self._told(count((), more=False))
            return
        self._came(call.result())

    def _came(self, back: Sequence[_Back]) -> None:
        """Something is to be written down: with whatever else has come, while the last is written."""
        self._back += back
        if self._back and self._writing is None:
            self._writing = asyncio.ensure_future(self._write_down())
            self._writing.add_done_callback(self._wrote)

    async def _write_down(self) -> None:
        while self._back:
            if self._linger:
                await asyncio.sleep(self._linger)
            back, self._back = self._back, []
            answers = [each.answered for each in back if each.answered is not None]
            await self._write([each.verdict for each in back], answers)

    def _wrote(self, writing: asyncio.Task[None]) -> None:
        self._writing = None
        if not writing.cancelled() and (error := writing.exception()) is not None:
            self._failure = self._failure or error
            self._told(count((), more=False))
        elif not writing.cancelled():
            self._came([])

    async def _write(self, verdicts: Sequence[Verdict], answers: Sequence[Answered] = ()) -> None:
        if not verdicts:
            return
        told = [each for v in verdicts for each in (v.receipt, v.withdrawn)]
        receipts = [each for each in told if each is not None]
        await self._offload(self._store.settle, [v.settlement for v in verdicts], receipts)
        self._held.difference_update(verdict.settlement.delivery for verdict in verdicts)
        if telling := self._keeper.telling(answers):
            for news in await self._offload(self._keeper.tell, telling, self._clock()):
                self._news(news)
        if any(each.way.domain for each in answers):
            await self._offload(self._holding.count, answers, self._clock())
        if self._written is not None:
            self._written += verdicts
        self._told(count(verdicts, more=False))

    def _raise(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
