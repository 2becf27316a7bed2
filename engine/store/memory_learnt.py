"""What was learnt, in memory."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from threading import RLock

from dsl.calendar import Instant
from engine.core.learning import Assignment, Counted, Snapshot, Values
from engine.store.learnt import Verdict

__all__ = ["MemoryLearnt"]


class MemoryLearnt:
    """Dictionaries and a heap, behind the lock of the store."""

    def __init__(self, lock: RLock) -> None:
        self._lock = lock
        self._assignments: dict[str, Assignment] = {}
        self._open: list[tuple[Instant, int, str]] = []  # known, in the order of coming
        self._heard: dict[str, int] = {}
        self._serial = 0
        self._counts: dict[str, Counter[str]] = {}
        self._snapshots: dict[str, list[Snapshot]] = {}
        self._until: Instant | None = None

    # -------------------------------------------------------------------- with a batch

    def assign(self, assignment: Assignment) -> None:
        """Keeps an assignment, unless it is there already."""
        if assignment.id not in self._assignments:
            self._serial += 1
            self._heard[assignment.id] = self._serial
            self._put(assignment)

    def count(self, counted: Counted, number: int) -> None:
        """Adds to what was counted."""
        self._counts.setdefault(counted.subject, Counter())[counted.what] += number

    def erase(self, person: str) -> None:
        """Forgets to whom a person was assigned. What was counted is about nobody."""
        for each in [each for each in self._assignments.values() if each.person == person]:
            del self._assignments[each.id]
            del self._heard[each.id]

    def rename(self, before: str, person: str) -> None:
        """What is known of somebody is of somebody else."""
        for each in [each for each in self._assignments.values() if each.person == before]:
            self._assignments[each.id] = each._replace(person=person)

    # ---------------------------------------------------------------------- every hour

    def due(self, now: Instant, limit: int) -> list[Assignment]:
        with self._lock:
            found: list[tuple[Instant, int, str]] = []
            while self._open and self._open[0][0] <= now and len(found) < limit:
                entry = heappop(self._open)
                kept = self._assignments.get(entry[2])
                if kept is not None and kept.fate == "open" and kept.known == entry[0]:
                    found.append(entry)
            for entry in found:
                heappush(self._open, entry)
            return [self._assignments[entry[2]] for entry in found]

    def judge(self, verdicts: Sequence[Verdict]) -> int:
        with self._lock:
            closed = 0
            for verdict in verdicts:
                kept = self._assignments.get(verdict.assignment)
                if kept is None or kept.fate != "open":
                    continue
                self._put(kept._replace(fate=verdict.fate, known=verdict.known))
                closed += verdict.fate != "open"
                if verdict.counted is not None:
                    self.count(verdict.counted, 1)
            return closed

    def counts(self, subjects: Iterable[str]) -> dict[str, dict[str, int]]:
        with self._lock:
            return {subject: dict(self._counts.get(subject, {})) for subject in subjects}

    def snapshots(self, subjects: Iterable[str], now: Instant) -> dict[str, Snapshot]:
        with self._lock:
            found = {}
            for subject in subjects:
                for snapshot in reversed(self._snapshots.get(subject, ())):
                    if snapshot.at <= now:
                        found[subject] = snapshot
                        break
            return found

    def first(self, subject: str) -> Snapshot | None:
        """The first snapshot of a subject."""
        with self._lock:
            return next(iter(self._snapshots.get(subject, ())), None)

    def put(self, at: Instant, values: Mapping[str, Values]) -> None:
        """Makes snapshots as of ``at``."""
        with self._lock:
            for subject, known in values.items():
                past = self._snapshots.setdefault(subject, [])
                if all(each.at != at for each in past):
                    number = max((each.number for each in past), default=0) + 1
                    insort(past, Snapshot(subject, number, at, known), key=lambda each: each.at)

    def keep(self, at: Instant, values: Mapping[str, Values]) -> None:
        with self._lock:
            self.put(at, values)
            self._until = at if self._until is None else max(at, self._until)

    def until(self) -> Instant | None:
        return self._until

    def assignments(self, scope: str) -> list[Assignment]:
        with self._lock:
            return [each for each in self._assignments.values() if each.scope == scope]

    def of(self, person: str) -> list[Assignment]:
        """What a person was assigned to."""
        with self._lock:
            return [each for each in self._assignments.values() if each.person == person]

    def _put(self, assignment: Assignment) -> None:
        self._assignments[assignment.id] = assignment
        if assignment.fate == "open":
            serial = self._heard[assignment.id]
            heappush(self._open, (assignment.known, serial, assignment.id))
