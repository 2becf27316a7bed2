"""The daemon: the composition root. Here everything is plugged together, and nowhere else.

The API and the dispatcher live on one event loop, the runner in a thread of its own. Stopping
goes from the outside in: no new requests, then the batch and the calls in hand, then the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version as version_of
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn

from channels.receipts import Receiver
from dsl.compiler import Compiled
from dsl.machine import ApiTrigger
from engine.access.links import Links
from engine.access.trail import witness
from engine.api import ApiSettings, Front, create_app
from engine.api.heads import Hurried
from engine.clock import Clock
from engine.config import OperatorError, Settings
from engine.daemon.watch import Watch
from engine.daemon.works import Outside, Works
from engine.deploy import Running, deploy_folder, running
from engine.dispatcher.carriers import adapters_of, receivers_of
from engine.dispatcher.judged import Judged
from engine.dispatcher.opening import open_carriers
from engine.folder import Watched, project_folder
from engine.hooks import follow_settings, open_hooks
from engine.ingest import Intake, guard_of
from engine.ingest.door import Door
from engine.logs import Log
from engine.metrics import Metrics
from engine.services.opening import open_services, unset_secrets
from engine.store.protocol import Store, StoreUnavailableError
from engine.tracing.opening import open_tracer

__all__ = ["Daemon", "Told"]

_LOOK_AT_FOLDER = 0.5
_LOOK_AT_STORE = 2.0
_WATCH = 1.0
_JUDGED = 60.0  # seconds between two looks at how our domains are judged
_REQUESTS_FINISH_WITHIN = 10
_ALL_CHANNELS = frozenset({"email", "push", "sms", "whatsapp"})


@dataclass(frozen=True, slots=True)
class Told:
    """Whom the daemon tells what. ``compiled`` is called for every folder that was looked at."""

    listening: Callable[[str], None]
    stopping: Callable[[], None]
    compiled: Callable[[Compiled], None]
    log: Log


class Daemon:
    """One process on a store: all that is to be done there, or the part its roles name."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        secret: bytes,
        clock: Clock,
        told: Told,
        folder: Path | None = None,
        *,
        keeps_secret: bool = True,
    ) -> None:
        """``keeps_secret`` says that the secret is not in the store itself."""
        self._store = store
        store.bars.under(settings.hidden_under)
        self._settings = settings
        self._secret = secret
        self._told = told
        self._folder = Watched(folder) if folder else None
        self._metrics = Metrics()
        self._watch = Watch(store, clock, self._metrics, told.log, settings.backlog)
        self._clock = self._watch.clock
        self._tracer, self._end_tracing = open_tracer(
            settings.traces, version_of("wayline"), self._clock, told.log, self._metrics
        )
        self._hooks = open_hooks(store, settings, secret if keeps_secret else None, self._clock)
        self._front: Front | None = None
        self._receivers: Mapping[str, Sequence[Receiver]] = {}
        self._judged = Judged(store, (), self._metrics, told.log)
        self._stop = asyncio.Event()
        self._broken: BaseException | None = None
        self._renewing: asyncio.Task[None] | None = None

    async def live(self) -> BaseException | None:
        """Until a signal, or until a loop breaks; then what broke it is returned.

        Raises ``OperatorError`` if it cannot begin.
        """
        await self._check_door()
        with _listening(self._settings.listen.host, self._settings.listen.port) as listening:
            address = _address(listening)
            earlier = [each.get_secret_value().encode() for each in self._settings.earlier_secrets]
            links = Links(self._secret, self._settings.public_url or address, earlier)
            works = await self._works(links)
            server = _Server(self._app(works, links), lambda: self._told.listening(address))
            with _signals(self._stop.set):
                serving = asyncio.create_task(server.serve([listening]))
                if "engine" not in self._settings.roles:  # a runner would notice by itself
                    works.wakeups.every(_LOOK_AT_STORE, functools.partial(self._renew, works))
                if self._folder is not None:
                    works.wakeups.every(_LOOK_AT_FOLDER, functools.partial(self._look, works))
                zone = ZoneInfo(works.project.policy.zone if works.project else "UTC")
                recalling = None
                if "engine" in self._settings.roles:
                    recalling = asyncio.create_task(works.recall())
                    works.wakeups.by_cron(self._settings.housekeeping, zone, works.tidy)
                works.wakeups.every(_WATCH, self._look_around)
                works.wakeups.every(_JUDGED, self._look_at_domains)
                works.wakeups.start()
                await self._wait(serving)
                self._told.stopping()
                server.should_exit = True
                await serving
                await works.stop()
                if recalling is not None:
                    await recalling
                await asyncio.to_thread(self._end_tracing)
        return self._broken

    async def _check_door(self) -> None:
        """Whoever can be reached by others lets in those who have a key."""
        listen = self._settings.listen
        if listen.is_loopback or self._settings.write_keys:
            return
        if not await asyncio.to_thread(self._store.keys.known):
            raise OperatorError(
                f"Listening on {listen.host} lets anybody send events: make a key (wayline keys"
                " create NAME), set one (WAYLINE_WRITE_KEYS), or listen on 127.0.0.1."
            )

    async def _works(self, links: Links) -> Works:
        """Deploys the folder if there is one, and begins with what is deployed then."""
        follow_settings(self._hooks.managing, self._settings.webhooks, self._clock.now())
        if self._folder is not None:
            project_folder(self._folder.path)  # or it is said what is wrong with it
        compiled = self._deploy_folder()
        found = running(self._store)
        project = None if found is None else found.project
        if project is None and compiled is None:
            raise OperatorError(
                "Nothing is deployed in this store yet: say wayline deploy FOLDER first, or start"
                " with wayline serve --dev FOLDER."
            )
        hands_over = "dispatch" in self._settings.roles
        channels = frozenset(project.policy.channels) if project else frozenset[str]()
        answers = "api" in self._settings.roles
        chosen = self._settings.channels if hands_over or answers else {}
        adapters = open_carriers(
            chosen,
            otherwise="file" if self._folder else None,
            channels=(channels | (_ALL_CHANNELS if self._folder else frozenset()))
            if hands_over
            else frozenset(),
        )
        if self._folder is not None and (without := sorted(set(adapters) - set(chosen))):
            self._told.log.info("written to files in the folder outbox", channels=without)
        self._receivers = receivers_of(adapters)
        domains = {each.capabilities.domain for each in adapters_of(adapters)}
        self._judged = Judged(self._store, domains, self._metrics, self._told.log)
        if project is not None and (unset := unset_secrets(project, self._settings.secrets)):
            raise OperatorError(unset[0])
        works = Works(
            self._store,
            Outside(
                adapters,
                open_services(self._settings.secrets),
                self._settings.roles,
                self._tracer,
                self._hooks.relay,
            ),
            links,
            self._clock,
            self._metrics,
            self._told.log,
            self._break,
            lambda: self._renew_soon(works),
        )
        if found is not None:
            await self._run(works, found)
        return works

    async def _run(self, works: Works, found: Running) -> None:
        """Gives the works what is deployed, and the API with it."""
        if works.number == found.number:
            return
        for sentence in unset_secrets(found.project, self._settings.secrets):
            self._told.log.warning(sentence)
        await works.run(found)
        project = found.project
        policy = project.policy
        guard = guard_of(policy, project.segments)
        intake = Intake(project.plan, policy.categories, policy.channels, guard=guard)
        called = {
            machine.journey: way.inputs
            for machine in project.machines.values()
            for way in machine.triggers
            if isinstance(way, ApiTrigger)
        }
        self._front = Front(
            intake, project.name.replace("_", " "), policy.languages, called, works.program
        )
        self._told.log.info(
            "running", project=project.name, version=project.version, deployment=found.number
        )

    def _deploy_folder(self) -> Compiled | None:
        if self._folder is None:
            return None
        found = self._folder.changed()
        if found is None:
            return None

        def told(version: int) -> None:
            witness(self._store, self._settings, "serve --dev", version=version)

        compiled = deploy_folder(self._store, found, self._clock.now(), told)
        self._told.compiled(compiled)
        return compiled

    async def _look(self, works: Works) -> None:
        """At the folder: what has changed is deployed, if all of it compiles."""
        try:
            compiled = await asyncio.to_thread(self._deploy_folder)
            if compiled is not None and compiled.project is not None:
                await self._renew(works)
        except OSError as error:  # the folder is being written, or is gone for a moment
            self._told.log.warning("the folder cannot be read", error=str(error))
        except StoreUnavailableError as error:
            self._told.log.warning("the folder has not been deployed", reason=str(error))
        except Exception as error:  # noqa: BLE001 - handed up, whatever it is
            self._break("deploy", error)

    async def _look_around(self) -> None:
        try:
            await self._watch.look()
        except Exception as error:  # noqa: BLE001 - handed up, whatever it is
            self._break("watch", error)

    async def _look_at_domains(self) -> None:
        try:
            await self._judged.look(self._clock.now())
        except Exception as error:  # noqa: BLE001 - handed up, whatever it is
            self._break("judged", error)

    def _renew_soon(self, works: Works) -> None:
        """Something else has been deployed, by whomever: it is taken up, and nothing is done with
        what ran before.
        """
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew(works))

    async def _renew(self, works: Works) -> None:
        try:
            found = await asyncio.to_thread(running, self._store)
            if found is not None:
                await self._run(works, found)
        except StoreUnavailableError:
            return  # whoever noticed it notices it again
        except Exception as error:  # noqa: BLE001 - handed up, whatever it is
            self._break("deploy", error)

    def _app(self, works: Works, links: Links) -> uvicorn.Config:
        async def problems() -> Sequence[str]:
            problems = [*works.problems(), *await asyncio.to_thread(_store_problems, self._store)]
            return problems or door.problems()

        door = Door(self._clock, self._told.log)
        write_keys, read_keys = (
            tuple(key.get_secret_value() for key in keys)
            for keys in (self._settings.write_keys, self._settings.read_keys)
        )
        app = create_app(
            self._store,
            lambda: self._front,
            works.wake,
            ApiSettings(
                links,
                write_keys,
                problems,
                takes_events="api" in self._settings.roles,
                pressure=self._watch.pressure,
                read_keys=read_keys,
                apps=self._settings.apps,
                door=door,
                receivers=self._receivers,
                requests_per_second=self._settings.requests_per_second,
                hooks=self._hooks,
            ),
            self._metrics,
            self._clock,
            self._tracer,
        )
        return uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="on",
            http=Hurried,
            ws="none",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_REQUESTS_FINISH_WITHIN,
        )

    async def _wait(self, serving: asyncio.Task[None]) -> None:
        stop = asyncio.create_task(self._stop.wait())
        await asyncio.wait({stop, serving}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()

    def _break(self, what: str, error: BaseException) -> None:
        """A bug of ours: said loudly, and nothing goes on as if nothing were."""
        if isinstance(error, StoreUnavailableError):  # no bug: it was given up when stopping
            self._told.log.warning("stopped without the store", part=what, reason=str(error))
            self._stop.set()
            return
        self._told.log.error("broken, stopping", part=what, exc_info=error)
        self._broken = self._broken or error
        self._stop.set()


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to the daemon."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    caught = (signal.SIGTERM, signal.SIGINT)
    for each in caught:
        loop.add_signal_handler(each, stop)
    try:
        yield
    finally:
        for each in caught:
            loop.remove_signal_handler(each)


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise OperatorError(
            f"Port {port} of {host} cannot be listened on ({error.strerror}): choose another one"
            " with --port."
        ) from None
    with listening:
        # Whoever is accepted inherits it. Without it the second half of a small answer waits for
        # the first to be acknowledged, which senders put off by 40 ms.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _store_problems(store: Store) -> list[str]:
    try:
        with store.batch():
            return []
    except StoreUnavailableError as error:
        return [str(error)]
    except Exception as error:  # noqa: BLE001 - whatever a driver raises, that is the finding
        return [f"The store cannot be written to: {type(error).__name__}."]
