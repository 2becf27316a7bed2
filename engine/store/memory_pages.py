"""Pages of what the memory store keeps. Places are counted, as everything only grows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from threading import RLock

from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.origins import Origin
from engine.core.signals import EventArrived, ReceiptArrived, StartAsked
from engine.store import letters
from engine.store.shelves import Shelves

__all__ = ["MemoryPages"]


class MemoryPages:
    """Looks on the shelves, behind the lock of the store."""

    def __init__(self, lock: RLock, shelves: Shelves) -> None:
        self._lock = lock
        self._shelves = shelves

    def people(self, after: int, limit: int) -> list[tuple[int, str]]:
        with self._lock:
            found = self._shelves.heard_from(after, limit)
            return [(kept.heard + 1, kept.profile.id) for kept in found]

    def events(
        self, person: str, before: int | None, limit: int, names: Collection[str] = ()
    ) -> list[EventArrived]:
        with self._lock:
            kept = self._shelves.people.get(person)
            if kept is None:
                return []
            ids = dict(kept.arrived)
            happened = [
                event
                for name, past in kept.history.items()
                if not names or name in names
                for event in past
                if before is None or event.number < before
            ]
            happened.sort(key=lambda each: each.number, reverse=True)
            return [EventArrived(ids[each.number], person, each) for each in happened[:limit]]

    def deliveries(self, person: str, before: int | None, limit: int) -> list[tuple[int, Delivery]]:
        with self._lock:
            kept = self._shelves.people.get(person)
            names = kept.deliveries if kept else []
            places = _places(len(names), before, limit)
            return [(at, self._shelves.deliveries[names[at - 1]]) for at in places]

    def decisions(self, person: str, before: int | None, limit: int) -> list[tuple[int, Decision]]:
        with self._lock:
            kept = self._shelves.people.get(person)
            told = kept.decisions if kept else []
            return [(at, told[at - 1][1]) for at in _places(len(told), before, limit)]

    def receipts(self, person: str, delivery: str, limit: int) -> list[ReceiptArrived]:
        with self._lock:
            kept = self._shelves.people.get(person)
            if kept is None:
                return []
            waiting = [each for _, _, each in kept.pending.values()]
            told = [each for each in (*kept.receipts, *waiting) if isinstance(each, ReceiptArrived)]
        mine = [each for each in told if each.delivery == delivery]
        return sorted(mine, key=lambda each: each.number)[-limit:]

    def arrival(self, identity: str) -> EventArrived | StartAsked | None:
        with self._lock:
            for kept in self._shelves.people.values():
                filed = [each for each, _ in kept.filed()]
                for each in (*filed, *kept.starts):
                    if each.id == identity and isinstance(each, EventArrived | StartAsked):
                        return each
        return None

    def origins(self, person: str) -> Mapping[str, Origin]:
        with self._lock:
            kept = self._shelves.people.get(person)
            return {} if kept is None else {**kept.origins}

    def waiting(self, person: str) -> Collection[str]:
        with self._lock:
            kept = self._shelves.people.get(person)
            pending = kept.pending.values() if kept else ()
            return {letters.arrival_kind(arrival)[0] for _, _, arrival in pending}


def _places(count: int, before: int | None, limit: int) -> range:
    """The last places, counted from 1, behind which nothing is left out."""
    end = count if before is None else min(max(before, 1) - 1, count)
    return range(end, max(end - limit, 0), -1)
