"""Segment's client for pages (Analytics.js), in a real browser, pointed at a daemon."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from engine.access.keys import Wanted, made
from engine.store import open_store
from tests.browser import browser, led

from .conftest import Kept, Running

pytestmark = pytest.mark.peers

LIBRARY = Path(__file__).parents[3] / "build/peers/node_modules/@segment/analytics-next/dist/umd"
START = """
    const {{ AnalyticsBrowser }} = window.AnalyticsNext;
    const segment = {{ apiHost: {host}, protocol: 'http', deliveryStrategy: {strategy} }};
    window.shop = AnalyticsBrowser.load(
        {{ writeKey: {key}, cdnSettings: {{ integrations: {{ 'Segment.io': {{ apiKey: {key} }} }} }} }},
        {{ integrations: {{ 'Segment.io': segment }}, disableClientPersistence: true,
           retryQueue: false }},
    );
    window.shop.setAnonymousId({anonymous});
"""
SAY = """
    const context = { campaign: { name: 'spring' } };
    const properties = { order_id: 'o-1', total: 19.9 };
    await window.shop.page('Shop', 'Home', { url: undefined });
    await window.shop.track('Order Completed', properties, { context });
    await window.shop.identify(WHO, { firstName: 'Ada' }, { context: { locale: 'en-GB' } });
    await window.shop.track('Order Completed', { ...properties, order_id: 'o-2' });
"""


class _Site(SimpleHTTPRequestHandler):
    """A shop's page with the library beside it."""

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        page = b"<!doctype html><title>Shop</title><main>Tea</main><script src=index.js></script>"
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def _site() -> Iterator[str]:
    if not LIBRARY.exists():
        pytest.skip("no @segment/analytics-next here: make others installs it")
    handler = partial(_Site, directory=str(LIBRARY))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _key(daemon: Running, name: str, site: str) -> str:
    with closing(open_store(daemon.store)) as store:
        return made(store.keys, Wanted(name, "browser", sites=(site,)), 1)


def _said(daemon: Running, key: str, site: str, who: str, strategy: object) -> None:
    """A visit: what somebody does in the page of a site."""

    async def visit(address: str) -> None:
        async with led(address, scripted=True) as page:
            await page.ask("Emulation.setTimezoneOverride", timezoneId="Europe/Berlin")
            await page.open(f"{site}/")
            start = START.format(
                host=json.dumps(f"{daemon.url.removeprefix('http://')}/v1"),
                key=json.dumps(key),
                anonymous=json.dumps(f"{who}-device"),
                strategy=json.dumps(strategy),
            )
            say = SAY.replace("WHO", json.dumps(who))
            await page.run(f"(async () => {{ {start} {say} return 'said' }})()")
            await page.open("about:blank")  # what is left of a batch goes as the page is left

    with browser() as address:
        asyncio.run(visit(address))


@pytest.mark.parametrize(
    "strategy",
    [{"strategy": "standard"}, {"strategy": "batching", "config": {"size": 3, "timeout": 60_000}}],
    ids=["one by one", "in batches"],
)
def test_what_is_done_in_a_page_arrives(daemon: Running, strategy: dict[str, object]) -> None:
    who = f"ada-{strategy['strategy']}"
    with _site() as site:
        _said(daemon, _key(daemon, who, site), site, who, strategy)
        device = f"anonymous:{who}-device"
        kept = _waited(daemon, 4, device, who)

    # Under which of their two names, depends on how far the daemon is by now.
    assert [(each.what, each.values) for each in kept] == [
        ("page_seen", {"name": "Home", "category": "Shop"}),
        ("purchase", {"order_id": "o-1", "total": 1990, "campaign_name": "spring"}),
        ("told", {"first_name": "Ada", "language": "en", "time_zone": "Europe/Berlin"}),
        ("purchase", {"order_id": "o-2", "total": 1990}),
    ]


def test_a_page_of_somebody_else_is_heard_by_nobody(daemon: Running) -> None:
    with _site() as site:
        key = _key(daemon, "elsewhere", "https://shop.example")
        _said(daemon, key, site, "eve", {"strategy": "standard"})

    assert daemon.kept("anonymous:eve-device", "eve") == []


def _waited(daemon: Running, count: int, *people: str) -> list[Kept]:
    """What has arrived, as soon as it is all there."""

    async def look() -> list[Kept]:
        async with asyncio.timeout(30):
            while len(found := daemon.kept(*people)) < count:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.2)
        return found

    return asyncio.run(look())
