"""Two stores treated alike, at random, must answer alike."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from dsl.expr.context import Happened
from engine.core.decision import Decision
from engine.core.effects import CallWebhook
from engine.core.knowing import number_of
from engine.core.learning import Assignment, Counted
from engine.core.origins import Origin
from engine.core.profile import Profile
from engine.core.run import Run
from engine.core.signals import (
    Arrival,
    CallAnswered,
    EventArrived,
)
from engine.store.learnt import Verdict
from engine.store.protocol import (
    Aside,
    Batch,
    CallSettlement,
    Changes,
    Deployment,
    EdgeCount,
    Residence,
    Settlement,
    Store,
)
from engine.store.testing import drawn
from engine.store.testing.ranks import ranked
from engine.store.testing.samples import NUMBERLESS

__all__ = ["agreement"]

Factory: TypeAlias = Callable[[], Store]


def agreement(one: Factory, other: Factory) -> type[RuleBasedStateMachine]:
    """A state machine that fails as soon as the two stores disagree."""

    class Agreement(_Agreement):
        factories = (one, other)

    return Agreement


class _Agreement(RuleBasedStateMachine):
    factories: tuple[Factory, Factory]

    def __init__(self) -> None:
        super().__init__()
        self._stores = [factory() for factory in self.factories]
        self._serial = count()
        self._runs: dict[str, Run] = {}

    def teardown(self) -> None:
        for store in self._stores:
            store.close()

    def _alike(self, ask: Callable[[Store], Any]) -> Any:
        first, second = (ranked(ask(store)) for store in self._stores)
        assert first == second
        return first

    @rule(arrivals=st.lists(drawn.arrivals, max_size=5))
    def append(self, arrivals: list[Arrival]) -> None:
        self._alike(lambda store: store.append(arrivals))

    @rule(
        now=drawn.instants,
        limit=st.integers(1, 4),
        begin=st.lists(drawn.passages, max_size=3),
        move=st.lists(st.tuples(st.integers(0, 50), drawn.passages), max_size=3),
        profiles=st.dictionaries(
            drawn.people, st.tuples(st.integers(0, 3), st.none() | drawn.instants), max_size=2
        ),
        deliveries=st.lists(drawn.deliveries, max_size=2),
        calls=st.lists(drawn.calls, max_size=2),
        stop=st.sets(st.tuples(st.sampled_from(drawn.DELIVERIES), drawn.people), max_size=2),
        forget=st.sets(drawn.people, max_size=1),
        ends=st.sampled_from(("commit", "commit", "leave")),
    )
    def batch(  # noqa: PLR0913, PLR0917 - everything that a batch can be
        self,
        now: int,
        limit: int,
        begin: list[dict[str, Any]],
        move: list[tuple[int, dict[str, Any]]],
        profiles: dict[str, tuple[int, int | None]],
        deliveries: list[Any],
        calls: list[CallWebhook],
        stop: set[tuple[str, str]],
        forget: set[str],
        ends: str,
    ) -> None:
        aside = {each.person for each in self._stores[0].set_aside()}  # nothing is written of them
        profiles = {name: each for name, each in profiles.items() if name not in aside}
        deliveries = [each for each in deliveries if each.person not in aside]
        calls = [each for each in calls if each.person not in aside]
        started = [
            Run(
                id=f"r{next(self._serial):04}", version="1", key="k", entered=now, trigger=None, **w
            )
            for w in begin
            if w["person"] not in aside
        ]
        known = [
            each
            for each in self._runs.values()
            if each.status != "closed" and each.person not in forget | aside
        ]
        moved = {known[index % len(known)].id: change for index, change in move if known}
        runs = started + [
            self._runs[name]._replace(**{k: v for k, v in change.items() if k not in _IDENTITY})
            for name, change in moved.items()
        ]
        wanted = [
            f"{name}/{person}" for name, person in sorted(stop) if person not in forget | aside
        ]
        serials = [next(self._serial) for _ in range(2)]

        def act(store: Store) -> Any:
            with store.batch() as batch:
                seen = self._read(batch, now, limit)
                found = batch.deliveries(wanted)
                loaded = seen[2]
                made = [
                    EventArrived(f"made {n}", "ada", Happened("made", now, now, batch.number(), {}))
                    for n in serials
                    if "ada" not in aside
                ]
                changes = Changes(
                    profiles=[
                        Profile(name, {"n": n}, {"sms": f"+49 30 00000{n}"}, wake=wake, woken=now)
                        for name, (n, wake) in profiles.items()
                    ],
                    runs=runs,
                    deliveries=[
                        *deliveries,
                        *[d._replace(status="stopped") for d in found.values()],
                    ],
                    calls=calls,
                    decisions=[
                        Decision(each.person, now, "entered", each.id, each.journey)
                        for each in started
                    ],
                    events=made,
                    processed=[number_of(a) for p in loaded.values() for a in p.pending],
                    erased={
                        name: number_of(loaded[name].pending[0])
                        for name in forget
                        if name in loaded and loaded[name].pending
                    },
                    edges={EdgeCount(each.journey, "1", -1, 0): 1 for each in started},
                    assignments=[
                        Assignment(
                            each.id,
                            each.person,
                            "welcome",
                            each.id,
                            "x",
                            "scope",
                            "a",
                            0,
                            0.5,
                            1,
                            now,
                        )
                        for each in started
                    ],
                    counts={Counted("t", each.person): 2 for each in started},
                    consents=[
                        each
                        for name, one in loaded.items()
                        for each in one.pending
                        if isinstance(each, EventArrived)
                        and each.event.name == "consent_granted"
                        and name not in forget
                    ],
                    origins={name: {f"n{n}": Origin(now)} for name, (n, _) in profiles.items()},
                )
                if ends == "commit":
                    batch.commit(changes)
            return seen, found

        self._alike(act)
        if ends == "commit":
            self._runs = {
                name: each for name, each in self._runs.items() if each.person not in forget
            }
            self._runs.update({each.id: each for each in runs})

    def _read(self, batch: Batch, now: int, limit: int) -> tuple[Any, ...]:
        # Whom a limit leaves out of those due at one instant is each store's own affair.
        some, everybody = batch.due(now, limit), batch.due(now, len(drawn.PEOPLE))
        assert set(some) <= set(everybody)
        people = sorted(everybody)
        loaded = batch.load(people, now)
        closed = batch.closed_runs(drawn.PEOPLE, drawn.JOURNEYS)
        return (
            len(some),
            people,
            loaded,
            batch.history(drawn.PEOPLE, drawn.EVENTS),
            closed,
            batch.released(drawn.PEOPLE),
            batch.origins(drawn.PEOPLE),
        )

    @rule(people=st.sets(drawn.people, min_size=1, max_size=2), since=drawn.instants)
    def set_aside(self, people: set[str], since: int) -> None:
        def act(store: Store) -> None:
            with store.batch() as batch:
                batch.load(sorted(people), since)
                batch.commit(Changes(aside=[Aside(each, since, "x") for each in sorted(people)]))

        self._alike(act)

    @rule(at=drawn.instants, people=st.none() | st.sets(drawn.people, max_size=2))
    def release(self, at: int, people: set[str] | None) -> None:
        self._alike(lambda store: store.release(at, people))

    @rule(
        now=drawn.instants,
        limit=st.integers(1, 3),
        fates=st.lists(drawn.fates, min_size=3, max_size=3),
    )
    def judge(self, now: int, limit: int, fates: list[Any]) -> None:
        due = self._alike(lambda store: store.learnt.due(now, limit))
        verdicts = [
            Verdict(each.id, fate, now + 3, Counted("s", fate) if fate == "reached" else None)
            for each, fate in zip(due, fates, strict=False)
        ]
        self._alike(lambda store: store.learnt.judge(verdicts))

    @rule(
        at=drawn.instants,
        seen=st.dictionaries(st.sampled_from("st"), st.integers(0, 9), max_size=2),
    )
    def learn(self, at: int, seen: dict[str, int]) -> None:
        self._alike(
            lambda store: store.learnt.keep(at, {name: {"x": [n]} for name, n in seen.items()})
        )

    @rule(at=drawn.instants)
    def wake_everyone(self, at: int) -> None:
        self._alike(lambda store: store.wake_everyone(at))

    @rule(onto=st.none() | st.integers(0, 3), visit=st.booleans(), empty=st.booleans())
    def deploy(self, onto: int | None, visit: bool, empty: bool) -> None:
        made = Deployment("1", 10, {"a.yaml": "journey: a\n"}, 0, {"a": "1"}, ("a is new",))
        places = [Residence("welcome", "1", "")] if empty else []
        self._alike(lambda store: store.deploy(made, onto=onto, empty=places, visit=visit))

    @rule(ends=st.sampled_from(("commit", "leave")))
    def visit(self, ends: str) -> None:
        def act(store: Store) -> Any:
            with store.batch() as batch:
                seen = batch.current(), batch.visit(10) is None
                if ends == "commit":
                    batch.commit(Changes())
            return seen

        self._alike(act)

    @rule(now=drawn.instants, limit=st.integers(1, 3))
    def claim(self, now: int, limit: int) -> None:
        self._alike(lambda store: store.claim(now, limit, now + 5))

    @rule(
        name=st.sampled_from(drawn.DELIVERIES),
        person=drawn.people,
        status=st.sampled_from(("queued", "accepted", "refused", "unknown")),
        due=drawn.instants,
        receipts=st.lists(drawn.arrivals, max_size=2),
    )
    def settle(
        self, name: str, person: str, status: Any, due: int, receipts: list[Arrival]
    ) -> None:
        parts = {"text": name} if due % 2 else None
        settlement = Settlement(f"{name}/{person}", status, due, 1, name, None, parts)
        self._alike(lambda store: store.settle([settlement], receipts))

    @rule(now=drawn.instants, limit=st.integers(1, 3))
    def claim_calls(self, now: int, limit: int) -> None:
        self._alike(lambda store: store.claim_calls(now, limit, now + 5))

    @rule(
        name=st.sampled_from(drawn.DELIVERIES),
        person=drawn.people,
        due=drawn.instants,
        answered=st.booleans(),
    )
    def settle_calls(self, name: str, person: str, due: int, *, answered: bool) -> None:
        asked = f"{name}/{person}"
        answer = CallAnswered(f"{asked} answered", person, due, NUMBERLESS, asked, {})
        settlement = CallSettlement(asked, 1, due, answer if answered else None)
        self._alike(lambda store: store.settle_calls([settlement]))

    @rule(now=drawn.instants)
    def reopen_calls(self, now: int) -> None:
        self._alike(lambda store: store.reopen_calls(now))

    @invariant()
    def they_wake_at_the_same_time(self) -> None:
        self._alike(lambda store: store.next_wake())

    @invariant()
    def they_remember_the_same(self) -> None:
        self._alike(lambda store: store.people(drawn.PEOPLE, drawn.EVENTS))
        self._alike(lambda store: store.set_aside())
        self._alike(lambda store: [store.numbers.people(f"+493000000{n}") for n in range(4)])
        self._alike(lambda store: store.lost(100))
        self._alike(lambda store: store.edges())
        self._alike(lambda store: (store.deployed(), store.deployments(), store.visiting()))
        self._alike(lambda store: store.residents())
        self._alike(lambda store: [store.decisions(name) for name in drawn.PEOPLE])
        self._alike(lambda store: [store.deliveries_of(name) for name in drawn.PEOPLE])
        self._alike(lambda store: [store.consents(name) for name in drawn.PEOPLE])
        self._alike(lambda store: store.learnt.assignments("scope"))
        self._alike(lambda store: store.learnt.counts("st"))
        self._alike(lambda store: store.learnt.until())
        self._alike(lambda store: [store.learnt.snapshots("st", now) for now in (10, 20, 30)])


_IDENTITY = ("person", "journey")
