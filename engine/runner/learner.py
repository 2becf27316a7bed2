"""The work of every hour: what became of people is counted, and what is known becomes snapshots.

Nothing here decides about anybody. Several processes may do it at once: what has been counted is
not counted again, and of an hour there is one snapshot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dsl.calendar import HOUR, Instant
from engine.core.learning import (
    Assignment,
    Values,
    hours_snapshot,
    rates_of,
    split_snapshot,
)
from engine.core.outcomes import tell
from engine.core.program import Program
from engine.store.learnt import Verdict
from engine.store.protocol import Store

__all__ = ["Learned", "Learner"]


class Learned(NamedTuple):
    """What was done. ``more`` says that there may be more of this hour to do."""

    outcomes: int = 0
    snapshots: int = 0
    more: bool = False


class Learner:
    """Learns for the program that runs. Costs nothing where nothing is to be learnt."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._until: Instant | None = None

    def run_once(self, program: Program, now: Instant, limit: int = 1000) -> Learned:
        """As much of the latest full hour as ``limit`` outcomes allow.

        To be called before anything else that happens at ``now``: then it makes no difference
        whether it was called in every hour or in the first one in which anything happened.
        """
        hour = now - now % HOUR
        if not program.lessons or (self._until is not None and self._until >= hour):
            return Learned()
        learnt = self._store.learnt
        self._until = learnt.until()
        if self._until is not None and self._until >= hour:
            return Learned()
        due = learnt.due(hour, limit)
        closed = learnt.judge(self._verdicts(program, due, hour)) if due else 0
        if len(due) >= limit:
            return Learned(closed, more=True)
        fresh = self._snapshots(program, hour)
        learnt.keep(hour, fresh)
        self._until = hour
        return Learned(closed, len(fresh))

    def _verdicts(
        self, program: Program, due: Sequence[Assignment], hour: Instant
    ) -> list[Verdict]:
        journeys = {each.journey for each in due} & program.histories.keys()
        events = frozenset[str]().union(*(program.histories[name] for name in journeys))
        views = self._store.people(list(dict.fromkeys(each.person for each in due)), events)
        verdicts = []
        for each in due:
            view = views.get(each.person)
            if view is None:
                verdicts.append(Verdict(each.id, "void", each.known))
                continue
            outcome = tell(program, each, view.profile, view.runs, view.history, hour)
            verdicts.append(Verdict(each.id, *outcome))
        return verdicts

    def _snapshots(self, program: Program, hour: Instant) -> Mapping[str, Values]:
        """Of everything of which more is known than in the snapshot before."""
        lessons, learnt = program.lessons, self._store.learnt
        subjects = [*(each.subject for each in lessons.splits), *lessons.times]
        earlier = [name for each in lessons.splits for name in each.earlier]
        counts = learnt.counts([*subjects, *earlier])
        before = learnt.snapshots(subjects, hour)
        known = {subject: before[subject].values if subject in before else {} for subject in counts}
        fresh: dict[str, Values] = {}
        for learner in lessons.splits:
            paths = [path.name for path in learner.split.paths]
            counted = Counter(counts[learner.subject])
            for name in learner.earlier:
                counted.update(counts[name])
            rates = {name: rate for name, rate in rates_of(paths, counted).items() if rate.counted}
            if rates != {name: tuple(each[1:]) for name, each in known[learner.subject].items()}:
                fresh[learner.subject] = split_snapshot(paths, counted)
        for subject in lessons.times:
            values = hours_snapshot(counts[subject])
            if counts[subject] and list(values["hours"]) != list(known[subject].get("hours", ())):
                fresh[subject] = values
        return fresh
