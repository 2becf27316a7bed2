"""Which lanes go which way in a round, and how many: from what is due, what is out and what stands
at the gates. Asks nobody and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from dsl.calendar import MINUTE, Instant
from engine.core.gates import Gate, opens
from engine.core.lanes import Lane, read_lane
from engine.dispatcher.ways import Way

__all__ = ["Plan", "Wish", "make_plan"]

_TOO_LONG = MINUTE  # an adapter that must not be asked for longer is gone round


class Wish(NamedTuple):
    """What is to be claimed for a way: up to ``limit``, of which ``most`` of lanes that are not
    urgent. A ``probe`` is one that goes ahead to see whether the adapter works again.
    """

    way: Way
    urgent: tuple[str, ...]
    others: tuple[str, ...]
    limit: int
    most: int
    probe: bool = False


class Plan(NamedTuple):
    """What to claim now, and when there may be more to claim of what has to wait at gates."""

    wishes: list[Wish]
    next: Instant | None


class _Standing(NamedTuple):
    """Of a way: from when on it may be asked, and whether to see whether it works."""

    at: Instant
    probe: bool


def make_plan(
    lanes: Sequence[str],
    ways: Callable[[Lane | None], Sequence[Way]],
    gates: Mapping[str, Gate],
    urgent: Callable[[str], bool],
    now: Instant,
) -> Plan:
    """The plan for these lanes. ``ways`` are those of a lane, ``urgent`` asks about a category."""
    wanted: dict[str, tuple[Way, bool, list[str], list[str]]] = {}
    waits: list[Instant] = []
    for text in lanes:
        lane = read_lane(text)
        for way, standing in _ways(lane, ways(lane), gates, now, waits):
            _, _, first, then = wanted.setdefault(way.name, (way, standing.probe, [], []))
            (first if lane is not None and urgent(lane.category) else then).append(text)
    wishes = []
    for way, probe, first, then in wanted.values():
        free = way.concurrency - way.out
        most = min(free, way.concurrency - way.kept - way.out)
        if probe:
            free, most = min(free, 1), min(free, 1)
        elif not first:  # what is urgent goes one by one, and nothing else goes in crowds beside it
            most *= way.many
        if not first:
            free = most
        if free > 0:
            wishes.append(Wish(way, tuple(first), tuple(then), free, max(0, most), probe))
    return Plan(wishes, min(waits, default=None))


def _ways(
    lane: Lane | None,
    ways: Sequence[Way],
    gates: Mapping[str, Gate],
    now: Instant,
    waits: list[Instant],
) -> list[tuple[Way, _Standing]]:
    """The ways that a lane goes now: the first that is open, and one delivery on any before it that
    is to be tried again.
    """
    found: list[tuple[Way, _Standing]] = []
    for way in ways:
        standing = _standing(way, gates, now)
        if standing.at > now:
            waits.append(standing.at)
        else:
            found.append((way, standing))
        if not standing.probe and standing.at <= now + _TOO_LONG:
            return found  # it works, or will not be long: nobody goes round
    return found


def _standing(way: Way, gates: Mapping[str, Gate], now: Instant) -> _Standing:
    shut = max((gates[n].shut for n in way.gates if n not in (way.rest, way.marks)), default=0)
    at = opens(gates[way.rest], now) if way.adapter else None
    return _Standing(max(shut, at or 0, now), probe=at is not None)
