"""The API for programs, in front of a shop in which things have happened."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
import pytest

from channels.http.guarded import Inside
from channels.http.transport import Lost, Request, Response
from dsl.calendar import Instant
from dsl.machine import ApiTrigger
from engine.access.links import Links
from engine.api import ApiSettings, Front, create_app
from engine.hooks import Hooks, Managing, Relay, Signing
from engine.ingest import Intake
from engine.metrics import Metrics
from engine.store.memory import MemoryStore
from engine.store.protocol import Deployment, Store
from tests.engine.scene import Scene, journey

WELCOME = journey(
    """
  - {id: greet, send: hello, to: email}
  - {id: pause, wait: 3 days}
  - {id: again, send: named, to: push}
""",
    head="exclude if: in segment staff",
)
DELAYED = journey(
    "  - {id: tell, send: offer, to: email, with: {discount: '= trigger.percent'}}\n",
    "delayed",
    head='trigger: {api: yes, inputs: {percent: "whole number, required"}}\ncategory: service',
)
SEGMENTS = """
segments:
  staff: {who: email ends with "@shop.example"}
  good: {title: Good customers, who: [tier is "gold", did purchase in the last 30 days or visits > 5]}
  not_staff: {who: not in segment staff}
"""


class Receiver:
    """Takes what others are told, as ``status`` says."""

    def __init__(self) -> None:
        self.got: list[Request] = []
        self.status = 204

    async def exchange(self, request: Request, seconds: float, most: int) -> Response | Lost:
        self.got.append(request)
        return Response(self.status, b"")

    async def close(self) -> None:
        """Nothing to close."""


class Clock:
    """Shows what the scene's clock shows."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def now(self) -> Instant:
        return self._scene.now


class Shop:
    """A scene with the API before it. Keys are given by their names."""

    def __init__(
        self,
        store: Store,
        *,
        write: Sequence[str] = (),
        read: Sequence[str] = (),
        per_second: int = 0,
        signs: bool = True,
    ) -> None:
        files = {"segments.yaml": SEGMENTS}
        self.scene = Scene(WELCOME, DELAYED, files=files, store=store)
        version = self.scene.program.project.version
        store.deploy(Deployment(version, self.scene.now, self.scene.files))
        self.store = store
        self.links = Links(b"secret of the tests", "https://shop.example")
        self.receiver = Receiver()
        signing = Signing(b"secret of the tests") if signs else None
        managing = Managing(store, Inside(["crm.internal"]), signing)
        relay = Relay(store, self.receiver, signing, lambda: self.scene.now) if signing else None
        self.hooks = Hooks(managing, relay)
        settings = ApiSettings(
            self.links,
            tuple(write),
            read_keys=tuple(read),
            requests_per_second=per_second,
            hooks=self.hooks,
        )
        self.app = create_app(
            store, self.front, lambda: None, settings, Metrics(), Clock(self.scene)
        )

    def front(self) -> Front:
        program = self.scene.program
        project = program.project
        called = {
            machine.journey: way.inputs
            for machine in project.machines.values()
            for way in machine.triggers
            if isinstance(way, ApiTrigger)
        }
        intake = Intake(project.plan, project.policy.categories, project.policy.channels)
        return Front(intake, "shop", ("en",), called, program)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One request; what comes of it is not done yet."""
        return asyncio.run(self.asking(method, path, body, key, headers))

    def get(self, path: str, **more: Any) -> Any:
        """What a good answer says."""
        answer = self.ask("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, path: str, limit: int = 2) -> list[list[Any]]:
        """All pages of a list."""
        pages, after = [], ""
        sign = "&" if "?" in path else "?"
        while True:
            page = self.get(f"{path}{sign}limit={limit}{after}")
            pages.append(page["items"])
            if page["next"] is None:
                return pages
            after = f"&cursor={page['next']}"

    async def asking(
        self,
        method: str,
        path: str,
        body: Any = None,
        key: str = "",
        given: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The same, among other things."""
        headers = dict(given or {})
        if key:
            headers["authorization"] = "Basic " + b64encode(f"{key}:".encode()).decode()
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            if isinstance(body, bytes):
                headers.setdefault("content-type", "application/json")
                return await client.request(method, path, content=body, headers=headers)
            return await client.request(method, path, json=body, headers=headers)


Open = Callable[..., Shop]


@pytest.fixture
def open_shop() -> Open:
    """Opens shops, in memory unless another store is given."""

    def opened(
        store: Store | None = None,
        *,
        write: Sequence[str] = (),
        read: Sequence[str] = (),
        per_second: int = 0,
        signs: bool = True,
    ) -> Shop:
        return Shop(
            store or MemoryStore(), write=write, read=read, per_second=per_second, signs=signs
        )

    return opened


@pytest.fixture
def shop(open_shop: Open) -> Shop:
    """Ada has been welcomed, bought something and looked at her mail; Bob is of the staff."""
    shop = open_shop()
    scene = shop.scene
    scene.person("ada", first_name="Ada", tier="gold", visits=3, phone="+49 30 901820")
    scene.event("signed_up")
    scene.event("purchase", cart_id="c-1", total="34.50 EUR")
    scene.person("bob", email="bob@shop.example")
    scene.event("signed_up", "bob")
    scene.settle()
    return shop
