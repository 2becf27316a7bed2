"""A burst of orders over HTTP, from a few senders at once who do as they are told: who is put off
comes back when the answer said, with the same events.

Between what is right there is what is not: bodies that cannot be read, events that nobody knows,
and a few that a bug is waiting for.
"""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

import orjson

from benchmarks.crowd import person
from tests.soak.served import POISON

__all__ = ["BATCH", "Burst", "is_poison", "who"]

BATCH = 100
_UNREADABLE = 50  # one of so many batches has a body before it that cannot be read
_UNKNOWN = 10  # one of so many has an event in it that nobody knows
_PATIENCE = 120.0


def is_poison(number: int) -> bool:
    """Whether this order raises."""
    return number % 1_000 == 13


def who(number: int, people: int) -> str:
    """Who places this order."""
    return person(number * 7919 % people)


def _order(number: int, people: int) -> dict[str, object]:
    total = POISON / 100 if is_poison(number) else 19.99
    return {
        "type": "track",
        "messageId": f"burst-{number:08d}",
        "userId": who(number, people),
        "event": "Order Completed",
        "properties": {"order_id": f"burst-{number}", "total": total},
    }


@dataclass
class Burst:
    """``events`` orders of ``people``. What the answers said is counted here."""

    port: int
    events: int
    people: int
    accepted: int = 0
    rejected: int = 0
    put_off: int = 0
    unreadable: int = 0
    seconds: float = 0.0
    waits: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._guard = threading.Lock()
        self._next = itertools.count()

    def pour(self, senders: int, tick: Callable[[], None]) -> None:
        """Until every order has been accepted. ``tick`` is called once a second."""
        began = time.monotonic()
        threads = [threading.Thread(target=self._send) for _ in range(senders)]
        for thread in threads:
            thread.start()
        while alive := [thread for thread in threads if thread.is_alive()]:
            alive[0].join(1)
            tick()
        self.seconds = time.monotonic() - began

    def _send(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)) as line:
            while (place := next(self._next)) * BATCH < self.events:
                if place % _UNREADABLE == 0:
                    self._expect(line, b'{"batch": [{"type": "tra', 400)
                while (wait := self._post(line, place)) is not None:
                    line.close()  # a server does not keep a line open that says nothing
                    threading.Event().wait(wait)

    def _post(self, line: http.client.HTTPConnection, place: int) -> int | None:
        """One batch: how many seconds it was put off for, None if it was taken."""
        numbers = range(place * BATCH, min((place + 1) * BATCH, self.events))
        calls = [_order(number, self.people) for number in numbers]
        if place % _UNKNOWN == 0:
            calls.append({"type": "track", "userId": "x", "event": "Nobody Knows"})
        status, after, body = _ask(line, orjson.dumps({"batch": calls}))
        with self._guard:
            if status == 429:
                self.put_off += 1
                self.waits.append(after)
                return after
            if status != 200:
                self.wrong.append(f"{status} {body!r}")
                return 1
            answer = orjson.loads(body)
            self.accepted += answer["accepted"] + answer["repeated"]
            self.rejected += len(answer["rejected"])
        return None

    def _expect(self, line: http.client.HTTPConnection, body: bytes, wanted: int) -> None:
        status, _, said = _ask(line, body)
        with self._guard:
            self.unreadable += 1
            if status != wanted:
                self.wrong.append(f"{status} {said!r} for what cannot be read")


def _ask(line: http.client.HTTPConnection, body: bytes) -> tuple[int, int, bytes]:
    line.request("POST", "/v1/batch", body, {"content-type": "application/json"})
    answer = line.getresponse()
    return answer.status, int(answer.headers.get("retry-after", "0")), answer.read()
