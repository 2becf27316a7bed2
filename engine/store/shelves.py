"""Where the memory store keeps things: people with what belongs to them, and heaps of what is due.

The heaps hold entries that may have become stale; an entry counts only while the thing it points
at still says the same. So changing a timer costs one push, and nothing is ever searched for.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable
from heapq import heappop, heappush, nsmallest

from dsl.calendar import DAY, Instant
from dsl.expr.context import Happened
from engine.core.aside import Aside
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.knowing import number_of, received_at
from engine.core.numbers import finders_of
from engine.core.profile import Profile
from engine.core.run import Run
from engine.core.signals import Arrival, Erased, EventArrived, ReceiptArrived, StartAsked
from engine.store.calls import OpenCalls
from engine.store.kept import Alarm, Kept
from engine.store.queues import Queues

__all__ = ["Shelves"]


def _place(happened: Happened) -> tuple[Instant, int]:
    return happened.occurred, happened.number


def _lateness(run: Run) -> tuple[Instant, Instant, str]:
    return run.left or 0, run.entered, run.id


class Shelves:
    """All that is remembered. Not for several threads at once."""

    def __init__(self) -> None:
        self.people: dict[str, Kept] = {}
        self.deliveries: dict[str, Delivery] = {}
        self.calls = OpenCalls()
        self.owners: dict[str, set[str]] = {}  # people by their numbers and mail addresses
        self._serials: dict[str, int] = {}  # of deliveries, in the order of decision
        self._seen: set[str] = set()
        self._heard = 0  # people so far
        self._decided = 0  # deliveries so far
        self._waiting: dict[int, Kept] = {}
        self.last = 0  # number of the log
        self.told = 0  # decisions so far
        self.erasing: Callable[[Kept, int], None] | None = None  # is told of who is forgotten
        self.received: Instant | None = None  # when the last arrival was
        self.decided: Instant | None = None  # when the last decision was
        self.released: dict[str, Instant] = {}  # who was set aside: when they were released
        self.round: int | None = None  # where a round goes on; None: there is none
        self._alarms: list[Alarm] = []
        self.queued = Queues(self.deliveries)
        self._leased: list[tuple[Instant, int, str]] = []
        self._ends: dict[Instant, Instant] = {}  # of leases that were put off

    def person(self, name: str) -> Kept:
        """What is kept of a person; from now on the store has heard of them."""
        kept = self.people.get(name)
        if kept is None:
            kept = self.people[name] = Kept(self._heard, Profile(name))
            self._heard += 1
        return kept

    def heard_from(self, start: int, limit: int) -> list[Kept]:
        """Up to ``limit`` people, from the ``start``-th that was ever heard of."""
        later = (kept for kept in self.people.values() if kept.heard >= start)
        return nsmallest(limit, later, key=lambda kept: kept.heard)

    def erase(self, name: str, through: int) -> None:
        """Forgets a person, except arrivals with a number above ``through``."""
        kept = self.people.pop(name, None)
        if kept is None:
            return
        if self.erasing is not None:
            self.erasing(kept, through)
        self._own(kept.profile, Profile(kept.profile.id))
        later = [each for number, each in sorted(kept.pending.items()) if number > through]
        for number in kept.pending:
            del self._waiting[number]
        self._seen.difference_update(id_ for number, id_ in kept.arrived if number != through)
        for delivery in kept.deliveries:
            del self.deliveries[delivery]
            del self._serials[delivery]
        self.calls.erase(name)
        self.released.pop(name, None)
        if later:
            names = [each for each in kept.names if each.number > through]
            self.people[name] = Kept(kept.heard, Profile(name), names=names)
        for received, number, arrival in later:
            self.shelve(arrival, number, received)

    def shelve(self, arrival: Arrival, number: int, received: Instant) -> None:
        """Puts an arrival where it waits to be processed, from ``received`` on."""
        kept = self.person(arrival.person)
        self._seen.add(arrival.id)
        kept.arrived.append((number, arrival.id))
        if isinstance(arrival, EventArrived):
            self._remember(kept, arrival.event)
        kept.pending[number] = (received, number, arrival)
        self._waiting[number] = kept
        heappush(self._alarms, Alarm(received, kept.heard, arrival.person, "", number))

    def take_back(self, arrival: Arrival) -> int | None:
        """Takes an arrival from where it waits, to be shelved again. Its number; None if it does not
        wait any more.
        """
        number = number_of(arrival)
        kept = self._waiting.pop(number, None)
        if kept is None:
            return None
        del kept.pending[number]
        kept.arrived.remove((number, arrival.id))
        if isinstance(arrival, EventArrived):
            past = kept.history[arrival.event.name]
            past[:] = [each for each in past if each.number != number]
        return number

    def serial(self, delivery: str) -> int:
        """The how-manieth delivery it was that was decided."""
        return self._serials[delivery]

    def receive(self, arrival: Arrival) -> bool:
        """Adds an arrival that waits to be processed; False if its id was seen before."""
        if arrival.id in self._seen:
            return False
        number = self.last = self.last + 1
        self.received = received_at(arrival)
        if isinstance(arrival, EventArrived):
            event = arrival.event._replace(number=number)
            self.shelve(EventArrived(arrival.id, arrival.person, event), number, self.received)
        else:
            self.shelve(arrival._replace(number=number), number, self.received)
        return True

    def file(self, arrival: Arrival) -> bool:
        """Adds an arrival that is history already; False if its id was seen before."""
        if arrival.id in self._seen:
            return False
        number = self.last + 1
        if isinstance(arrival, EventArrived):
            self.record(arrival._replace(event=arrival.event._replace(number=number)))
        else:
            self.last, self.received = number, received_at(arrival)
            self._seen.add(arrival.id)
            self.person(arrival.person).arrived.append((number, arrival.id))
        return True

    def record(self, made: EventArrived) -> None:
        """Adds an event that is history already, under the number it has."""
        kept = self.person(made.person)
        if made.id not in self._seen:
            self._seen.add(made.id)
            kept.arrived.append((made.event.number, made.id))
            self.last = max(self.last, made.event.number)
            self.received = made.event.received
            self._remember(kept, made.event)

    def decide(self, decision: Decision) -> None:
        """Adds to a person's story."""
        self.decided = decision.at
        self.told += 1
        self.person(decision.person).decisions.append((self.told, decision))

    def in_reach(self) -> list[Instant]:
        """When the arrivals were received that wait to be processed."""
        return [
            kept.pending[number][0]
            for number, kept in self._waiting.items()
            if kept.aside is None or isinstance(kept.pending[number][2], Erased)
        ]

    def bring_forward(self, now: Instant) -> int:
        """Lets what was received after ``now`` be due then. How much that was."""
        ahead = [
            (number, kept)
            for number, kept in self._waiting.items()
            if kept.pending[number][0] > now
            and (kept.aside is None or isinstance(kept.pending[number][2], Erased))
        ]
        for number, kept in ahead:
            kept.pending[number] = (now, *kept.pending[number][1:])
            heappush(self._alarms, Alarm(now, kept.heard, kept.profile.id, "", number))
        return len(ahead)

    def process(self, number: int) -> None:
        """The arrival does not wait any more."""
        kept = self._waiting.pop(number, None)
        if kept is not None:
            _, _, arrival = kept.pending.pop(number)
            if isinstance(arrival, ReceiptArrived):
                kept.receipts.append(arrival)
            elif isinstance(arrival, StartAsked):
                kept.starts.append(arrival)

    def set_aside(self, aside: Aside) -> None:
        """Lets nothing of a person be due until they are released, except forgetting them."""
        self.person(aside.person).aside = aside
        self.released.pop(aside.person, None)

    def release(self, kept: Kept, at: Instant) -> None:
        """Lets somebody who is set aside be due again, with everything that waited."""
        name = kept.profile.id
        kept.aside = None
        self.released = {n: then for n, then in self.released.items() if then >= at - DAY}
        self.released[name] = at
        if kept.known:
            wake = kept.profile.wake
            kept.profile = kept.profile._replace(wake=at if wake is None else min(wake, at))
        alarms = [Alarm(came, kept.heard, name, "", n) for n, (came, *_) in kept.pending.items()]
        alarms += [
            Alarm(run.due, kept.heard, name, run.id, 0)
            for run in kept.runs.values()
            if run.due is not None
        ]
        if kept.profile.wake is not None:
            alarms.append(Alarm(kept.profile.wake, kept.heard, name, "", 0))
        self.put_back(alarms)

    def put_profile(self, profile: Profile) -> None:
        """Keeps a profile, and its wake if it has a new one."""
        kept = self.person(profile.id)
        before = kept.profile.wake
        if kept.profile.addresses is not profile.addresses:
            self._own(kept.profile, profile)
        kept.profile, kept.known = profile, not profile.identity.merged
        if profile.wake is not None and profile.wake != before:
            heappush(self._alarms, Alarm(profile.wake, kept.heard, profile.id, "", 0))

    def _own(self, before: Profile, after: Profile) -> None:
        """Somebody has other addresses now."""
        for found in finders_of(before):
            self.owners[found].discard(before.id)
        for found in finders_of(after):
            self.owners.setdefault(found, set()).add(before.id)

    def put_run(self, run: Run) -> None:
        """Keeps a run, and its timer if it has a new one. Nothing wakes a closed run."""
        kept = self.person(run.person)
        before = kept.runs.pop(run.id, None)
        if run.status == "closed":
            run = run if run.due is None else run._replace(due=None)
            kept.closed[run.id] = run
            if run.outcome != "restart":
                keys = kept.latest.setdefault(run.journey, {})
                other = keys.get(run.key)
                if other is None or _lateness(other) <= _lateness(run):
                    keys[run.key] = run
            return
        kept.runs[run.id] = run
        if run.due is not None and (before is None or before.due != run.due):
            heappush(self._alarms, Alarm(run.due, kept.heard, run.person, run.id, 0))

    def put_delivery(self, delivery: Delivery) -> None:
        """Keeps a delivery, and queues it or watches its lease."""
        serial = self._serials.get(delivery.id)
        if serial is None:
            serial = self._serials[delivery.id] = self._decided
            self._decided += 1
            self.person(delivery.person).deliveries.append(delivery.id)
        self.deliveries[delivery.id] = delivery
        if delivery.status == "queued":
            self.queued.put(delivery, serial)
        elif delivery.status == "calling" and delivery.lease is not None:
            end = self._ends.get(delivery.lease, delivery.lease)
            heappush(self._leased, (end, serial, delivery.id))

    def take_alarms(self, now: Instant, limit: int) -> tuple[list[str], list[Alarm]]:
        """The people due by ``now``, and the alarms taken off the heap for them."""
        people: dict[str, None] = {}
        taken: list[Alarm] = []
        while (alarm := self._next_alarm()) is not None and alarm.at <= now:
            if alarm.person not in people and len(people) >= limit:
                break
            people[alarm.person] = None
            taken.append(heappop(self._alarms))
        return list(people), taken

    def put_back(self, alarms: Iterable[Alarm]) -> None:
        """Sets alarms again that were taken off, as far as they still count."""
        for alarm in alarms:
            if self._counts(alarm):
                heappush(self._alarms, alarm)

    def renew(self, until: Instant, calls_until: Instant) -> None:
        """Puts off the ends of all leases that would end before."""
        out = [self.deliveries[name] for _, _, name in self._leased]
        out = [each for each in out if each.status == "calling"]
        self._ends = {lease: max(self._ends.get(lease, lease), until) for lease in _leases(out)}
        for delivery in out:
            self.put_delivery(delivery)
        self.calls.renew(calls_until)

    def overdue(self, now: Instant) -> list[Delivery]:
        """Deliveries whose lease ended by ``now``; they stay where they are."""
        self._next_leased()
        entries = sorted({entry for entry in self._leased if entry[0] <= now})
        return [self.deliveries[entry[2]] for entry in entries if self._is_leased(entry)]

    def next_wake(self) -> Instant | None:
        """The earliest instant at which anything is due."""
        heads = (self._next_alarm(), self._next_leased())
        wakes = [head[0] if head is not None else None for head in heads]
        wakes += [self.queued.next_wake(), self.calls.next_wake()]
        return min((wake for wake in wakes if wake is not None), default=None)

    def _remember(self, kept: Kept, event: Happened) -> None:
        past = kept.history.setdefault(event.name, [])
        if not past or _place(past[-1]) < _place(event):
            past.append(event)
        else:
            insort(past, event, key=_place)

    def _counts(self, alarm: Alarm) -> bool:
        kept = self.people.get(alarm.person)
        if kept is None:
            return False
        if alarm.number:
            pending = kept.pending.get(alarm.number)
            return pending is not None and (kept.aside is None or isinstance(pending[2], Erased))
        if kept.aside is not None:
            return False
        if not alarm.run:
            return kept.profile.wake == alarm.at
        run = kept.runs.get(alarm.run)
        return run is not None and run.due == alarm.at

    def _is_leased(self, entry: tuple[Instant, int, str]) -> bool:
        delivery = self.deliveries.get(entry[2])
        if delivery is None or delivery.status != "calling" or delivery.lease is None:
            return False
        return self._ends.get(delivery.lease, delivery.lease) == entry[0]

    def _next_alarm(self) -> Alarm | None:
        while self._alarms and not self._counts(self._alarms[0]):
            heappop(self._alarms)
        return self._alarms[0] if self._alarms else None

    def _next_leased(self) -> tuple[Instant, int, str] | None:
        while self._leased and not self._is_leased(self._leased[0]):
            heappop(self._leased)
        return self._leased[0] if self._leased else None


def _leases(deliveries: Iterable[Delivery]) -> set[Instant]:
    return {each.lease for each in deliveries if each.lease is not None}
