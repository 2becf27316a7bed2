"""Kite on this machine: what the contract suite runs against, and what one can try the adapter with.

    python tests/kite.py --port 8099 --tell http://127.0.0.1:8080/v1/receipts/sms

prints every text it takes, and reports that it was delivered.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from typing import Any

import aiohttp
from aiohttp import web

from channels.testing import Arrived, Situation
from wayline_kite.receipts import signature

__all__ = ["SECRET", "TOKEN", "Kite"]

TOKEN = "a-token"
SECRET = "a-secret"
_FIELDS = {"to", "from", "text", "ref"}


class Kite:
    """A provider that can be well, busy, down, or gone before it has answered. ``mistakes`` are what
    it has against what it was sent.
    """

    def __init__(self, port: int = 0, tell: str | None = None) -> None:
        self.situation = Situation.WELL
        self.arrived: list[Arrived] = []
        self.mistakes: list[str] = []
        self._port = port
        self._tell = tell
        self._runner: web.AppRunner | None = None
        self._telling: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/v2/texts", self._texts)
        app.router.add_get("/v2/account", self._account)
        self._runner = web.AppRunner(app, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def arrange(self, situation: Situation) -> bool:
        self.situation = situation
        if situation is Situation.DOWN:
            await self.stop()
        elif self._runner is None:
            await self.start()
        return True

    async def _account(self, request: web.Request) -> web.Response:
        known = request.headers.get("authorization") == f"Bearer {TOKEN}"
        return web.json_response({"credit": 100}) if known else _refusal(401, "K300", "Who is it?")

    async def _texts(self, request: web.Request) -> web.Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _refusal(401, "K300", "Who is it?")
        body = json.loads(await request.read())
        self.mistakes += _against(body)
        if self.situation is Situation.RECIPIENT_REFUSED:
            return _refusal(422, "K200", "There is no such number")
        if self.situation is Situation.BUSY:
            return _refusal(429, "K400", "Too many texts a second")
        self.arrived.append(Arrived(body["ref"], body["to"], {"text": body["text"]}))
        if self.situation is Situation.ANSWER_LOST:
            assert request.transport is not None
            request.transport.abort()
        name = f"kite-{len(self.arrived)}"
        if self._tell is not None:
            print(f"{body['to']}: {body['text']}", flush=True)
            telling = asyncio.create_task(self._report(self._tell, name, body["ref"]))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)
        return web.json_response({"id": name}, status=202)

    async def _report(self, to: str, name: str, ref: str) -> None:
        body = json.dumps(
            [{"event": f"{name}/delivered", "kind": "delivered", "ref": ref}]
        ).encode()
        made = str(int(time.time()))
        headers = {"x-kite-time": made, "x-kite-signature": signature(SECRET, made, body).decode()}
        async with (
            aiohttp.ClientSession() as session,
            session.post(to, data=body, headers=headers) as answer,
        ):
            print(f"told that {name} was delivered: {answer.status}", flush=True)


def _against(body: dict[str, Any]) -> list[str]:
    found = [f"unknown: {name}" for name in body.keys() - _FIELDS]
    found += [f"missing: {name}" for name in _FIELDS - body.keys()]
    if not re.fullmatch(r"\+[1-9]\d{6,14}", str(body.get("to"))):
        found.append(f"not a number: {body.get('to')}")
    return found


def _refusal(status: int, code: str, words: str) -> web.Response:
    return web.json_response({"error": {"code": code, "words": words}}, status=status)


async def _serve(port: int, tell: str) -> None:
    kite = Kite(port, tell)
    await kite.start()
    print(f"Kite listens on {kite.address}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--tell", default="http://127.0.0.1:8080/v1/receipts/sms")
    options = parser.parse_args()
    asyncio.run(_serve(options.port, options.tell))
