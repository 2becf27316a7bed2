"""Events made durable through HTTP, in batches of a hundred: our API against a bare Starlette
application with ``executemany``.

The same bodies from the same client, over eight connections that each wait for their answer, to
the same server (uvicorn), in turns, each time into a new database. Ours checks every value against
the tracking plan, remembers who is new, and puts each event down for the engine; the floor does
nothing of that. *Events per CPU-second* is what the server's own process used.

    python -m benchmarks.ingest [--events N] [--pairs N] [--postgres]
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks.line import Line
from benchmarks.server import database, server
from benchmarks.serving import Listening, deployed, listening, wayline

__all__ = ["FILES", "GOAL", "Ingested", "Pair", "bodies", "bodies_of", "lines", "pairs", "pour"]

GOAL = 0.6
BATCH = 100
CONNECTIONS = 8
WARM = 2_000  # events before the clock runs
_EACH = 4  # events of one person

FILES = {
    "tracking_plan.yaml": """\
tracking plan: measured
profile:
  first_name: text, personal
  phone: text, personal
events:
  order_completed:
    from: Order Completed
    has:
      order_id: code, required
      total: money EUR, required
      items: whole number
      coupon: text
      gift: yes/no
  signed_up:
    from: Signed Up
""",
    "policy.yaml": """\
policy: measured
time zone: Europe/Berlin
languages: en
currency: EUR
channels:
  sms:
    reachable when: yes
categories:
  promotional:
    consent: not needed
""",
    "journeys/welcome.yaml": """\
journey: welcome
title: Welcome
category: promotional
status: live
trigger:
  event: signed_up
steps:
  - id: hello
    send: hello
    to: sms
""",
    "messages/hello.yaml": """\
message: hello
sms:
  text: "Hello!"
""",
}


class Ingested(NamedTuple):
    """One turn of one side."""

    events: int
    seconds: float
    cpu: float

    @property
    def per_second(self) -> float:
        """Events made durable in a second."""
        return self.events / self.seconds

    @property
    def per_cpu_second(self) -> float:
        """Events for each second of CPU of the server's process."""
        return self.events / self.cpu


class Pair(NamedTuple):
    """One turn each."""

    ours: Ingested
    floor: Ingested

    @property
    def ratio(self) -> float:
        """Our share of the floor's speed."""
        return self.ours.per_second / self.floor.per_second

    @property
    def cpu_ratio(self) -> float:
        """The same by CPU."""
        return self.ours.per_cpu_second / self.floor.per_cpu_second


def bodies(events: int, first: int = 0) -> list[bytes]:
    """What a shop's server sends, as the libraries of the Segment spec write it."""
    calls = [_call(number) for number in range(first, first + events)]
    return bodies_of(calls, BATCH, sentAt="2026-03-01T09:00:01.000Z")


def bodies_of(calls: Sequence[object], size: int, **more: object) -> list[bytes]:
    """These calls in batches of ``size``."""
    return [
        orjson.dumps({"batch": calls[place : place + size], **more})
        for place in range(0, len(calls), size)
    ]


def _call(number: int) -> dict[str, object]:
    return {
        "type": "track",
        "messageId": f"c0ffee00-5eed-4000-8000-{number:012x}",
        "userId": f"customer-{number // _EACH:06d}",
        "event": "Order Completed",
        "timestamp": "2026-03-01T09:00:00.000Z",
        "properties": {
            "order_id": f"A-{number:08d}",
            "total": round(19.99 + number % 500, 2),
            "currency": "EUR",
            "items": number % 7 + 1,
            "coupon": "SPRING26",
            "gift": number % 3 == 0,
        },
        "context": {"library": {"name": "analytics-python", "version": "2.3.5"}, "ip": "192.0.2.7"},
        "integrations": {},
    }


def lines(options: argparse.Namespace) -> Iterator[Line]:
    """(h) events made durable, against the floor, on both databases."""
    for place, postgres in (("SQLite", False), ("PostgreSQL", True)):
        turns = list(pairs(options.events, options.pairs, postgres=postgres))
        ratio = statistics.median(turn.ratio for turn in turns)
        each = ", ".join(f"{turn.ratio:.2f}" for turn in turns)
        yield Line(
            f"{'    ' if postgres else '(h) '}events taken over HTTP on {place}, ours / floor ({each})",
            f"{ratio:.2f}",
            f">= {GOAL:g}",
            ratio >= GOAL,
        )
        ours = statistics.median(turn.ours.per_second for turn in turns)
        floor = statistics.median(turn.floor.per_second for turn in turns)
        yield Line("    the same, events per second", f"{ours:,.0f} / {floor:,.0f}")
        by_cpu = statistics.median(turn.cpu_ratio for turn in turns)
        yield Line("    the same by CPU of the server's process", f"{by_cpu:.2f}")


def pairs(events: int, count: int, *, postgres: bool = False) -> Iterator[Pair]:
    """Measures ours and the floor in turns."""
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(server()) if postgres else None
        for _ in range(count):
            sides = _turn(address, events, ours=False), _turn(address, events, ours=True)
            yield Pair(sides[1], sides[0])


def _turn(address: str | None, events: int, *, ours: bool) -> Ingested:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        served = stack.enter_context(_served(address, folder, ours=ours))
        pour(served, bodies(WARM, events))
        return pour(served, bodies(events))


@contextlib.contextmanager
def _served(address: str | None, folder: Path, *, ours: bool) -> Iterator[Listening]:
    with contextlib.ExitStack() as stack:
        if address is not None:
            place = stack.enter_context(database(address, "wayline_ingest"))
        else:
            place = f"sqlite:///{folder}/events.db" if ours else f"{folder}/events.db"
        if not ours:
            command: Sequence[str] = (sys.executable, "-m", "benchmarks.ingest_floor", place)
        else:
            deployed(FILES, folder, place)
            if address is None:
                command = (sys.executable, "-m", "benchmarks.ingest_alone", place)
            else:
                command = wayline("serve", "--store", place, "--port", "0", "--role", "api")
        yield stack.enter_context(listening(command, folder))


def pour(served: Listening, what: Sequence[bytes]) -> Ingested:
    """Sends these bodies, and returns when all of them are durable."""
    waiting = iter(what)
    guard = threading.Lock()
    refused: list[str] = []

    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        with contextlib.closing(connection):
            while not refused:
                with guard:
                    body = next(waiting, None)
                if body is None:
                    return
                headers = {"content-type": "application/json"}
                connection.request("POST", "/v1/batch", body, headers)
                response = connection.getresponse()
                said = response.read()
                if response.status != 200 or b'"success":true' not in said:
                    refused.append(said.decode())

    cpu, began = served.cpu, time.perf_counter()
    senders = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    seconds, cpu = time.perf_counter() - began, served.cpu - cpu
    if refused:
        raise SystemExit(f"events were refused: {refused[0]}")
    return Ingested(len(what) * BATCH, seconds, cpu)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest")
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    measured = []
    for pair in pairs(options.events, options.pairs, postgres=options.postgres):
        measured.append(pair)
        print(
            f"ours {pair.ours.per_second:,.0f}/s, floor {pair.floor.per_second:,.0f}/s, ratio"
            f" {pair.ratio:.2f}; by CPU {pair.ours.per_cpu_second:,.0f} and"
            f" {pair.floor.per_cpu_second:,.0f}, ratio {pair.cpu_ratio:.2f}"
        )
    print(f"median {statistics.median(pair.ratio for pair in measured):.2f}")


if __name__ == "__main__":
    main()
