"""Nothing is sent to where a stranger's address leads inside, however it is written or answers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from channels.http.guarded import Guarded, Inside, refusal_of
from channels.http.transport import Lost, Request, Response

NOTHING = Inside()


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.255.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("0.0.0.0", "100.64.0.1", "192.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("[::1]", "[::]", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fd12::1]", "[ff02::1]"),
        *("[::ffff:127.0.0.1]", "[::ffff:a00:1]", "[2002:7f00:1::]", "[64:ff9b::7f00:1]"),
        *("[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "2130706433", "0x7f.1", "127.1", "0177.0.0.1"),
    ],
)
def test_addresses_inside_are_refused_as_they_are_written(host: str) -> None:
    assert refusal_of(f"https://{host}/hook", NOTHING)


@pytest.mark.parametrize(
    "url",
    [
        *("http://shop.example/", "ftp://shop.example/", "https://", "https:///x", "shop.example"),
        *("https://ada:pw@shop.example/", "https://ada@shop.example/", "https://a b.example/"),
        *("https://shop.example/#x", "https://shop.example:0/", "javascript:alert(1)", ""),
        *("https://shop.example/\r\nx-evil: 1", "https://" + "a" * 2_000 + ".example/"),
    ],
)
def test_what_is_no_address_for_us_is_refused(url: str) -> None:
    assert refusal_of(url, NOTHING)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/hook?x=1",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]:8443/",
        "https://xn--caf-dma.example/",
    ],
)
def test_addresses_outside_are_good(url: str) -> None:
    assert refusal_of(url, NOTHING) == ""


def test_an_operator_may_allow_what_is_inside() -> None:
    inside = Inside(["10.0.0.0/8", "crm.internal", "::1"])

    for url in ("https://10.1.2.3/", "http://10.1.2.3/", "http://CRM.internal/x", "http://[::1]/"):
        assert refusal_of(url, inside) == ""
    for url in ("https://11.1.2.3@10.0.0.1/", "http://other.internal/", "https://192.168.1.1/"):
        assert refusal_of(url, inside)
    for wrong in ("10.0.0.0/33", "http://crm.internal", ""):
        with pytest.raises(ValueError, match="is no host"):
            Inside([wrong])


class Scripted(AbstractResolver):
    """Answers as it is told, one time after the other."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host, host=each, port=port, family=socket.AF_INET, proto=0, flags=0
            )
            for each in found
        ]

    async def close(self) -> None:
        """Nothing to close."""


async def _asked(guarded: Guarded, url: str) -> Response | Lost:
    try:
        return await guarded.exchange(Request(url, {}, b"{}"), 5, 1000)
    finally:
        await guarded.close()


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"]])
def test_a_name_that_leads_inside_is_refused_whatever_else_it_leads_to(answer: list[str]) -> None:
    resolver = Scripted(answer)
    said = asyncio.run(_asked(Guarded(NOTHING, resolver=resolver), "https://shop.example/"))

    assert isinstance(said, Lost)
    assert "lies inside" in said.reason
    assert not said.left


class Counting:
    """A server inside, which nobody is to reach. ``to`` is where it sends people on."""

    def __init__(self, to: str = "") -> None:
        self.asked: list[str] = []
        self._to = to

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if self._to:
            raise web.HTTPFound(self._to)
        return web.Response(text="secret")


async def _with_server(server: Counting, guarded: Guarded, url: str) -> Response | Lost:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    try:
        return await _asked(guarded, url.replace("PORT", str(port)))
    finally:
        await runner.cleanup()


def test_a_name_that_answers_otherwise_the_second_time_opens_nothing() -> None:
    """The first answer is looked at and connected to; nobody asks a second time."""
    server, resolver = Counting(), Scripted(["127.0.0.1"], ["127.0.0.1"])
    inside = Inside(["rebind.example"])
    said = asyncio.run(
        _with_server(server, Guarded(inside, resolver=resolver), "http://rebind.example:PORT/x")
    )

    assert isinstance(said, Response)
    assert (resolver.asked, server.asked) == (1, ["/x"])
    resolver = Scripted(["127.0.0.1"], ["93.184.216.34"])
    refused = asyncio.run(
        _with_server(server, Guarded(NOTHING, resolver=resolver), "https://rebind.example:PORT/y")
    )
    assert isinstance(refused, Lost)
    assert (resolver.asked, server.asked) == (1, ["/x"])


def test_nobody_is_led_inside_by_being_sent_on() -> None:
    server = Counting("http://127.0.0.1:1/inner")
    said = asyncio.run(
        _with_server(
            server,
            Guarded(Inside(["outer.example"]), resolver=Scripted(["127.0.0.1"])),
            "http://outer.example:PORT/a",
        )
    )

    assert isinstance(said, Response)
    assert (said.status, server.asked) == (302, ["/a"])
