"""Web services over HTTP, asked for real on this machine: good answers, bad ones and none."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import orjson
import pytest
from aiohttp import web

from channels.services import Answer, NoAnswer, Question
from channels.services.http import MOST_BYTES, HttpServices
from dsl.calendar import SECOND, Duration
from dsl.machine import Service

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


def service(address: str, secret: str = "") -> Service:
    return Service("crm", address, secret, Duration(micros=10 * SECOND), {})


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[str]:
    """The address of a service that answers like this."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}/tasks"
    finally:
        await runner.cleanup()


async def asked(
    handler: Handler, *, secret: str = "", seconds: float = 10, **values: Any
) -> Answer | NoAnswer:
    services = HttpServices({"CRM_TOKEN": "open-sesame"})
    try:
        async with answering(handler) as address:
            return await services.ask(Question("q1", service(address, secret), values), seconds)
    finally:
        await services.close()


def says(status: int, body: bytes = b"", **headers: str) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers=headers)

    return handler


def test_a_question_is_posted_as_json_with_its_id_and_nothing_more() -> None:
    seen: list[tuple[str, dict[str, str], bytes]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.method, dict(request.headers), await request.read()))
        return web.json_response({"ticket": "T-1"})

    answer = asyncio.run(asked(handler, reason="low score", score=3))

    assert answer == Answer({"ticket": "T-1"})
    ((method, headers, body),) = seen
    assert method == "POST"
    assert orjson.loads(body) == {"reason": "low score", "score": 3}
    assert headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"] == "q1"
    assert "Authorization" not in headers
    assert "Cookie" not in headers


def test_a_secret_is_carried_by_its_service_alone() -> None:
    seen: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response()

    asyncio.run(asked(handler, secret="CRM_TOKEN"))
    asyncio.run(asked(handler))

    assert seen == ["Bearer open-sesame", None]


def test_a_secret_that_nobody_has_set_is_never_left_out_silently() -> None:
    answer = asyncio.run(asked(says(200), secret="OTHER"))

    assert answer == NoAnswer("the secret OTHER is not set", again=False)


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, b'{"ticket": "T-1", "more": [1, 2]}', Answer({"ticket": "T-1", "more": [1, 2]})),
        (201, b"{}", Answer({})),
        (204, b"", Answer({})),
        (200, b"", Answer({})),
        (200, b" \r\n", Answer({})),
        (200, b"[1, 2]", NoAnswer("its answer is not a JSON object", again=False)),
        (200, b"null", NoAnswer("its answer is not a JSON object", again=False)),
        (200, b"<html>Welcome</html>", NoAnswer("its answer is not JSON", again=False)),
        (200, b'{"ticket": NaN}', NoAnswer("its answer is not JSON", again=False)),
        (200, b'{"ticket": "\xff"}', NoAnswer("its answer is not JSON", again=False)),
        (200, b"[" * 60_000, NoAnswer("its answer is not JSON", again=False)),
        (200, b'{"a": "' + b"x" * MOST_BYTES + b'"}', NoAnswer("its answer is too long", False)),
        (200, b'{"a": "' + b"x" * (MOST_BYTES - 9) + b'"}', Answer({"a": "x" * (MOST_BYTES - 9)})),
        (304, b"", NoAnswer("it sends us to another address (304)", again=False)),
        (400, b"{}", NoAnswer("it answered 400", again=False)),
        (401, b"{}", NoAnswer("it answered 401", again=False)),
        (404, b"{}", NoAnswer("it answered 404", again=False)),
        (408, b"{}", NoAnswer("it answered 408", again=True)),
        (409, b"{}", NoAnswer("it answered 409", again=False)),
        (425, b"{}", NoAnswer("it answered 425", again=True)),
        (429, b"{}", NoAnswer("it answered 429", again=True)),
        (500, b"{}", NoAnswer("it answered 500", again=True)),
        (503, b"{}", NoAnswer("it answered 503", again=True)),
        (599, b"x" * MOST_BYTES * 2, NoAnswer("it answered 599", again=True)),
    ],
)
def test_what_comes_back_means(status: int, body: bytes, answer: Answer | NoAnswer) -> None:
    assert asyncio.run(asked(says(status, body))) == answer


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"Retry-After": "120"}, 120.0),
        (
            {
                "Retry-After": "Mon, 02 Mar 2026 10:05:00 GMT",
                "Date": "Mon, 02 Mar 2026 10:00:00 GMT",
            },
            300.0,
        ),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_how_long_a_service_wants_to_be_left_alone_is_read(
    headers: dict[str, str], after: float | None
) -> None:
    """By its own clock, whatever ours says."""
    for status in (429, 503):
        answer = asyncio.run(asked(says(status, b"", **headers)))
        assert answer == NoAnswer(f"it answered {status}", again=True, after=after)


def test_a_redirect_is_not_followed() -> None:
    paths: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    answer = asyncio.run(asked(handler))

    assert answer == NoAnswer("it sends us to another address (307)", again=False)
    assert paths == ["/tasks"]


def test_what_is_packed_is_not_unpacked() -> None:
    bomb = gzip.compress(b" " * 50_000_000)

    answer = asyncio.run(asked(says(200, bomb, **{"Content-Encoding": "gzip"})))

    assert answer == NoAnswer("its answer is not JSON", again=False)


def test_an_answer_without_an_end_is_cut_off() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 10_000)

    assert asyncio.run(asked(handler)) == NoAnswer("its answer is too long", again=False)


@pytest.mark.parametrize("begun", [False, True])
def test_a_service_that_does_not_finish_is_given_up(begun: bool) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if begun:
            await response.prepare(request)
            await response.write(b"{")
        await asyncio.Event().wait()
        return response

    answer = asyncio.run(asked(handler, seconds=0.2))

    assert answer == NoAnswer("it gave no answer in time", again=True)


def test_a_service_that_hangs_up_may_be_asked_again() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    answer = asyncio.run(asked(handler))

    assert isinstance(answer, NoAnswer)
    assert answer.again


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/",
        "https://127.0.0.1:1/",
        f"http://{'a' * 70}.localhost/",
        "http://127.0.0.1:99999/",
    ],
)
def test_nobody_there_is_a_value(address: str) -> None:
    async def ask() -> Answer | NoAnswer:
        services = HttpServices({})
        try:
            return await services.ask(Question("q1", service(address), {}), 5)
        finally:
            await services.close()

    assert asyncio.run(ask()) == NoAnswer("it could not be reached", again=True)


def test_what_does_not_speak_http_is_a_value() -> None:
    async def ask() -> Answer | NoAnswer:
        def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example.com ready\r\n")
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        services = HttpServices({})
        try:
            question = Question("q1", service(f"http://127.0.0.1:{port}/"), {})
            return await services.ask(question, 5)
        finally:
            await services.close()
            server.close()
            await server.wait_closed()

    answer = asyncio.run(ask())

    assert isinstance(answer, NoAnswer)
    assert answer.again


def test_connections_are_kept_for_the_next_question() -> None:
    peers: list[object] = []

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.append(request.transport.get_extra_info("peername"))
        return web.json_response({})

    async def ask_twice() -> None:
        services = HttpServices({})
        async with answering(handler) as address:
            for number in (1, 2):
                await services.ask(Question(f"q{number}", service(address), {}), 5)
            await services.close()

    asyncio.run(ask_twice())

    assert len(peers) == 2
    assert len(set(peers)) == 1
