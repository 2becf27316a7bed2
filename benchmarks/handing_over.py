"""Messages handed over for each second of CPU, against a bare aiohttp loop: by the HTTP base of all
adapters alone, and by the whole dispatcher.

The base is given tens of thousands of messages, and of each it builds the request, makes the call,
reads the answer and says what it means. The dispatcher finds as many in a store: it claims them,
looks once more whether each may still go (consent, laws, caps, exits, what numbers have said),
hands them to the base, writes down what came back and makes the receipt, as ``wayline serve`` does.
The bare loop posts the same texts, as many at a time, and does nothing else. The provider is a
process of its own and answers at once, so what is measured is ours: seconds of CPU of the process
that sends.

    python -m benchmarks.handing_over [--messages N] [--profile FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import gc
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import aiohttp
import orjson

from benchmarks import steps
from benchmarks.floor import DAY, FILLER, HOUR, START
from benchmarks.line import Line
from channels.adapter import Capabilities
from channels.http.adapter import HttpAdapter
from channels.http.transport import Request, Response, Transport
from channels.message import Message
from channels.outcome import Accepted, Outcome, Unknown
from dsl.calendar import Instant
from engine.daemon.loops import DispatchLoop
from engine.daemon.patience import Patience
from engine.dispatcher import Dispatched, Dispatcher
from engine.logs import open_log
from engine.metrics import Metrics
from engine.runner import Runner
from engine.store import open_store

__all__ = ["FLOOR", "GOAL", "Compared", "Plain", "compare", "lines", "main", "provider", "queued"]

GOAL = 0.6  # of the base alone
FLOOR = 0.35  # of the dispatcher with its store
_AT_A_TIME = 100  # what aiohttp keeps open if nobody says otherwise
_MANY = 50_000  # as `wayline` itself: the garbage collector looks less often
_NOW = START + 2 * DAY
_HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer measured"}
_SAID = b'{"id":"p-123"}'
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(_SAID),
    _SAID,
)
_OK = 200


class Compared(NamedTuple):
    """Messages for each second of CPU, and by the clock on the wall."""

    messages: int
    dispatcher: float
    base: float
    bare: float
    dispatcher_wall: float
    base_wall: float
    bare_wall: float

    @property
    def whole(self) -> float:
        """The dispatcher's share of what the bare loop does."""
        return self.dispatcher / self.bare

    @property
    def alone(self) -> float:
        """The base's share of it."""
        return self.base / self.bare


class _Provider(asyncio.Protocol):
    """Answers whatever it is sent, once its body is there, and ``seconds`` later."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._held = b""

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head = self._held[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(self._held) < end + 4 + length:
                return
            self._held = self._held[end + 4 + length :]
            if self._seconds:
                asyncio.get_running_loop().call_later(self._seconds, self._transport.write, _ANSWER)
            else:
                self._transport.write(_ANSWER)


def _serve(ready: Connection, seconds: float) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Provider(seconds), "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def provider(seconds: float = 0.0) -> Iterator[str]:
    """The address of a provider in a process of its own, that takes so long for each call."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(there, seconds), daemon=True
    )
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/messages"
    finally:
        process.terminate()
        process.join()


class Plain:
    """The shortest way of saying it to a provider."""

    def __init__(self, address: str, channel: str = "sms", at_a_time: int = _AT_A_TIME) -> None:
        self._address = address
        self._capabilities = Capabilities(frozenset({channel}), concurrency=at_a_time)

    @property
    def capabilities(self) -> Capabilities:
        """One channel."""
        return self._capabilities

    def request(self, message: Message) -> Request:
        """Its id, its address and its texts."""
        return Request(self._address, _HEADERS, _body(message.id, message.address, message.parts))

    def outcome(self, message: Message, response: Response) -> Outcome:
        """Accepted, or nobody knows."""
        del message
        if response.status != _OK or response.body is None:
            return Unknown("not as it should be")
        return Accepted(str(orjson.loads(response.body)["id"]))

    def knock(self) -> Request:
        """Anything."""
        return Request(self._address, _HEADERS)

    def obstacle(self, response: Response) -> str:
        """Nothing."""
        del response
        return ""


class _Clock:
    """Time goes on from when everything is due."""

    def __init__(self) -> None:
        self._began = time.monotonic_ns()

    def now(self) -> Instant:
        return _NOW + (time.monotonic_ns() - self._began) // 1000

    def leased(self) -> Instant:
        return self.now()


def _body(name: str, address: str, parts: object) -> bytes:
    return orjson.dumps({"id": name, "to": address, "message": parts})


def queued(url: str, people: int) -> int:
    """Takes people through a journey in a new store, and lets what it sends them wait: how many
    messages that is.
    """
    measured = steps.program()
    steps.prepare_store(url, measured, people)
    waiting = 0
    with closing(open_store(url)) as store:
        arrivals = list(steps.events(people))
        for place in range(0, people, steps.BATCH):
            store.append(arrivals[place : place + steps.BATCH])
        runner = Runner(store, measured)
        for now in (START + HOUR, START + 3 * HOUR, _NOW):
            while (ran := runner.run_once(now, steps.BATCH)).people:
                waiting += ran.deliveries
    return waiting


def compare(messages: int) -> Compared:
    """Hands messages over, with and without a store, and posts as many by hand."""
    with tempfile.TemporaryDirectory() as folder, provider() as address, _few_collections():
        url = f"sqlite:///{Path(folder) / 'queued.db'}"
        waiting = queued(url, messages)
        ours = asyncio.run(_ours(url, address, waiting))
        base = asyncio.run(_base(address, waiting))
        bare = asyncio.run(_bare(address, waiting))
    took = zip(ours, base, bare, strict=True)
    return Compared(waiting, *(waiting / each for turn in took for each in turn))


@contextmanager
def _few_collections() -> Iterator[None]:
    """Both sides with what was made before out of the collector's way."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_MANY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def _ours(url: str, address: str, messages: int) -> tuple[float, float]:
    """Seconds of CPU and of the clock on the wall."""
    left = messages
    adapter = HttpAdapter(Plain(address), Transport(_AT_A_TIME), 30)
    with closing(open_store(url)) as store:
        patience = Patience(open_log())
        dispatcher = Dispatcher(
            store, steps.program(), {"sms": adapter}, offload=patience, clock=_Clock().now
        )

        def settled(done: Dispatched) -> None:
            nonlocal left
            left -= done.accepted
            if left <= 0:
                loop.stop()

        loop = DispatchLoop(dispatcher, _Clock(), Metrics(), settled=settled)
        loop.wake()
        began = time.process_time(), time.perf_counter()
        await loop.live()
        took = time.process_time() - began[0], time.perf_counter() - began[1]
        await adapter.close()
    return took


async def _base(address: str, messages: int) -> tuple[float, float]:
    """What the base of all HTTP adapters takes, as many at a time."""
    left = iter(range(messages))
    adapter = HttpAdapter(Plain(address), Transport(_AT_A_TIME), 30)
    parts = {"text": f"Hello Ada! {FILLER}"}

    async def send() -> None:
        for number in left:
            message = Message(
                id=f"{number:032x}",
                channel="sms",
                address=f"+49{number:010d}",
                category="promotional",
                journey="measured",
                message="measured",
                parts=parts,
                headers={},
                at=_NOW,
            )
            outcome = await adapter.send(message)
            assert isinstance(outcome, Accepted), outcome

    began = time.process_time(), time.perf_counter()
    await asyncio.gather(*(send() for _ in range(_AT_A_TIME)))
    took = time.process_time() - began[0], time.perf_counter() - began[1]
    await adapter.close()
    return took


async def _bare(address: str, messages: int) -> tuple[float, float]:
    """What a loop takes that knows nothing of anybody."""
    left = iter(range(messages))
    parts = {"text": f"Hello Ada! {FILLER}"}

    async def post(session: aiohttp.ClientSession) -> None:
        for number in left:
            body = _body(f"{number:032x}", f"+49{number:010d}", parts)
            async with session.post(address, data=body, headers=_HEADERS) as response:
                orjson.loads(await response.read())

    began = time.process_time(), time.perf_counter()
    connector = aiohttp.TCPConnector(limit=_AT_A_TIME)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(post(session) for _ in range(_AT_A_TIME)))
    return time.process_time() - began[0], time.perf_counter() - began[1]


def lines(options: argparse.Namespace) -> Iterator[Line]:
    """(l) messages handed over."""
    turns = [compare(options.queued) for _ in range(options.pairs)]
    alone = statistics.median(turn.alone for turn in turns)
    each = ", ".join(f"{turn.alone:.2f}" for turn in turns)
    yield Line(
        f"(l) messages by the HTTP base of adapters alone / by a bare aiohttp loop ({each})",
        f"{alone:.2f}",
        f">= {GOAL:g}",
        alone >= GOAL,
    )
    whole = statistics.median(turn.whole for turn in turns)
    each = ", ".join(f"{turn.whole:.2f}" for turn in turns)
    yield Line(
        f"    claimed from a store, looked at once more, handed over, settled ({each})",
        f"{whole:.2f}",
        f">= {FLOOR:g}",
        whole >= FLOOR,
    )
    ours = statistics.median(turn.dispatcher for turn in turns)
    base = statistics.median(turn.base for turn in turns)
    bare = statistics.median(turn.bare for turn in turns)
    yield Line(
        "    messages for each second of CPU: all of it, the base alone, the bare loop",
        f"{ours:,.0f}, {base:,.0f}, {bare:,.0f}",
    )


def main() -> None:
    """Measures and prints; with ``--profile`` writes where the dispatcher's time goes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.handing_over")
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--profile", type=Path, help="write a cProfile of the dispatcher")
    options = parser.parse_args()
    if options.profile is not None:
        with tempfile.TemporaryDirectory() as folder, provider() as address:
            url = f"sqlite:///{Path(folder) / 'queued.db'}"
            waiting = queued(url, options.messages)
            watch = cProfile.Profile()
            watch.enable()
            asyncio.run(_ours(url, address, waiting))
            watch.disable()
            watch.dump_stats(options.profile)
        return
    found = compare(options.messages)
    print(
        f"{found.messages:,} messages; for each second of CPU: dispatcher {found.dispatcher:,.0f},"
        f" HTTP base alone {found.base:,.0f}, bare loop {found.bare:,.0f}: {found.whole:.2f} and"
        f" {found.alone:.2f} of it; by the clock: {found.dispatcher_wall:,.0f},"
        f" {found.base_wall:,.0f} and {found.bare_wall:,.0f} a second"
    )


if __name__ == "__main__":
    main()
