"""What was learnt, as stores keep it: who was given which path, what is counted, and snapshots.

Written in two ways: with the batches of the runner (who was given a path, who looked at a message),
and by the work of every hour (what came of it, and the snapshots).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from dsl.calendar import Instant
from engine.core.learning import Assignment, Counted, Fate, Snapshot, Values

__all__ = ["Learnt", "Verdict"]


class Verdict(NamedTuple):
    """What became of an assignment, and what that counts for. One that is still open is to be
    looked at again when it is ``known``.
    """

    assignment: str
    fate: Fate
    known: Instant
    counted: Counted | None = None


class Learnt(Protocol):
    """The part of a store that is about what was learnt."""

    def due(self, now: Instant, limit: int) -> list[Assignment]:
        """Up to ``limit`` open assignments of which it is known by ``now`` what became of them,
        those known first first.
        """
        ...

    def judge(self, verdicts: Sequence[Verdict]) -> int:
        """Writes verdicts and counts them, in one transaction. Assignments that are open no more,
        or not kept any more, are skipped. Returns how many were closed.
        """
        ...

    def counts(self, subjects: Iterable[str]) -> dict[str, dict[str, int]]:
        """What was counted so far, by subject. Every subject asked for is there."""
        ...

    def snapshots(self, subjects: Iterable[str], now: Instant) -> dict[str, Snapshot]:
        """The latest snapshots by ``now``; subjects without one are left out."""
        ...

    def keep(self, at: Instant, values: Mapping[str, Values]) -> None:
        """Makes snapshots as of ``at``, numbered per subject, and ``at`` the hour up to which
        everything was learnt. A subject that has a snapshot of then keeps that.
        """
        ...

    def until(self) -> Instant | None:
        """The hour up to which everything was learnt."""
        ...

    def assignments(self, scope: str) -> list[Assignment]:
        """Everybody who was given a path by the splits of a scope, in the order of that."""
        ...
