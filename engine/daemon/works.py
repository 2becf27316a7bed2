"""The works: runner, dispatcher and caller of one store, with whatever project is deployed.

Everything here happens on the event loop, but for the runner's own thread, which reports back
through it.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from channels.adapter import Adapter
from channels.content.library import Library
from channels.content.linking import linking_of
from channels.services import Services
from dsl.machine import Project
from engine.access.links import Links
from engine.clock import LeaseClock
from engine.config import ROLES, Role
from engine.core.former import Former
from engine.core.program import Program
from engine.daemon.housekeeping import Housekeeping
from engine.daemon.loops import CallLoop, DispatchLoop, RunnerLoop
from engine.daemon.patience import Patience
from engine.daemon.wakeups import Wakeups
from engine.deploy import Running
from engine.dispatcher import Dispatched, Dispatcher
from engine.dispatcher.carriers import Carrier, adapters_of, headers_for
from engine.hooks import Relay
from engine.leases import RENEWAL, Leases
from engine.logs import Log
from engine.metrics import Metrics
from engine.runner import Ran, Runner
from engine.runner.faults import tell_faults
from engine.services.caller import Called, Caller
from engine.store.protocol import Store, StoreUnavailableError
from engine.tracing import NoTracer, Tracer

__all__ = ["Outside", "Works"]

_CALLS_FINISH_WITHIN = 10.0  # seconds
_LOOK_ASIDE = 15.0  # seconds; others may set people aside, or release them
_TELL = 1.0  # seconds; how often it is looked for what others are to be told
_TICK = 1.0  # seconds; a timer is never later than this, whatever else goes wrong


class Outside(NamedTuple):
    """What the works reach the world by: an adapter for each channel, web services, and whoever
    watches; and which part of the work is theirs.
    """

    adapters: Mapping[str, Adapter | Sequence[Carrier]]
    services: Services
    roles: Collection[Role] = ROLES
    tracer: Tracer = NoTracer()
    relay: Relay | None = None


class Works:
    """Idle until ``run`` gives it a project. ``failed`` is called, once, when a loop has broken;
    ``outdated`` when there is another project to be run.
    """

    def __init__(
        self,
        store: Store,
        outside: Outside,
        links: Links,
        clock: LeaseClock,
        metrics: Metrics,
        log: Log,
        failed: Callable[[str, BaseException], None],
        outdated: Callable[[], None],
    ) -> None:
        self._leases = Leases(store, clock)
        self._patience = Patience(log, self._leases)
        self._begun = False
        self._store = store
        self._adapters, self._services, self._roles, self._tracer, self._relay = outside
        self._relaying: asyncio.Task[None] | None = None
        self._links = links
        self._clock = clock
        self._metrics = metrics
        self._log = log
        self._failed = failed
        self._house = Housekeeping(store, clock, metrics, log, failed)
        self._outdated = outdated
        self._loop = asyncio.get_running_loop()
        self.wakeups = Wakeups(self.wake)
        self.wakeups.every(_TICK, self.wake)
        self._project: Project | None = None
        self._program: Program | None = None
        self._content: Library | None = None
        self._number = 0
        self._runner: RunnerLoop | None = None
        self._dispatcher: Dispatcher | None = None
        self._dispatch: DispatchLoop | None = None
        self._dispatching: asyncio.Task[None] | None = None
        self._caller: Caller | None = None
        self._call: CallLoop | None = None
        self._calling: asyncio.Task[None] | None = None

    @property
    def project(self) -> Project | None:
        """What runs."""
        return self._project

    @property
    def program(self) -> Program | None:
        """What it is run by."""
        return self._program

    @property
    def number(self) -> int:
        """The number under which it was deployed; 0 if nothing runs yet."""
        return self._number

    async def run(self, running: Running) -> None:
        """Runs a project from the next batch on. The first time, everything begins with it."""
        project, self._number, older = running
        formers = {
            place: Former(each.machine, self._library(each.project))
            for place, each in older.items()
        }
        self._content = self._library(project, self._content)
        program = Program.of(project, self._content, formers)
        self._program = program
        if self._project is not None:
            self._metrics.project.remove(self._project.name, self._project.version)
        self._project = project
        self._metrics.project.labels(project.name, project.version).set(1)
        if not self._begun:
            self._begun = True
            if "dispatch" in self._roles:
                self.wakeups.every(RENEWAL, self._renew)
                await self._begin_dispatching(program)
                await self._begin_calling(program)
                if self._relay is not None:
                    if not self._store.is_shared:
                        await asyncio.to_thread(self._relay.recover)
                    self.wakeups.every(_TELL, self._tell)
            if "engine" in self._roles:
                await self._begin_advancing(program)
            self._store.listen(self._heard)
        if self._runner is not None:
            self._runner.deploy(program, running.number)
        if self._dispatcher is not None:
            self._dispatcher.deploy(program)
        if self._caller is not None:
            self._caller.deploy(program)
        self.wake()

    def wake(self) -> None:
        """Something may be due."""
        if self._runner is not None:
            self._runner.wake()
        if self._dispatch is not None:
            self._dispatch.wake()
        if self._call is not None:
            self._call.wake()

    def problems(self) -> list[str]:
        """What is broken, in sentences."""
        problems = []
        if self._runner is not None and not self._runner.is_alive:
            problems.append("The runner has stopped.")
        if self._dispatching is not None and self._dispatching.done():
            problems.append("The dispatcher has stopped.")
        if self._calling is not None and self._calling.done():
            problems.append("Web services are not being called any more.")
        return problems

    async def recall(self) -> None:
        """What an older version knew of addresses, beside everything else."""
        await self._house.recall(self._program)

    async def tidy(self) -> None:
        """The store's housekeeping, beside everything else."""
        await self._house.keep(self._program)

    async def stop(self) -> None:
        """Finishes the batch and the calls in hand, and closes the adapters."""
        self.wakeups.stop()
        await self._end_telling()
        self._patience.end()
        await asyncio.to_thread(self._house.stop)
        if self._runner is not None:
            await asyncio.to_thread(self._runner.stop)
        if self._dispatch is not None and self._dispatching is not None:
            self._dispatch.stop()
            await asyncio.wait([self._dispatching])
        if self._call is not None and self._calling is not None:
            self._call.stop()
            await asyncio.wait([self._calling], timeout=_CALLS_FINISH_WITHIN)
            await self._services.close()  # what is still out is asked again by the next process
            await asyncio.wait([self._calling])
        await self._services.close()
        for adapter in adapters_of(self._adapters):
            await adapter.close()

    async def _end_telling(self) -> None:
        """What was not taken yet is told again by the next process, under the same names."""
        if self._relay is None:
            return
        self._relay.end()
        if self._relaying is not None:
            await asyncio.wait([self._relaying], timeout=_CALLS_FINISH_WITHIN)
            self._relaying.cancel()
        await self._relay.close()

    def _library(self, project: Project, before: Library | None = None) -> Library:
        policy = project.policy
        links = self._links
        linking = linking_of(policy, links.click, links.seen)
        return Library(
            project.messages,
            policy.languages,
            links.unsubscribe,
            before,
            linking,
            links.preferences,
        )

    async def _renew(self) -> None:
        try:
            await asyncio.to_thread(self._leases.renew)
        except StoreUnavailableError:
            return  # said by whoever needs the store more
        except Exception as error:  # noqa: BLE001 - handed up, whatever it is
            self._failed("leases", error)

    async def _begin_dispatching(self, program: Program) -> None:
        dispatcher = Dispatcher(
            self._store,
            program,
            self._adapters,
            services=self._services,
            headers=headers_for(lambda: self._project, self._links),
            offload=self._patience,
            tracer=self._tracer,
            clock=self._clock.now,
        )
        if not self._store.is_shared:
            # We are alone with the store: whatever was being handed over when the process before
            # us died has nobody waiting for its answer any more. Others' calls end with a lease.
            recovered = await dispatcher.recover(self._clock.now())
            if any(recovered):
                self._log.warning(
                    "answers were lost when the last process ended",
                    unknown=recovered.unknown,
                    tried_again=recovered.put_back,
                )
        self._dispatcher = dispatcher
        self._dispatch = DispatchLoop(
            dispatcher, self._clock, self._metrics, settled=self._settled, news=self._log.warning
        )
        self._dispatching = asyncio.create_task(self._dispatch.live())
        self._dispatching.add_done_callback(functools.partial(self._ended, "dispatcher"))

    async def _begin_calling(self, program: Program) -> None:
        self._caller = Caller(
            self._store,
            program,
            self._services,
            self._clock.now,
            offload=self._patience,
            tracer=self._tracer,
        )
        if not self._store.is_shared:
            await self._caller.recover(self._clock.now())
        self._call = CallLoop(self._caller, self._clock, self._metrics, settled=self._called)
        self._calling = asyncio.create_task(self._call.live())
        self._calling.add_done_callback(functools.partial(self._ended, "caller"))

    async def _begin_advancing(self, program: Program) -> None:
        # What was wrong with them may have been put right in this version.
        released = await self._patience(self._store.release, self._clock.now())
        if released:
            self._log.info("those who were set aside are tried once more", people=released)
        self.wakeups.every(_LOOK_ASIDE, self._look_aside)
        self._runner = RunnerLoop(
            Runner(self._store, program, self._number, sets_aside=True, tracer=self._tracer),
            self._clock,
            self._metrics,
            ran=self._ran,
            rested=self._rested,
            outdated=self._outdated_there,
            failed=self._runner_failed,
            patience=self._patience,
        )
        self._runner.start()

    async def _tell(self) -> None:
        """Others of what happened, beside everything else."""
        if self._relaying is None or self._relaying.done():
            self._relaying = asyncio.create_task(self._tell_all())

    async def _tell_all(self) -> None:
        try:
            while self._relay is not None:
                done = await self._relay.run_once(self._clock.now())
                self._metrics.told.labels("taken").inc(done.taken)
                self._metrics.told.labels("failed").inc(done.failed)
                for hook in done.disabled:
                    self._log.error("webhook switched off", webhook=hook.id, why=hook.disabled)
                if not done.more:
                    return
        except StoreUnavailableError:
            return  # said by whoever needs the store more
        except Exception as error:  # noqa: BLE001 - handed up, whatever it is
            self._failed("webhooks", error)

    async def _look_aside(self) -> None:
        try:
            await asyncio.to_thread(self._count_aside)
        except StoreUnavailableError:
            return  # said by whoever needs the store more
        except Exception as error:  # noqa: BLE001 - handed up, whatever it is
            self._failed("set aside", error)

    def _count_aside(self) -> None:
        self._metrics.set_aside.set(len(self._store.set_aside()))

    # ------------------------------------------------------------- in the thread of the runner

    def _ran(self, ran: Ran) -> None:
        self._log.debug("ran", people=ran.people, signals=ran.signals, messages=ran.deliveries)
        if ran.faults:
            tell_faults(self._log, ran.faults)
            self._count_aside()
        if ran.deliveries and self._dispatch is not None:
            self._loop.call_soon_threadsafe(self._dispatch.wake)
        if ran.calls and self._call is not None:
            self._loop.call_soon_threadsafe(self._call.wake)

    def _rested(self) -> None:
        due = self._store.next_wake()
        now = self._clock.now()
        self._loop.call_soon_threadsafe(self.wakeups.at, due, now)

    def _heard(self) -> None:
        """In a thread of the store's, which may live a little longer than the loop."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.wake)

    def _outdated_there(self) -> None:
        self._loop.call_soon_threadsafe(self._outdated)

    def _runner_failed(self, error: BaseException) -> None:
        self._loop.call_soon_threadsafe(self._failed, "runner", error)

    # ------------------------------------------------------------------------ on the event loop

    def _settled(self, done: Dispatched) -> None:
        self._log.debug("dispatched", **done._asdict())
        if self._runner is not None:
            self._runner.wake()  # for the receipts, and for the next alarm

    def _called(self, done: Called) -> None:
        self._log.debug("called", **done._asdict())
        if self._runner is not None:
            self._runner.wake()  # for the answers, and for the next alarm

    def _ended(self, part: str, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(part, error)
