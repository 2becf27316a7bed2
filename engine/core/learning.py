"""What is learnt while journeys run, and how people are decided by it.

Outside of the core, every hour, what was counted becomes a *snapshot*, numbered and stored. Here
it is an input like any other: whoever decides by the same snapshot comes to the same decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from dsl.calendar import Instant
from dsl.machine import Learning, Path, Split
from engine.core.best_time import HOURS
from engine.core.beta import Rate, chances_of_being_best

__all__ = [
    "NO_SNAPSHOTS",
    "Assignment",
    "Counted",
    "Fate",
    "Snapshot",
    "Values",
    "hours_snapshot",
    "rates_of",
    "shares",
    "split_snapshot",
    "times_subject",
]

Values: TypeAlias = Mapping[str, Sequence[int]]
Fate: TypeAlias = Literal["open", "reached", "missed", "void"]
"""What became of an assignment; ``void``: it can never be told, and does not count."""

_MILLION = 1_000_000


class Counted(NamedTuple):
    """Something that is counted: ``what`` of a ``subject`` that is learnt about."""

    subject: str
    what: str


class Snapshot(NamedTuple):
    """What was known of a subject at an hour. The first one of a subject has the number 1.

    Of a split, ``values`` are per path: the chance of being the best in millionths, how often the
    target was reached, and of how often. Of times, ``hours`` are the counts per hour of the week.
    """

    subject: str
    number: int
    at: Instant
    values: Values


class Assignment(NamedTuple):
    """A person was given a path by a split that learns. ``known`` is when it can be told what
    became of it; ``probability`` is that with which the path was drawn.
    """

    id: str
    person: str
    journey: str
    run: str
    step: str
    scope: str
    path: str
    snapshot: int
    probability: float
    at: Instant
    known: Instant
    fate: Fate = "open"


NO_SNAPSHOTS: Mapping[str, Snapshot] = {}  # never written to


# ------------------------------------------------------------------------------------- splits


def rates_of(paths: Sequence[str], counts: Mapping[str, int]) -> dict[str, Rate]:
    """What was counted of each path."""
    rates = {}
    for path in paths:
        reached = counts.get(f"reached {path}", 0)
        rates[path] = Rate(reached, reached + counts.get(f"missed {path}", 0))
    return rates


def split_snapshot(paths: Sequence[str], counts: Mapping[str, int]) -> Values:
    """How likely each path is to be the best one. Of paths of which nothing is known nothing is
    said.
    """
    rates = {path: rate for path, rate in rates_of(paths, counts).items() if rate.counted}
    chances = _whole(chances_of_being_best(tuple(rates.values())))
    return {
        path: [chance, *rate] for chance, (path, rate) in zip(chances, rates.items(), strict=True)
    }


def _whole(parts: Sequence[float]) -> list[int]:
    """Parts of 1 in millionths that add up, the largest remainders rounded up."""
    scaled = [part * _MILLION for part in parts]
    whole = [int(part) for part in scaled]
    order = sorted(range(len(parts)), key=lambda at: (whole[at] - scaled[at], at))
    for at in order[: _MILLION - sum(whole)] if parts else ():
        whole[at] += 1
    return whole


def shares(split: Split, learning: Learning, snapshot: Snapshot | None) -> tuple[Decimal, ...]:
    """The share of each path, in the order of the file.

    Its chance of being the best one, but never less than an equal part of what goes on exploring.
    A path of which nothing is known yet gets as much as if nothing were known of any.
    """
    paths = split.paths
    known = {} if snapshot is None else snapshot.values
    total = sum(known[path.name][0] for path in paths if path.name in known)
    equal = Decimal(1) / len(paths)
    learnt = 1 - equal * sum(path.name not in known for path in paths)

    def share(path: Path) -> Decimal:
        if path.name not in known or not total:
            best = equal
        else:
            best = learnt * known[path.name][0] / total
        return learning.exploring * equal + (1 - learning.exploring) * best

    return tuple(share(path) for path in paths)


# -------------------------------------------------------------------------------------- times


def times_subject(channel: str, segment: str = "") -> str:
    """When people open and click on a channel: all of them, or those in a segment."""
    return f"times {channel} {segment}".rstrip()


def hours_snapshot(counts: Mapping[str, int]) -> Values:
    """Opens and clicks by the hour of the week."""
    return {"hours": [counts.get(str(hour), 0) for hour in range(HOURS)]}
