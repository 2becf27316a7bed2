"""Guards of the engine, taken away one by one. What each is there for must be found broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any, NamedTuple
from unittest.mock import patch

from engine.core import arbitrate, handover, receiving, split
from engine.core.effects import Delivery
from engine.core.fold import Fold
from engine.core.handover import Go
from engine.core.knowing import number_of
from engine.core.passage import Passage
from engine.core.run import Run
from engine.core.signals import Arrival
from engine.core.terms import Terms
from engine.dispatcher import dispatcher, verdicts
from engine.dispatcher.verdicts import Route, Verdict
from engine.store.shelves import Shelves
from engine.store.sql.sqlite_store import SqliteStore

__all__ = ["MUTATIONS", "Mutation", "mutated"]


class Mutation(NamedTuple):
    """What is taken away, and the promises of which one must then be found broken."""

    breaks: Sequence[int]
    patches: Sequence[tuple[Any, str, Any]]
    in_a_file: bool = False


def _always(value: Any) -> Callable[..., Any]:
    return lambda *_, **__: value


def _retries(delivery: Delivery, reason: str, route: Route, now: int) -> Verdict:
    return verdicts.put_back(delivery, now, delivery.attempts)


def _receives_all(self: Shelves, arrival: Arrival) -> bool:
    self._seen.discard(arrival.id)
    return _receive(self, arrival)


def _only_the_first(self: Fold, pending: Sequence[Arrival], now: int) -> int:
    self.changes.processed += [number_of(each) for each in pending[1:]]
    return _fold(self, pending[:1], now)


def _says_little(self: Passage, what: str, *more: Any, **named: Any) -> None:
    if what not in ("dropped", "left"):
        _decide(self, what, *more, **named)  # type: ignore[arg-type]


def _without_a_timer(self: Run, state: str, since: int, due: Any, *more: Any) -> Run:
    return _rest(self, state, since, None, *more)


def _nobody(self: SqliteStore, *_: Any) -> Iterator[str]:
    return iter(())


def _drawn_anew() -> Callable[[str, str], float]:
    numbers = count(1)
    return lambda _scope, _unit: (next(numbers) * 0.618) % 1


_receive = Shelves.receive
_fold = Fold.run
_decide = Passage.decide
_rest = Run.resting

MUTATIONS: Mapping[str, Mutation] = {
    "caps are not asked": Mutation(
        (1,), ((arbitrate, "_capped", _always(None)), (handover, "_period", _always(Go())))
    ),
    "people's own limits are not asked": Mutation(
        (1,), ((arbitrate, "withheld_by", _always(None)), (handover, "withheld_by", _always(None)))
    ),
    "what was sent is forgotten": Mutation(
        (1,), ((receiving, "settle", lambda profile, *_: profile.contacted(())),)
    ),
    "consent is not asked": Mutation((2,), ((Terms, "consented", _always(True)),)),
    "quiet hours are not asked again": Mutation((2,), ((handover, "_lawful", _always(None)),)),
    "guards are not asked again": Mutation((2,), ((handover, "_guarded", _always(None)),)),
    "whatever was lost is tried again": Mutation(
        (3,), ((verdicts, "lost", _retries), (dispatcher, "lost", _retries))
    ),
    "what came before is taken again": Mutation((4,), ((Shelves, "receive", _receives_all),)),
    "of all that waits only the first is processed": Mutation(
        (4, 8), ((Fold, "run", _only_the_first),)
    ),
    "timers are not set": Mutation((5,), ((Run, "resting", _without_a_timer),)),
    "splits are drawn anew": Mutation((6,), ((split, "bucket", _drawn_anew()),)),
    "a segment is empty in SQL": Mutation(
        (7,), ((SqliteStore, "audience", _nobody),), in_a_file=True
    ),
    "reasons are not kept": Mutation((8,), ((Passage, "decide", _says_little),)),
    "a pause freezes nothing": Mutation((9,), ((Fold, "_is_paused", _always(False)),)),
}


@contextmanager
def mutated(mutation: Mutation) -> Iterator[None]:
    """The engine without it."""
    with ExitStack() as stack:
        for where, name, other in mutation.patches:
            stack.enter_context(patch.object(where, name, other))
        yield
