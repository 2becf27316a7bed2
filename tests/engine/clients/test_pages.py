"""A page in a real browser sends events: from where it may, and not from elsewhere."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from engine.access.keys import Wanted, made
from engine.store import open_store
from tests.browser import browser, led

from .conftest import Kept, Running

pytestmark = pytest.mark.slow

CALL = {"userId": "page", "event": "Order Completed", "properties": {"order_id": "o", "total": 1}}
FETCH = """
    fetch(%(url)s + '/v1/track', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: 'Basic ' + btoa(%(key)s + ':') },
        body: JSON.stringify(%(call)s),
    }).then(async (answer) => [answer.status, await answer.json()], (wrong) => [0, String(wrong)])
"""
BEACON = """
    navigator.sendBeacon(%(url)s + '/v1/t', JSON.stringify({ ...%(call)s, writeKey: %(key)s }))
"""


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Shop</title><main>A shop</main>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    """Of a shop, which is reached by two names: two sites."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


async def _told(address: str, pages: list[str], script: str) -> list[Any]:
    """What a script says, in each page."""
    told = []
    async with led(address) as page:
        await page.ask("Emulation.setScriptExecutionDisabled", value=False)
        for each in pages:
            await page.open(each)
            found = await page.ask(
                "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
            )
            told.append(found["result"]["value"])
    return told


def test_a_page_sends_from_where_it_may(daemon: Running, port: int) -> None:
    with closing(open_store(daemon.store)) as store:
        wanted = Wanted("pages", "browser", sites=[f"http://127.0.0.1:{port}"])
        key = made(store.keys, wanted, 1)
    given = {"url": json.dumps(daemon.url), "key": json.dumps(key)}
    pages = [f"http://127.0.0.1:{port}/", f"http://localhost:{port}/"]
    with browser() as address:
        ours, theirs = asyncio.run(
            _told(address, pages, FETCH % {**given, "call": json.dumps(CALL)})
        )
        left = {**CALL, "userId": "left"}
        asyncio.run(_told(address, pages[:1], BEACON % {**given, "call": json.dumps(left)}))

    assert ours == [200, {"success": True}]
    assert theirs[0] == 0  # the browser did not even send it
    assert len(daemon.kept("page")) == 1
    values = {"order_id": "o", "total": 100}
    for _ in range(500):
        if daemon.kept("left"):
            break
        threading.Event().wait(0.02)
    assert daemon.kept("left") == [Kept("left", "purchase", values)]
