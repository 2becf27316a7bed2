"""The API on a real socket, in front of a store that can be looked into."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from channels.receipts import Receiver
from dsl.calendar import Instant
from dsl.kinds import Code, Date, Money, Text
from dsl.plan import BUILT_IN_EVENTS, Event, Field, TrackingPlan
from engine.access.links import Links
from engine.api import ApiSettings, Front, create_app
from engine.config import Apps
from engine.core.effects import Delivery
from engine.core.program import Program
from engine.core.signals import Arrival
from engine.ingest import Intake
from engine.metrics import Metrics
from engine.pressure import Pressure
from engine.store.memory import MemoryStore
from engine.store.protocol import Appended

NOW: Instant = 1_772_355_600_000_000  # 2026-03-01 09:00 UTC

PLAN = TrackingPlan(
    "shop",
    attributes={
        "first_name": Field("first_name", Text(), personal=True),
        "language": Field("language", Text()),
    },
    events={
        **BUILT_IN_EVENTS,
        "purchase": Event(
            "purchase",
            "Order Completed",
            properties=MappingProxyType(
                {
                    "order_id": Field("order_id", Code(), required=True),
                    "total": Field("total", Money("EUR")),
                }
            ),
        ),
    },
)


class StoppedClock:
    def now(self) -> Instant:
        return NOW


class WatchedStore(MemoryStore):
    """Shows what was appended. ``broken`` makes it fail, ``gate`` makes it slow."""

    def __init__(self) -> None:
        super().__init__()
        self.arrivals: dict[str, Arrival] = {}
        self.broken = False
        self.gate: threading.Event | None = None

    def append(self, arrivals: Sequence[Arrival]) -> Appended:
        if self.gate is not None:
            assert self.gate.wait(10)
        if self.broken:
            raise OSError("the disk is full")
        appended = super().append(arrivals)
        for arrival in arrivals:
            self.arrivals.setdefault(arrival.id, arrival)
        return appended


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def error(self) -> str:
        """The sentence of a problem."""
        assert self.headers["content-type"] == "application/problem+json"
        assert self.json["status"] == self.status
        detail = self.json["detail"]
        assert isinstance(detail, str)
        return detail


@dataclass
class Api:
    """A running API. ``woken`` counts how often the runner was woken."""

    store: WatchedStore
    links: Links
    front: Front | None
    woken: int = 0
    problems: list[str] = field(default_factory=list)
    port: int = 0
    name: str = ""

    def send(
        self,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Answer:
        """One request on a connection of its own. Bytes go out as they are, the rest as JSON."""
        data = body if isinstance(body, bytes | None) else orjson.dumps(body)
        default = {"content-type": "application/json"} if data is not None else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            chosen = {**default, **(headers or {}), "x-api": self.name}
            connection.request(method, path, data, chosen)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.send(path, None, headers, "GET")


class Host:
    """One server for all tests; a header says which of their APIs is meant."""

    def __init__(self) -> None:
        self.apps: dict[bytes, ASGIApp] = {}
        self.port = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.apps[dict(scope["headers"])[b"x-api"]](scope, receive, send)


NO_APPS = Apps()
Start = Callable[..., Api]


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """Listens on a free port of loopback."""
    host = Host()
    config = uvicorn.Config(host, log_config=None, lifespan="off", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host.port = listening.getsockname()[1]
        # It ends with the process at the latest: how a daemon ends is tested with daemons.
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve([listening])), daemon=True
        )
        thread.start()
        yield host
        server.should_exit = True
        thread.join(10)


def handed_over(**more: Any) -> Delivery:
    """A message that Ada got: by e-mail, if nothing else is said."""
    usual = Delivery(
        *("d1", "ada", "win_back", "r1", "offer", "email", "promotional", "offer"),
        *("ada@example.com", {}, NOW, NOW, None),
    )
    return usual._replace(**more)


@pytest.fixture
def start(host: Host) -> Start:
    """Starts an API of its own."""

    def start(
        *,
        keys: Sequence[str] = (),
        read_keys: Sequence[str] = (),
        deployed: bool = True,
        pressure: Pressure | None = None,
        apps: Apps = NO_APPS,
        receivers: Mapping[str, Sequence[Receiver]] = MappingProxyType({}),
        program: Program | None = None,
    ) -> Api:
        front = Front(
            Intake(PLAN, ("promotional", "service")),
            "Shop & Co",
            ("fr", "en"),
            {"order_delay": {"new_date": Field("new_date", Date(), required=True)}},
            program,
        )
        name = str(len(host.apps))
        api = Api(
            WatchedStore(),
            Links(b"secret of the tests"),
            front if deployed else None,
            port=host.port,
            name=name,
        )

        async def problems() -> Sequence[str]:
            return api.problems

        def wake() -> None:
            api.woken += 1

        settings = ApiSettings(
            api.links,
            tuple(keys),
            problems,
            pressure=pressure or Pressure(),
            read_keys=tuple(read_keys),
            receivers=receivers,
            apps=apps,
        )
        host.apps[name.encode()] = create_app(
            api.store, lambda: api.front, wake, settings, Metrics(), StoppedClock()
        )
        return api

    return start


@pytest.fixture
def api(start: Start) -> Api:
    """An API without write keys, with a project deployed."""
    return start()
