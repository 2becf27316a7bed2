"""Clients: they tell what customers do, and tell it again until somebody answers."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from random import Random

import orjson

from tests.soak.house import Process
from tests.soak.shop import Customer

__all__ = ["Clients"]

_AGAIN = 0.1  # seconds, before something is sent again
_AT_ONCE = 4  # customers in one request


class Clients:
    """Sends one batch after the other, at most ``rate`` customers a second, until told to stop."""

    def __init__(self, doors: Sequence[Process], rate: float, random: Random) -> None:
        self.customers: list[Customer] = []  # whose events were accepted, all of them
        self.answers: Counter[int] = Counter()  # by status; 0 is none
        self._doors = doors
        self._pause = _AT_ONCE / rate
        self._random = random
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._failure: BaseException | None = None

    def open(self) -> None:
        """Begins."""
        self._thread.start()

    def close(self) -> None:
        """Nobody new comes; what was begun is told to the end."""
        self._over.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    @property
    def events(self) -> int:
        """How many events were accepted."""
        return sum(len(each.calls) for each in self.customers)

    def _live(self) -> None:
        try:
            while not self._over.wait(self._pause):
                first = len(self.customers)
                coming = [
                    Customer.drawn(f"c{number}", self._random)
                    for number in range(first, first + _AT_ONCE)
                ]
                self._tell(coming)
                self.customers += coming
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self._failure = error

    def _tell(self, customers: Sequence[Customer]) -> None:
        body = orjson.dumps({"batch": [call for each in customers for call in each.calls]})
        while True:
            door = self._random.choice(self._doors)
            status = door.ask("POST", "/v1/batch", body)
            self.answers[status] += 1
            if status == 200:
                return
            assert status in (0, 429, 503, 507), f"{status} from {door.name}"
            threading.Event().wait(_AGAIN)
