"""Web Push: a push service that somebody else wrote verifies our key and reads what we encrypt."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from channels.http.adapter import HttpAdapter
from channels.http.jwt import base64url
from channels.http.transport import Transport
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Rejected
from channels.webpush.adapter import Vapid, WebPushDialect
from channels.webpush.encryption import public_bytes
from engine.clock import SystemClock
from tests.channels.webpush.test_webpush import TEXTS, note, of, server
from tests.engine.daemon.conftest import free_port

pytestmark = pytest.mark.peers

SERVER = Path(__file__).parents[2] / "build/peers/node_modules/web-push-testing/src/bin/server.js"
PATIENCE = 30.0


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """Its address."""
    node = shutil.which("node")
    if node is None or not SERVER.exists():
        pytest.skip("no web-push-testing here: make others installs it")
    port = free_port()
    command = [node, str(SERVER), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "running" in process.stdout.readline()
        yield f"localhost:{port}"
        process.kill()


class Browser:
    """Subscribed to the service, with our key."""

    def __init__(self, service: str, session: aiohttp.ClientSession) -> None:
        self._service = service
        self._session = session
        self._hash = ""
        self.subscription = ""

    async def subscribe(self) -> None:
        key = base64url(public_bytes(server().public_key()))
        asked = {"userVisibleOnly": "true", "applicationServerKey": key}
        found = (await self.ask("subscribe", asked))["data"]
        self._hash = found.pop("clientHash")
        self.subscription = orjson.dumps(found).decode()

    async def expire(self) -> None:
        url = f"http://{self._service}/expire-subscription/{self._hash}"
        async with self._session.post(url) as answer:
            assert answer.status == 200

    async def messages(self) -> list[dict[str, Any]]:
        found = await self.ask("get-notifications", {"clientHash": self._hash})
        return [orjson.loads(each) for each in found["data"]["messages"]]

    async def ask(self, what: str, body: object) -> Any:
        async with self._session.post(f"http://{self._service}/{what}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()


def now(message: Message) -> Message:
    """Handed over now: the service looks whether our key's token has ended."""
    return replace(message, at=SystemClock().now())


def meet(service: str, story: Callable[[HttpAdapter, Browser], Awaitable[None]]) -> None:
    async def told() -> None:
        settings = of(service)
        dialect = WebPushDialect(settings, scheme="http")
        adapter = HttpAdapter(dialect, Transport(8), 10, Vapid(settings))
        try:
            async with aiohttp.ClientSession() as session:
                browser = Browser(service, session)
                await browser.subscribe()
                await story(adapter, browser)
        finally:
            await adapter.close()

    asyncio.run(told())


def test_a_browser_reads_what_was_meant_for_it(service: str) -> None:
    async def story(adapter: HttpAdapter, browser: Browser) -> None:
        outcome = await adapter.send(now(note(browser.subscription)))

        assert isinstance(outcome, Accepted), outcome
        (message,) = await browser.messages()
        assert message.pop("wayline_delivery") == "d1"
        assert message == TEXTS

    meet(service, story)


def test_a_subscription_that_has_ended_is_not_used_again(service: str) -> None:
    async def story(adapter: HttpAdapter, browser: Browser) -> None:
        await browser.expire()
        outcome = await adapter.send(now(note(browser.subscription)))

        assert isinstance(outcome, Rejected)
        assert outcome.failure is FailureClass.PERMANENT_RECIPIENT

    meet(service, story)
