"""A real browser for pages that people see: Chromium without a window, led over its own protocol.

Scripts are switched off before the first page, so what works here works without any. Where there is
no Chromium, nothing is tried.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from html import unescape
from itertools import count
from typing import Any

import aiohttp
import pytest

__all__ = ["Page", "browser", "led"]

_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *(
        "--disable-extensions",
        "--hide-scrollbars",
        "--disable-dev-shm-usage",
        "--remote-debugging-port=0",
    ),
)
_PATIENCE = 60  # seconds for whatever the browser does


class Page:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._seen: list[str] = []

    async def ask(self, method: str, **parameters: Any) -> Any:
        """One command of the protocol, and its answer."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            told = await self._socket.receive_json(timeout=_PATIENCE)
            if told.get("id") == number:
                assert "error" not in told, f"{method}: {told['error']}"
                return told["result"]
            self._seen.append(told.get("method", ""))

    async def open(self, address: str) -> None:
        """Goes there, and waits until it is all there."""
        self._seen.clear()
        await self.ask("Page.navigate", url=address)
        await self._arrived()

    async def run(self, script: str) -> Any:
        """What an expression comes to in a page in which scripts run, when its promise is kept."""
        told = await self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def press(self, selector: str) -> None:
        """A click on a button, and the page that it leads to."""
        self._seen.clear()
        await self.click(selector)
        await self._arrived()

    async def click(self, selector: str) -> None:
        """A click in the middle of what is found first."""
        node = await self._find(selector)
        await self.ask("DOM.scrollIntoViewIfNeeded", nodeId=node)
        quad = (await self.ask("DOM.getBoxModel", nodeId=node))["model"]["content"]
        x, y = (quad[0] + quad[4]) / 2, (quad[1] + quad[5]) / 2
        for what in ("mousePressed", "mouseReleased"):
            await self.ask(
                "Input.dispatchMouseEvent", type=what, x=x, y=y, button="left", clickCount=1
            )

    async def focus(self, selector: str) -> None:
        """Goes there, as by the key Tab."""
        await self.ask("DOM.focus", nodeId=await self._find(selector))

    async def write(self, words: str) -> None:
        """Types, where the focus is. In a list, that chooses what begins so."""
        for letter in words:
            await self.ask("Input.dispatchKeyEvent", type="char", text=letter)

    async def key(self, name: str, code: int) -> None:
        """One key, where the focus is."""
        for what in ("rawKeyDown", "keyUp"):
            await self.ask(
                "Input.dispatchKeyEvent", type=what, key=name, windowsVirtualKeyCode=code
            )

    async def text(self) -> str:
        """The words of the page."""
        root = (await self.ask("DOM.getDocument"))["root"]["nodeId"]
        body = await self.ask("DOM.querySelector", nodeId=root, selector="main")
        found = await self.ask("DOM.getOuterHTML", nodeId=body["nodeId"])
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", found["outerHTML"])).split())

    async def narrow(self, width: int, zoom: float = 1) -> tuple[float, float]:
        """Makes the window that wide. How wide the page is now, and how wide the window."""
        await self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=round(width / zoom),
            height=900,
            deviceScaleFactor=zoom,
            mobile=False,
        )
        metrics = await self.ask("Page.getLayoutMetrics")
        return metrics["cssContentSize"]["width"], metrics["cssLayoutViewport"]["clientWidth"]

    async def names(self) -> list[tuple[str, str]]:
        """What somebody hears who does not see the page: roles and names, as the browser tells
        screen readers.
        """
        nodes = (await self.ask("Accessibility.getFullAXTree"))["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node["ignored"]
        ]

    async def picture(self) -> bytes:
        """All of it, to be looked at."""
        taken = await self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(taken["data"])

    async def _find(self, selector: str) -> int:
        root = (await self.ask("DOM.getDocument"))["root"]["nodeId"]
        node = (await self.ask("DOM.querySelector", nodeId=root, selector=selector))["nodeId"]
        assert node, f"there is no {selector}"
        assert isinstance(node, int)
        return node

    async def _arrived(self) -> None:
        while "Page.loadEventFired" not in self._seen:
            told = await self._socket.receive_json(timeout=_PATIENCE)
            self._seen.append(told.get("method", ""))


@contextlib.contextmanager
def browser() -> Iterator[str]:
    """A browser with one empty page; the address by which it is led."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("there is no Chromium here")
    with tempfile.TemporaryDirectory(prefix="wayline-browser-", ignore_cleanup_errors=True) as home:
        command = [program, *_FLAGS, f"--user-data-dir={home}", "about:blank"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
            assert running.stderr is not None
            try:
                yield _address(running.stderr)
            finally:
                running.terminate()
                running.communicate(timeout=_PATIENCE)


def _address(said: Iterable[str]) -> str:
    """Where it listens, as it says itself."""
    for line in said:
        if found := re.search(r"listening on ws://([^/]+)/", line):
            return f"http://{found[1]}"
    raise AssertionError("the browser has ended")


@contextlib.asynccontextmanager
async def led(address: str, *, scripted: bool = False) -> AsyncIterator[Page]:
    """The page of a browser. No script runs in it, unless it is ``scripted``."""
    async with asyncio.timeout(_PATIENCE), aiohttp.ClientSession() as session:
        async with session.get(f"{address}/json/list") as answer:
            tabs = await answer.json()
        (tab,) = (each for each in tabs if each["type"] == "page")
        async with session.ws_connect(tab["webSocketDebuggerUrl"]) as socket:
            page = Page(socket)
            for part in ("Page", "Network", "Accessibility"):
                await page.ask(f"{part}.enable")
            await page.ask("Emulation.setScriptExecutionDisabled", value=not scripted)
            yield page
