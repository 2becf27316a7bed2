"""Keeping house: what nobody needs any more goes, when the policy says so.

Bit by bit, so that nobody waits for it, and from where it was last gone through to. What had to
stay for somebody who was inside is looked at again after four weeks, and as soon as something else
is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from dsl.calendar import DAY, HOUR, Duration, Instant
from dsl.fingerprint import fingerprint
from dsl.lookback import look_backs
from dsl.machine import After, AnyTime, EventTrigger, Machine, Project, Split
from engine.core.keeping import Keeping, is_slim, slimmed
from engine.store.old import Ended, Line, Old, Sent, Shelf, Taken
from engine.store.protocol import Store

__all__ = ["Keeper", "Kept", "keeping_of"]

_AGAIN = 28 * DAY  # after so long everything is gone through from its beginning
_LEAST = 30 * DAY  # what is repeated later than this is not recognised
_T = TypeVar("_T", Line, Sent, Ended, Taken)
_LINKS = 400 * DAY  # whoever finds an old letter can still unsubscribe by it
_TURN = HOUR  # of several who keep one house, one begins


class Kept(NamedTuple):
    """What one step did: how many things of each kind went. ``more`` says that it is not done."""

    gone: Mapping[str, int] = MappingProxyType({})
    more: bool = False


def keeping_of(project: Project, earlier: Iterable[Machine] = ()) -> Keeping:
    """What must be kept, and how long the policy wants the rest to be. ``earlier`` are versions of
    journeys in which people still are.
    """
    policy, keep = project.policy, project.policy.keep
    machines = [*project.machines.values(), *earlier]
    late = [policy.accept_for_waits, policy.ignore_for_starts]
    for machine in machines:
        late += [
            way.accept_older
            for way in machine.triggers
            if isinstance(way, EventTrigger) and way.accept_older is not None
        ]
    latest = max(each.longest for each in late)
    return Keeping(
        _at_least(keep.events, max(_LEAST, latest)),
        _at_least(keep.story, _LEAST),
        _sooner(_at_least(keep.texts, DAY), _at_least(keep.story, _LEAST)),
        _at_least(keep.story, _LINKS),
        {
            event: None if each.longest is None else each.longest + latest
            for event, each in look_backs(project, machines).items()
        },
        _remembered(machines),
    )


def _at_least(length: Duration | None, least: Instant) -> Instant | None:
    return None if length is None else max(length.longest, least)


def _sooner(one: Instant | None, other: Instant | None) -> Instant | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _remembered(machines: Sequence[Machine]) -> dict[str, Instant | None]:
    """How long the last passage through a journey matters. For ever: where nobody may return, and
    where every passage is drawn for anew.
    """
    found: dict[str, Instant | None] = {}
    for machine in machines:
        drawn = any(isinstance(step, Split) and step.every_time for step in machine.code)
        again = machine.re_enter
        if isinstance(again, AnyTime) and not drawn:
            continue
        length = again.length.longest if isinstance(again, After) and not drawn else None
        known = found.get(machine.journey, 0)
        found[machine.journey] = None if length is None or known is None else max(length, known)
    return found


class Keeper:
    """Keeps the house of one store. With ``dry``, nothing goes, and it is only counted what would.

    A keeper goes through everything once; for the next time there is another.
    """

    def __init__(self, store: Store, *, dry: bool = False) -> None:
        self._old = store.old
        self._dry = dry
        self._steps: Iterator[Mapping[str, int]] | None = None

    def begin(self, now: Instant) -> bool:
        """Whether nobody else has begun within the hour."""
        return self._old is not None and self._old.take_turn(now, _TURN)

    def run_once(self, keeping: Keeping, now: Instant, limit: int = 500) -> Kept:
        """One transaction's worth, of up to ``limit`` things."""
        if self._old is None:
            return Kept()
        if self._steps is None:
            self._steps = _Round(self._old, keeping, now, limit, dry=self._dry).steps()
        gone = next(self._steps, None)
        return Kept() if gone is None else Kept(gone, more=True)


class _Round:
    """Once through everything."""

    def __init__(self, old: Old, keeping: Keeping, now: Instant, limit: int, *, dry: bool) -> None:
        self._old = old
        self._keeping = keeping
        self._now = now
        self._limit = limit
        self._dry = dry
        self._marks: dict[str, int] = {}

    def steps(self) -> Iterator[Mapping[str, int]]:
        """How many things went, in each step."""
        self._marks = self._marked()
        old, now, keeping = self._old, self._now, self._keeping
        parts: list[Iterator[Mapping[str, int]]] = []
        if keeping.events is not None:
            is_over = _received(now - keeping.events)
            parts.append(self._walk("log", old.lines, is_over, self._let_lines_go))
        if keeping.texts is not None:
            said = _decided(now - keeping.texts)
            parts.append(self._walk("texts", old.sent, said, self._let_texts_go))
        if keeping.deliveries is not None:
            sent = _decided(now - keeping.deliveries)
            parts.append(self._walk("deliveries", old.sent, sent, self._let_deliveries_go))
        if keeping.story is not None:
            parts += self._story(now - keeping.story)
        if not self._dry:
            parts.append(iter([{"set aside": old.drop_released(now - DAY)}]))
        return chain(*parts)

    def _story(self, since: Instant) -> list[Iterator[Mapping[str, int]]]:
        old = self._old
        remembered = sorted(self._keeping.remembered)
        return [
            self._walk(
                "runs",
                lambda after, limit: old.ended(after, limit, remembered),
                lambda it: (it.run.left or it.run.entered) < since,
                self._let_runs_go,
            ),
            self._walk(
                "decisions",
                old.decided,
                lambda it: it.at < since,
                lambda over: self._let_go("decisions", over),
            ),
            self._walk(
                "assignments",
                old.assigned,
                lambda it: it.at < since,
                lambda over: self._let_go("assignments", over),
            ),
            self._let_snapshots_go(since),
        ]

    def _marked(self) -> dict[str, int]:
        """Where to go on; from the beginning, if that is long ago or something else is kept now."""
        kept = int(fingerprint(self._keeping), 16) >> 1
        marks = dict(self._old.marks())
        since = marks.get("since", self._now)
        if marks.get("keeping") != kept or not since <= self._now < since + _AGAIN:
            return {"keeping": kept, "since": self._now}
        return marks

    def _reach(self, what: str, number: int) -> None:
        self._marks[what] = number
        if not self._dry:
            self._old.mark(self._marks)

    def _drop(self, shelf: Shelf, numbers: Sequence[int]) -> int:
        return len(numbers) if self._dry else self._old.drop(shelf, numbers)

    def _walk(
        self,
        mark: str,
        look: Callable[[int, int], Sequence[_T]],
        is_over: Callable[[_T], bool],
        let_go: Callable[[Sequence[_T]], Mapping[str, int]],
    ) -> Iterator[Mapping[str, int]]:
        """Goes on from a mark, through what ``is_over``, up to the first thing that is not."""
        while True:
            over: list[_T] = []
            for each in look(self._marks.get(mark, 0), self._limit):
                if not is_over(each):
                    break
                over.append(each)
            yield let_go(over) if over else {}
            if over:
                self._reach(mark, over[-1].number)
            if len(over) < self._limit:
                return

    def _hands(self, people: Iterable[str]) -> Mapping[str, Instant | None]:
        return self._old.in_hand(list(dict.fromkeys(people)))

    def _let_lines_go(self, over: Sequence[Line]) -> Mapping[str, int]:
        hands = self._hands(line.person for line in over)
        gone = [
            line.number
            for line in over
            if self._keeping.lets_event_go(
                line.event, max(line.occurred, line.received), self._now, hands.get(line.person)
            )
        ]
        return {"arrivals": self._drop("log", gone)}

    def _let_texts_go(self, over: Sequence[Sent]) -> Mapping[str, int]:
        loud = [
            sent
            for sent in over
            if not sent.is_open and (sent.delivery.parts or sent.delivery.unfinished)
        ]
        return {"texts": len(loud) if self._dry else self._old.silence(loud)}

    def _let_deliveries_go(self, over: Sequence[Sent]) -> Mapping[str, int]:
        """Of one person, none goes that is later than one that stays: each knows the one before."""
        hands = self._hands(sent.delivery.person for sent in over)
        stay: set[str] = set()
        gone = []
        for number, delivery, is_open in over:
            name, at = delivery.person, delivery.decided
            lets_go = self._keeping.lets_delivery_go(at, self._now, hands.get(name))
            if is_open or name in stay or not lets_go:
                stay.add(name)
            else:
                gone.append(number)
        return {"deliveries": self._drop("deliveries", gone)}

    def _let_runs_go(self, over: Sequence[Ended]) -> Mapping[str, int]:
        """Of runs that matter to who wants to enter again, all goes but that they were."""
        keeping, now = self._keeping, self._now
        hands = self._hands(end.run.person for end in over)
        gone, slim = [], []
        for end in over:
            in_hand = hands.get(end.run.person)
            if keeping.lets_run_go(end.run, now, in_hand, is_last=end.is_last):
                gone.append(end.number)
            elif keeping.lets_run_go(end.run, now, in_hand, is_last=False) and not is_slim(end.run):
                slim.append(end._replace(run=slimmed(end.run)))
        if slim and not self._dry:
            self._old.replace_runs(slim)
        return {"runs": self._drop("closed_runs", gone)}

    def _let_snapshots_go(self, before: Instant) -> Iterator[Mapping[str, int]]:
        while True:
            found = self._old.overtaken(before, self._limit)
            yield {"snapshots": len(found) if self._dry else self._old.drop_snapshots(found)}
            if self._dry or len(found) < self._limit:
                return

    def _let_go(self, shelf: Shelf, over: Sequence[Taken]) -> Mapping[str, int]:
        gone = [taken.number for taken in over if not taken.is_open]
        return {shelf: self._drop(shelf, gone)}


def _decided(before: Instant) -> Callable[[Sent], bool]:
    return lambda sent: sent.delivery.decided < before


def _received(before: Instant) -> Callable[[Line], bool]:
    return lambda line: line.received < before
