"""From an event that was accepted to the message that was handed over, by the clock of whoever
receives it: ``wayline serve`` whole, on a real port, in front of a mail server of our own.

*Idle*: one event after the other, each sent when the message before it has long arrived. *Maximum*:
as many events as the machine takes, in batches of a hundred, until all of their messages are out.
*Half of it*: the same events at half of that speed, evenly, in batches of ten; every fourth person
enters a journey that waits for two seconds instead, and how much later than that their message
comes is the lateness of timers.

    python -m benchmarks.latency [--postgres] [--events N]
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks.ingest import bodies_of, pour
from benchmarks.line import Line
from benchmarks.server import database, server
from benchmarks.serving import Listening, deployed, listening, wayline

__all__ = ["FILES", "Measured", "lines", "run"]

IDLE_GOAL = {"SQLite": 0.1, "PostgreSQL": 0.15}  # seconds
BUSY_GOAL = 2.0
IDLE_EVENTS = 300
PAUSE = 0.03  # seconds between an arrived message and the next event
BATCH = 10  # events in a request at half of the maximum
WAIT = 2.0  # seconds, of the journey with a timer
PATIENCE = 120.0  # seconds for what certainly comes

FILES = {
    "tracking_plan.yaml": """\
tracking plan: measured
profile:
  first_name: text, personal
  email: text, personal
events:
  signed_up:
    from: Signed Up
  visited:
    from: Visited
""",
    "policy.yaml": """\
policy: measured
time zone: Europe/Berlin
languages: en
currency: EUR
channels:
  email:
    reachable when: email is known
categories:
  service:
    consent: not needed
""",
    "journeys/at_once.yaml": """\
journey: at_once
title: At once
category: service
status: live
trigger:
  event: signed_up
steps:
  - id: hello
    send: hello
    to: email
""",
    "journeys/later.yaml": """\
journey: later
title: Later
category: service
status: live
trigger:
  event: visited
steps:
  - id: pause
    wait: 2 seconds
  - id: hello
    send: hello
    to: email
""",
    "messages/hello.yaml": """\
message: hello
email:
  subject: "Hello {{ first_name }}"
  blocks:
    - text: "Good to see you."
""",
}


class Measured(NamedTuple):
    """Seconds from accepted to handed over, and messages per second."""

    idle: Sequence[float]
    maximum: float
    busy: Sequence[float]
    lateness: Sequence[float]


class _Person(NamedTuple):
    """Somebody an event is sent of."""

    number: int
    event: str

    @property
    def address(self) -> str:
        return f"person{self.number}@shop.example"


class _Notes:
    """What the mail server has noted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self.handed_over: dict[str, int] = {}

    def look(self) -> None:
        """Reads on."""
        with self._path.open("rb") as file:
            file.seek(self._read)
            whole, _, _ = file.read().rpartition(b"\n")
        if whole:
            self._read += len(whole) + 1
            for line in whole.decode().split("\n"):
                address, _, at = line.partition(" ")
                assert address not in self.handed_over, f"{address} was written to twice"
                self.handed_over[address] = int(at)

    def wait(self, addresses: Sequence[str], pause: float) -> None:
        """Until all of them have been written to."""
        until = time.monotonic() + PATIENCE
        while True:
            self.look()
            if all(each in self.handed_over for each in addresses):
                return
            if time.monotonic() > until:
                missing = sum(each not in self.handed_over for each in addresses)
                raise SystemExit(f"{missing} of {len(addresses)} messages have not arrived")
            time.sleep(pause)


def run(events: int, *, postgres: bool = False) -> Measured:
    """Measures all three, in a new store."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if postgres:
            address = stack.enter_context(server())
            store = stack.enter_context(database(address, "wayline_latency"))
        else:
            store = f"sqlite:///{folder}/events.db"
        path = folder / "notes"
        path.touch()
        box = stack.enter_context(
            listening((sys.executable, "-m", "benchmarks.postbox", str(path)), folder)
        )
        deployed(FILES, folder, store)
        served = stack.enter_context(
            listening(wayline("serve", "--store", store, "--port", "0"), folder, _channel(box.port))
        )
        people = _people(IDLE_EVENTS + 3 * events)
        _introduce(served, people)
        notes = _Notes(path)
        warm = people[:20]
        _one_by_one(served, notes, warm)
        idle = _one_by_one(served, notes, people[20:IDLE_EVENTS])
        maximum = _as_many_as_possible(served, notes, people[IDLE_EVENTS:][:events])
        busy, lateness = _evenly(served, notes, people[IDLE_EVENTS + events :], maximum / 2)
        return Measured(idle, maximum, busy, lateness)


def _channel(port: int) -> dict[str, str]:
    settings = {
        "ADAPTER": "smtp",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "ENCRYPTION": "none",
        "FROM": "Shop <news@shop.example>",
        "CONNECTIONS": "16",
        "MESSAGES_PER_CONNECTION": "100000",
    }
    return {f"WAYLINE_CHANNELS_EMAIL_{name}": value for name, value in settings.items()}


def _people(count: int) -> list[_Person]:
    """Every fourth of the last two thirds enters the journey with a timer."""
    late = IDLE_EVENTS + (count - IDLE_EVENTS) // 3
    return [
        _Person(number, "Visited" if number >= late and number % 4 == 0 else "Signed Up")
        for number in range(count)
    ]


def _introduce(served: Listening, people: Sequence[_Person]) -> None:
    """Makes everybody known, and waits until nothing is left to be done."""
    calls = [
        {
            "type": "identify",
            "messageId": f"i-{each.number}",
            "userId": f"customer-{each.number}",
            "traits": {"first_name": f"Ada {each.number}", "email": each.address},
        }
        for each in people
    ]
    pour(served, bodies_of(calls, 100))
    until = time.monotonic() + PATIENCE
    while _metric(served, "wayline_signals_total") < len(people):
        if time.monotonic() > until:
            raise SystemExit("the people have not been taken in")
        time.sleep(0.1)


def _metric(served: Listening, name: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def _track(person: _Person) -> dict[str, object]:
    return {
        "type": "track",
        "messageId": f"t-{person.number}",
        "userId": f"customer-{person.number}",
        "event": person.event,
    }


def _one_by_one(served: Listening, notes: _Notes, people: Sequence[_Person]) -> list[float]:
    taken = []
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    with contextlib.closing(connection):
        for each in people:
            accepted = _send(connection, [each])
            notes.wait([each.address], 0.001)
            taken.append(max(0, notes.handed_over[each.address] - accepted) / 1e9)
            time.sleep(PAUSE)
    return taken


def _send(connection: http.client.HTTPConnection, people: Sequence[_Person]) -> int:
    """When the answer was there, in nanoseconds of the monotonic clock."""
    body = orjson.dumps({"batch": [_track(each) for each in people]})
    try:
        response = _answer(connection, body)
    except ConnectionError:
        connection.close()  # it had rested too long; what is sent again is known by its id
        response = _answer(connection, body)
    said = response.read()
    now = time.monotonic_ns()
    if response.status != 200:
        raise SystemExit(f"an event was refused: {said.decode()}")
    return now


def _answer(connection: http.client.HTTPConnection, body: bytes) -> http.client.HTTPResponse:
    connection.request("POST", "/v1/batch", body, {"content-type": "application/json"})
    return connection.getresponse()


def _as_many_as_possible(served: Listening, notes: _Notes, people: Sequence[_Person]) -> float:
    """Messages per second, from the first event to the last message."""
    began = time.monotonic_ns()
    pour(served, bodies_of([_track(each) for each in people], 100))
    addresses = [each.address for each in people]
    notes.wait(addresses, 0.05)
    last = max(notes.handed_over[each] for each in addresses)
    return len(people) * 1e9 / (last - began)


def _evenly(
    served: Listening, notes: _Notes, people: Sequence[_Person], per_second: float
) -> tuple[list[float], list[float]]:
    """Seconds to the message, and how much later than its timer it came."""
    began = time.monotonic()
    groups = [people[place : place + BATCH] for place in range(0, len(people), BATCH)]
    accepted: dict[int, int] = {}
    with contextlib.ExitStack() as stack:
        idle = [
            stack.enter_context(
                contextlib.closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=60))
            )
            for _ in range(8)
        ]

        def send(group: Sequence[_Person]) -> None:
            connection = idle.pop()
            at = _send(connection, group)
            idle.append(connection)
            accepted.update({each.number: at for each in group})

        with ThreadPoolExecutor(len(idle)) as senders:
            sent = []
            for place, group in enumerate(groups):
                time.sleep(max(0.0, began + place * BATCH / per_second - time.monotonic()))
                sent.append(senders.submit(send, group))
            for each in sent:
                each.result()
    notes.wait([each.address for each in people], 0.05)
    taken = {
        each: (notes.handed_over[each.address] - accepted[each.number]) / 1e9 for each in people
    }
    at_once = [max(0.0, seconds) for each, seconds in taken.items() if each.event == "Signed Up"]
    late = [max(0.0, seconds - WAIT) for each, seconds in taken.items() if each.event == "Visited"]
    return at_once, late


def _percentile(values: Sequence[float], percent: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def lines(options: argparse.Namespace) -> Iterator[Line]:
    """(i) how long somebody waits for a message."""
    for place, letter in (("SQLite", "(i) "), ("PostgreSQL", "    ")):
        took = run(options.messages, postgres=place == "PostgreSQL")
        goal = IDLE_GOAL[place]
        slow = _percentile(took.idle, 99)
        yield Line(
            f"{letter}accepted to handed over, idle, {place}, 99 of 100 within ms",
            f"{slow * 1000:.0f}",
            f"< {goal * 1000:g}",
            slow < goal,
        )
        half = _percentile(took.idle, 50)
        yield Line("    the same, half of them within ms", f"{half * 1000:.0f}")
        yield Line("    messages per second, as many as possible", f"{took.maximum:,.0f}")
        busy = _percentile(took.busy, 99)
        yield Line(
            "    accepted to handed over at half of that, 99 of 100 within s",
            f"{busy:.2f}",
            f"< {BUSY_GOAL:g}",
            busy < BUSY_GOAL,
        )
        late = _percentile(took.lateness, 99)
        yield Line("    lateness of timers meanwhile, 99 of 100 within s", f"{late:.2f}")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency")
    parser.add_argument("--events", type=int, default=3_000, help="of one phase")
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    took = run(options.events, postgres=options.postgres)
    for name, values in (
        ("idle", took.idle),
        ("at half of the maximum", took.busy),
        ("lateness of timers", took.lateness),
    ):
        half, slow = _percentile(values, 50), _percentile(values, 99)
        print(f"{name}: half {half * 1000:.1f} ms, 99 of 100 {slow * 1000:.1f} ms")
    print(f"maximum {took.maximum:,.0f} messages/s")


if __name__ == "__main__":
    main()
