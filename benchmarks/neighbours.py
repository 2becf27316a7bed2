"""A provider that takes two seconds for every call, and what its neighbours feel of it: messages a
second on a quick channel beside a slow one, against the same without it.

The real dispatch loop on SQLite, through the HTTP adapter base, to providers in processes of their own.
By the clock on the wall, because waiting is what is looked for; in turns, and the median counts.

    python -m benchmarks.neighbours [--messages N]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from benchmarks.handing_over import Plain, provider
from benchmarks.line import Line
from channels.adapter import Adapter
from channels.content.library import Library
from channels.http.adapter import HttpAdapter
from channels.http.transport import Transport
from dsl.calendar import Instant
from dsl.compiler import compile_project
from engine.core.effects import Delivery
from engine.core.lanes import lane_of
from engine.core.profile import Profile
from engine.core.program import Program
from engine.daemon.loops import DispatchLoop
from engine.daemon.patience import Patience
from engine.dispatcher import Dispatched, Dispatcher
from engine.logs import open_log
from engine.metrics import Metrics
from engine.store import open_store
from engine.store.protocol import Changes, Store

__all__ = ["GOAL", "beside", "lines", "main"]

GOAL = 0.9
_SLOW = 2.0  # seconds for each call
_AT_A_TIME = 32
_NOW: Instant = 1_772_445_600_000_000  # 2026-03-02 10:00 UTC
_FILES: Mapping[str, str] = {
    "tracking_plan.yaml": "tracking plan: two\nprofile:\n  email: text, personal\n"
    "events:\n  signed_up:\n    from: Signed Up\n",
    "policy.yaml": """\
policy: two
time zone: UTC
languages: en
currency: EUR
channels:
  sms: {reachable when: yes}
  push: {reachable when: yes}
categories:
  service:
    consent: not needed
    ignores: frequency caps, quiet hours, holdout, arbitration
""",
    "messages.yaml": """\
messages:
  hello:
    sms: {text: {en: Hello}}
    push: {title: {en: Hello}, body: {en: Hello}}
""",
    "journeys/hello.yaml": """\
journey: hello
category: service
trigger: {event: signed_up}
steps:
  - {id: hello, send: hello, to all of: [sms, push]}
""",
}


class _Clock:
    def now(self) -> Instant:
        return _NOW

    def leased(self) -> Instant:
        return _NOW


def _program() -> Program:
    compiled = compile_project(_FILES)
    assert compiled.project is not None, compiled.diagnostics
    content = Library(compiled.project.messages, ("en",), lambda name: name)
    return Program.of(compiled.project, content)


def _queue(store: Store, channel: str, count: int) -> None:
    people = [f"{channel}{number}" for number in range(count)]
    with store.batch() as batch:
        batch.commit(
            Changes(
                profiles=[Profile(name, {}, {channel: f"a-{name}"}) for name in people],
                deliveries=[_delivery(name, channel) for name in people],
            )
        )


def _delivery(person: str, channel: str) -> Delivery:
    texts = {"text": "Hello", "title": "Hello", "body": "Hello"}
    return Delivery(
        *(f"d-{person}", person, "hello", "", "hello", channel, "service", "hello"),
        *(f"a-{person}", texts, _NOW, _NOW, None),
        lane=lane_of(channel, "service"),
    )


def beside(messages: int, *, slow: bool) -> float:
    """Quick messages handed over in a second."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        store = stack.enter_context(closing(open_store(f"sqlite:///{Path(folder) / 'two.db'}")))
        _queue(store, "sms", messages)
        at = {"sms": stack.enter_context(provider())}
        if slow:
            _queue(store, "push", messages)
            at["push"] = stack.enter_context(provider(_SLOW))
        return messages / asyncio.run(_quick(store, at, messages))


async def _quick(store: Store, at: Mapping[str, str], messages: int) -> float:
    """Seconds until all of them have gone; the slow ones are given up then."""
    took = 0.0
    adapters: dict[str, Adapter] = {
        channel: HttpAdapter(Plain(address, channel, _AT_A_TIME), Transport(_AT_A_TIME), 30)
        for channel, address in at.items()
    }
    dispatcher = Dispatcher(
        store, _program(), adapters, offload=Patience(open_log()), clock=_Clock().now
    )
    ways = {each.name: each for each in dispatcher.ways}
    began, left = time.perf_counter(), messages

    def settled(done: Dispatched) -> None:
        nonlocal left, took
        left -= done.accepted
        if left <= 0 and not took:
            took = time.perf_counter() - began
            loop.stop()

    loop = DispatchLoop(dispatcher, _Clock(), Metrics(), settled=settled)
    loop.wake()
    assert set(ways) == set(adapters)
    await loop.live()
    for each in adapters.values():
        await each.close()
    return took


def _ratio(messages: int, pairs: int) -> list[float]:
    return [beside(messages, slow=True) / beside(messages, slow=False) for _ in range(pairs)]


def lines(options: argparse.Namespace) -> Iterator[Line]:
    """(m) a slow neighbour."""
    turns = _ratio(6_000, options.pairs)
    ratio, each = statistics.median(turns), ", ".join(f"{turn:.2f}" for turn in turns)
    yield Line(
        f"(m) messages a second beside a provider that takes 2 s a call / without it ({each})",
        f"{ratio:.2f}",
        f">= {GOAL:g}",
        ratio >= GOAL,
    )


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.neighbours")
    parser.add_argument("--messages", type=int, default=6_000)
    parser.add_argument("--pairs", type=int, default=3)
    options = parser.parse_args()
    turns = _ratio(options.messages, options.pairs)
    print(f"beside a slow one / without it: {', '.join(f'{turn:.2f}' for turn in turns)}")


if __name__ == "__main__":
    main()
