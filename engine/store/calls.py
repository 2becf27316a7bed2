"""Where the memory store keeps questions to web services until their answers are in."""

from __future__ import annotations

from heapq import heappop, heappush

from dsl.calendar import Instant
from engine.core.effects import CallWebhook

__all__ = ["OpenCalls"]


class OpenCalls:
    """Calls by id, and a heap of when something is to be done about them. An entry of the heap
    counts only while its call still says the same. Not for several threads at once.
    """

    def __init__(self) -> None:
        self._calls: dict[str, CallWebhook] = {}
        self._serials: dict[str, int] = {}
        self._asked = 0  # so far
        self._wakes: list[tuple[Instant, int, str]] = []

    def __contains__(self, name: str) -> bool:
        return name in self._calls

    def put(self, call: CallWebhook) -> None:
        """Keeps a call, in the place of one with its id."""
        if call.id not in self._serials:
            self._asked += 1
            self._serials[call.id] = self._asked
        self._calls[call.id] = call
        heappush(self._wakes, (_wake(call), self._serials[call.id], call.id))

    def claim(self, now: Instant, limit: int, lease: Instant) -> list[CallWebhook]:
        """Up to ``limit`` calls that are due, or whose lease is over."""
        claimed: list[CallWebhook] = []
        while len(claimed) < limit and (wake := self.next_wake()) is not None and wake <= now:
            claimed.append(self._calls[heappop(self._wakes)[2]]._replace(lease=lease))
            self._calls[claimed[-1].id] = claimed[-1]
        for call in claimed:
            self.put(call)
        return claimed

    def put_back(self, name: str, due: Instant, attempts: int) -> None:
        """Lets a call be claimed again at ``due``, if it is still there."""
        call = self._calls.get(name)
        if call is not None:
            self.put(call._replace(due=due, attempts=attempts, lease=None))

    def remove(self, name: str) -> bool:
        """Forgets a call. Says whether it was there."""
        self._serials.pop(name, None)
        return self._calls.pop(name, None) is not None

    def reopen(self, now: Instant) -> None:
        """Ends every lease; one that is over already is none any more."""
        for call in [each for each in self._calls.values() if each.lease and each.lease > now]:
            self.put(call._replace(due=now, lease=None))

    def erase(self, person: str) -> None:
        """Forgets the calls of a person."""
        for call in [each for each in self._calls.values() if each.person == person]:
            self.remove(call.id)

    def next_wake(self) -> Instant | None:
        """When the first of them is to be done something about."""
        while self._wakes and not self._counts(self._wakes[0]):
            heappop(self._wakes)
        return self._wakes[0][0] if self._wakes else None

    def _counts(self, entry: tuple[Instant, int, str]) -> bool:
        wake, serial, name = entry
        call = self._calls.get(name)
        return call is not None and _wake(call) == wake and self._serials[name] == serial


def _wake(call: CallWebhook) -> Instant:
    return call.due if call.lease is None else call.lease
