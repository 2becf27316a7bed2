"""Divides everybody anew when it is time: bounds of scores are data, numbered, and hold for all.

Nobody is decided about here. Whose score is another one by the new bounds is due at once, and has it
from then on, with everything that follows from it.
"""

from __future__ import annotations

from dsl.calendar import HOUR, Instant
from dsl.entering import ScheduleTrigger
from dsl.expr.context import Context
from dsl.scoring import Score, Scoring
from engine.core.occasions import next_schedule
from engine.core.program import Program
from engine.store.protocol import Store

__all__ = ["Scorer"]

_NEVER = 1 << 62


class Scorer:
    """Asks the store at the start and whenever it is time; nothing where there are no scores."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._next = 0
        self._for: Scoring | None = None

    def run_once(self, program: Program, now: Instant) -> int:
        """What is due by ``now``; to be called before anything else that happens then. How many
        people have another score than is kept.
        """
        scoring = program.scoring
        if scoring is None or (self._for is scoring and now < self._next):
            return 0
        changed, ahead = 0, _NEVER
        for score in scoring.scores:
            if score.is_relative:
                changed += self._renew(score, program, scoring, now)
                known = self._store.memberships.scores.bounds(score, now) is not None
                ahead = min(ahead, _after(program, scoring, now) if known else now + HOUR)
        self._for, self._next = scoring, ahead
        return changed

    def _renew(self, score: Score, program: Program, scoring: Scoring, now: Instant) -> int:
        """Bounds that are due, or none yet; and whoever is on another side of them, also if a
        process died after the bounds were kept.
        """
        scores = self._store.memberships.scores
        known = scores.bounds(score, now)
        due = now if known is None else _after(program, scoring, known.at)
        if due <= now:
            fresh = scores.divide(score)
            if fresh:
                scores.keep(_latest(program, scoring, due, now), {score.subject: fresh})
                known = scores.bounds(score, now)
        return 0 if known is None else scores.wake(score, known.values, now)


def _after(program: Program, scoring: Scoring, since: Instant) -> Instant:
    """The next time everybody is divided."""
    way = ScheduleTrigger(scoring.every, "", "")
    context = Context(since, program.zone, holidays=program.policy.holidays)
    found = next_schedule(way, context, program.zone, since)
    return _NEVER if found is None else found


def _latest(program: Program, scoring: Scoring, due: Instant, now: Instant) -> Instant:
    """The last time by ``now``, from one that is due."""
    while (following := _after(program, scoring, due)) <= now:
        due = following
    return due
