"""Where the memory store keeps questions to web services until their answers are in."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TypeAlias

from dsl.calendar import Instant
from engine.core.effects import CallWebhook

__all__ = ["OpenCalls"]

_Entry: TypeAlias = tuple[Instant, int, str]  # wake, in the order of asking


class OpenCalls:
    """Calls by id, and for each web service a heap of when something is to be done about them. An
    entry of a heap counts only while its call still says the same. Not for several threads at once.
    """

    def __init__(self) -> None:
        self._calls: dict[str, CallWebhook] = {}
        self._serials: dict[str, int] = {}
        self._asked = 0  # so far
        self._wakes: dict[str, list[_Entry]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._calls

    def put(self, call: CallWebhook) -> None:
        """Keeps a call, in the place of one with its id."""
        if call.id not in self._serials:
            self._asked += 1
            self._serials[call.id] = self._asked
        self._calls[call.id] = call
        wakes = self._wakes.setdefault(call.service, [])
        heappush(wakes, (_wake(call), self._serials[call.id], call.id))

    def due(self, now: Instant) -> list[str]:
        """The services of which a call is due, or its lease over, in the order of their names."""
        heads = ((service, self._head(service)) for service in sorted(self._wakes))
        return [service for service, head in heads if head is not None and head[0] <= now]

    def claim(
        self, now: Instant, limit: int, lease: Instant, service: str | None = None
    ) -> list[CallWebhook]:
        """Up to ``limit`` calls that are due, or whose lease is over, of one service or of all."""
        claimed: list[CallWebhook] = []
        services = list(self._wakes) if service is None else [service] * (service in self._wakes)
        while len(claimed) < limit:
            heads = [(head, each) for each in services if (head := self._head(each)) is not None]
            if not heads or min(heads)[0][0] > now:
                break
            name = heappop(self._wakes[min(heads)[1]])[2]
            claimed.append(self._calls[name]._replace(lease=lease))
            self._calls[name] = claimed[-1]
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

    def renew(self, until: Instant) -> None:
        """Puts off the ends of all leases that would end before."""
        for call in [each for each in self._calls.values() if each.lease and each.lease < until]:
            self.put(call._replace(lease=until))

    def of(self, person: str) -> list[CallWebhook]:
        """The calls of a person, in the order in which they were asked for."""
        found = [each for each in self._calls.values() if each.person == person]
        return sorted(found, key=lambda each: self._serials[each.id])

    def rename(self, before: str, person: str) -> None:
        """The calls of somebody are of somebody else."""
        for call in [each for each in self._calls.values() if each.person == before]:
            self._calls[call.id] = call._replace(person=person)

    def erase(self, person: str) -> None:
        """Forgets the calls of a person."""
        for call in [each for each in self._calls.values() if each.person == person]:
            self.remove(call.id)

    def next_wake(self) -> Instant | None:
        """When the first of them is to be done something about."""
        heads = (self._head(service) for service in self._wakes)
        return min((head[0] for head in heads if head is not None), default=None)

    def _head(self, service: str) -> _Entry | None:
        wakes = self._wakes[service]
        while wakes and not self._counts(wakes[0]):
            heappop(wakes)
        return wakes[0] if wakes else None

    def _counts(self, entry: _Entry) -> bool:
        wake, serial, name = entry
        call = self._calls.get(name)
        return call is not None and _wake(call) == wake and self._serials[name] == serial


def _wake(call: CallWebhook) -> Instant:
    return call.due if call.lease is None else call.lease
