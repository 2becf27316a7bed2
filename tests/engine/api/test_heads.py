"""Connections on which no request ever begins, or none ends."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from engine.api.heads import Hurried


class Impatient(Hurried):
    patience = 0.2


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    config = uvicorn.Config(
        _app, http=Impatient, ws="none", log_config=None, lifespan="off", timeout_keep_alive=1
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve([listening])), daemon=True
        )
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(10)


def heard(port: int, *pieces: bytes) -> bytes:
    """What comes back for these pieces, until the other side hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        for piece in pieces:
            line.sendall(piece)
        answer = b""
        while data := line.recv(4096):
            answer += data
        return answer


HEAD = b"POST / HTTP/1.1\r\nhost: shop.example\r\n"


@pytest.mark.parametrize("begun", [HEAD, b"G", b"GET / HTTP/1.1\r\nx: " + b"y" * 1000])
def test_a_head_that_never_ends_is_given_up(port: int, begun: bytes) -> None:
    assert heard(port, begun).startswith(b"HTTP/1.1 408 ")


def test_so_is_one_behind_a_request_that_was_answered(port: int) -> None:
    whole = HEAD + b"content-length: 0\r\n\r\n"

    answer = heard(port, whole + HEAD)
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_whoever_says_nothing_is_told_nothing(port: int) -> None:
    assert heard(port) == b""


def test_a_slow_head_cannot_be_kept_alive_by_a_byte_now_and_then(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(HEAD)
        line.settimeout(0.03)
        answer = b""
        for count in range(1_000):
            try:
                answer = line.recv(4096)
                break
            except TimeoutError:
                line.sendall(b"x: %d\r\n" % count)
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_body_is_not_hurried_here(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(HEAD + b"content-length: 4\r\n\r\nab")
        line.settimeout(0.5)
        with pytest.raises(TimeoutError):
            line.recv(4096)
        line.settimeout(10)
        line.sendall(b"cd")

        assert line.recv(4096).startswith(b"HTTP/1.1 200 ")
