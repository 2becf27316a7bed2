"""The runner: a batch of people, one transaction. The only writer of runs.

Loads everything about the people that are due in a few statements, folds each one through the
pure core, and writes everything that changed, or nothing. If one of them cannot be folded, the
batch is rolled back and done again without them.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from dsl.calendar import Instant
from engine.core.bars import bars_of
from engine.core.changes import Changes
from engine.core.decision import Decision
from engine.core.fold import Fold
from engine.core.program import Program
from engine.core.signals import (
    Erased,
)
from engine.core.tallying import is_behind
from engine.runner.faults import Fault, are_too_many, fault_of, is_of_a_person
from engine.runner.learner import Learner
from engine.runner.needs import Needed
from engine.runner.scorer import Scorer
from engine.store.protocol import Batch, Person, Store, UnwritableError
from engine.tracing import NoTracer, Seen, Tracer

__all__ = ["Ran", "Runner"]


class Ran(NamedTuple):
    """What one batch did. ``more`` says that there may be more to do, ``outdated`` that nothing
    was done, because another project has been deployed. Of those in ``faults`` nothing was done.
    """

    people: int
    signals: int
    deliveries: int
    decisions: Sequence[Decision]
    more: bool
    outcomes: int = 0  # of people whom a split that learns has given a path
    outdated: bool = False
    calls: int = 0
    faults: Sequence[Fault] = ()
    late: Sequence[Instant] = ()  # by how much each timer was, when the batch began
    steps: int = 0  # from one instruction of a journey to another


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the cycle collector: a batch makes many objects and no cycles, and would be looked
    through again and again (a third of its time, measured with ``benchmarks.steps``). All of them
    must be gone when it comes back, or it looks through them once more.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Runner:
    """Advances people through the journeys of one program. Plain synchronous code.

    ``deployment`` is the number under which the program was deployed: as soon as there is another
    one, nothing is done with this one any more. 0: whatever is deployed, it is not asked.

    ``sets_aside``: somebody whose signals raise is set aside, and all the others go on. Without it,
    and where it cannot be about single people, what was raised goes up, and nothing is written.
    """

    def __init__(
        self,
        store: Store,
        program: Program,
        deployment: int = 0,
        *,
        sets_aside: bool = False,
        tracer: Tracer | None = None,
    ) -> None:
        self._store = store
        self._program = program
        self._learner = Learner(store)
        self._scorer = Scorer(store)
        self._deployment = deployment
        self._sets_aside = sets_aside
        self._tracer = NoTracer() if tracer is None else tracer

    @property
    def program(self) -> Program:
        """The deployed project."""
        return self._program

    def deploy(self, program: Program, deployment: int = 0) -> None:
        """Takes another program from the next batch on."""
        self._program = program
        self._deployment = deployment

    def run_once(self, now: Instant, limit: int = 1000) -> Ran:
        """Everything due by ``now`` for up to ``limit`` people, in one transaction. In the first
        batch of an hour all that is to be learnt is learnt before.
        """
        outcomes = self._learn(now)
        self._scorer.run_once(self._program, now)
        with _uncollected():
            return self._batch(now, limit)._replace(outcomes=outcomes)

    def _learn(self, now: Instant) -> int:
        """Bit by bit, so that others can write in between. How many outcomes were counted."""
        if not self._program.lessons:
            return 0
        learned = self._learner.run_once(self._program, now)
        outcomes = learned.outcomes
        while learned.more:
            learned = self._learner.run_once(self._program, now)
            outcomes += learned.outcomes
        return outcomes

    def _batch(self, now: Instant, limit: int) -> Ran:
        faults: dict[str, Fault] = {}
        while (ran := self._try(now, limit, faults)) is None:
            pass
        return ran

    def _try(self, now: Instant, limit: int, faults: dict[str, Fault]) -> Ran | None:
        """One transaction, which sets those with ``faults`` aside. None if it was rolled back,
        because there are more of them now.
        """
        with self._store.batch() as batch:
            if self._deployment and batch.current() != self._deployment:
                return Ran(0, 0, 0, (), more=False, outdated=True)
            due = batch.due(now, limit)
            visited = batch.visit(limit)
            if not due and visited is None:
                return Ran(0, 0, 0, (), more=False)
            people = batch.load(list(dict.fromkeys([*due, *(visited or ())])), now)
            if visited:
                waiting = {*due}
                people = {
                    name: person
                    for name, person in people.items()
                    if name in waiting or self._is_touched(person)
                }
            names = list(people)
            needed = Needed.of(self._program, people)
            changes = Changes()
            signals = 0
            late: list[Instant] = []
            loaded = needed.load(batch, people, now)
            numbers = _Numbers(batch)
            failed = {
                name: error for name, error in batch.unreadable().items() if name not in faults
            }
            for error in failed.values():
                self._must_be_of_a_person(error)
            fold = Fold(
                self._program,
                changes,
                numbers,
                loaded.deliveries,
                loaded.snapshots,
                loaded.said,
                loaded.bars,
                merging=loaded.merging,
            )
            for name, person in people.items():
                if name in faults or name in failed:
                    continue
                _note_lateness(late, person, now)
                try:
                    past, closed = loaded.past(name, person), loaded.closed.get(name, ())
                    fold.turn_to(person.profile, person.runs, past, closed, known=person.known)
                    signals += fold.run(person.pending, now)
                except Exception as error:
                    if error is numbers.error:
                        raise
                    self._must_be_of_a_person(error)
                    failed[name] = error
            fold.part()
            if failed:
                _judge(batch, failed, faults, names)
                faults.update({name: fault_of(name, failed[name], now) for name in failed})
                return None
            told = [
                _leave_out(people[name], faults[name], changes, self._program.policy.channels)
                for name in names
                if name in faults
            ]
            try:
                batch.commit(changes)
            except UnwritableError as error:
                for each in error.people.values():
                    self._must_be_of_a_person(each)
                failed = dict(error.people)
        if failed:
            with self._store.batch() as batch:
                _judge(batch, failed, faults, names)
            faults.update({name: fault_of(name, failed[name], now) for name in failed})
            return None
        self._tracer.ran(Seen(people, loaded.deliveries, changes), now)
        more = len(due) >= limit or visited is not None or bool(changes.handed)
        return Ran(
            len(people),
            signals,
            len(changes.deliveries),
            changes.decisions,
            more,
            calls=len(changes.calls),
            faults=told,
            late=late,
            steps=sum(changes.edges.values()),
        )

    def _must_be_of_a_person(self, error: Exception) -> None:
        """Raises what cannot be about one person, and everything if nobody is set aside."""
        if not self._sets_aside or not is_of_a_person(error):
            raise error

    def _is_touched(self, person: Person) -> bool:
        """Whether a deploy may have changed anything for somebody to whom nothing happens."""
        program = self._program
        if program.keeps_calendars and person.known:
            return True
        if is_behind(program.computing, person.profile):
            return True
        for run in person.runs:
            machine = program.machine_of(run)
            if machine is None or machine.version != run.version or run.frozen is not None:
                return True
        return False


def _note_lateness(late: list[Instant], person: Person, now: Instant) -> None:
    """By how much each timer of somebody is late."""
    late += [now - run.due for run in person.runs if run.due is not None and run.due <= now]
    wake = person.profile.wake
    if wake is not None and wake <= now:
        late.append(now - wake)


class _Numbers:
    """Numbers for what is made while people are folded. If the store has none to give, that is no
    fault of the person who needs one.
    """

    __slots__ = ("_number", "error")

    def __init__(self, batch: Batch) -> None:
        self._number = batch.number
        self.error: Exception | None = None

    def __call__(self) -> int:
        try:
            return self._number()
        except Exception as error:
            self.error = error
            raise


def _judge(
    batch: Batch, failed: Mapping[str, Exception], faults: Mapping[str, Fault], names: Sequence[str]
) -> None:
    """Raises what was raised if it cannot be about single people. Whoever was set aside before does
    not count: it is known of them, and others must not wait because they are tried once more.
    """
    here = [name for name in names if name in failed or name in faults]
    known = batch.released(here)
    first = len(here) - len(known)
    if are_too_many(first, len(names) - len(known)):
        error = next(iter(failed.values()))
        error.add_note(f"This happened to {len(here)} of the {len(names)} people of one batch.")
        raise error


def _leave_out(person: Person, fault: Fault, changes: Changes, channels: Collection[str]) -> Fault:
    """Somebody who cannot be folded is set aside; or forgotten if they wish, which needs no fold."""
    wishes = [each for each in person.pending if isinstance(each, Erased)]
    if not wishes:
        changes.aside.append(fault.aside)
        return fault
    last = max(wish.number for wish in wishes)
    changes.processed.append(last)
    changes.forget(fault.aside.person, last)
    for destination, bar in bars_of(person.profile, channels, wishes[-1].received).items():
        changes.bar(destination, bar)
    return fault._replace(forgotten=True)
