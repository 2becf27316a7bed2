"""Gates: how much a provider takes in which time, and whether it is to be left alone for a while.

Everybody who hands over goes through the same gates, so that together they take no more than one
alone might. Here it is decided; the store keeps what is decided, and whoever changes a gate has it
for himself meanwhile. ``now`` is the clock of whoever asks.
"""

from __future__ import annotations

from typing import NamedTuple

from channels.limits import Limit
from dsl.calendar import MINUTE, SECOND, Instant
from engine.core.split import bucket

__all__ = ["Gate", "Taken", "failed", "give_back", "opens", "probe", "shut", "take", "worked"]

_SLICES = 24  # of the span of a quota: what was used in one is given back when all of it is over
_PATIENCE = 8  # failures in a row
_FIRST_REST = 10 * SECOND
_LONGEST_REST = 5 * MINUTE
_PROBE = 2 * MINUTE  # longer than an adapter may take for one call


class Gate(NamedTuple):
    """What is known of one. New ones are open, and nothing has been used.

    Of a rate, ``free`` is when as many may have gone as have gone. Of a quota, ``used`` is how many
    went in which slice of time. ``shut`` is until when nobody goes through at all. ``failures`` are
    those in a row, ``since`` when, and ``why``; ``probe`` is until when somebody tries it alone.
    """

    free: Instant = 0
    used: tuple[tuple[Instant, int], ...] = ()
    shut: Instant = 0
    failures: int = 0
    since: Instant = 0
    probe: Instant = 0
    why: str = ""

    @property
    def matters_until(self) -> Instant:
        """When it will be as if it were new."""
        last = self.used[-1][0] + _WEEK if self.used else 0
        failing = max(self.shut, self.probe, self.since) + _DAYS if self.failures else 0
        return max(self.free, last, self.shut, failing)


_DAYS: Instant = 48 * 60 * MINUTE
_WEEK: Instant = 8 * 24 * 60 * MINUTE  # nothing counts for longer that is counted in slices


class Taken(NamedTuple):
    """The gate as it is then, how many may go, and when it is of use to ask for more."""

    gate: Gate
    granted: int
    next: Instant


def take(gate: Gate, limit: Limit, now: Instant, wanted: int, *, urgent: bool) -> Taken:
    """Lets as many of ``wanted`` through as may go now. In no span of the limit's length are there
    more than its count, whoever asks and however often. A tenth is kept for what is ``urgent``.
    """
    if gate.shut > now:
        return Taken(gate, 0, gate.shut)
    if limit.scope == "day":
        return _from_quota(gate, limit, now, wanted, urgent=urgent)
    burst = max(1, limit.count // 10)
    kept = 0 if urgent or burst < 2 else max(1, burst // 10)
    each = -(-limit.micros // (limit.count - burst + 1))  # rounded up
    free = max(gate.free, now)
    room = (burst - 1 - kept) * each - (free - now)
    granted = max(0, min(wanted, room // each + 1))
    after = gate._replace(free=free + granted * each) if granted else gate
    return Taken(after, granted, max(now + 1, after.free - (burst - 1 - kept) * each))


def _from_quota(gate: Gate, limit: Limit, now: Instant, wanted: int, *, urgent: bool) -> Taken:
    length = -(-limit.micros // _SLICES)
    # A slice counts until the last that may have gone in it is as long ago as the limit says.
    used = tuple(each for each in gate.used if each[0] + length + limit.micros > now)
    kept = 0 if urgent else limit.count // 10
    granted = max(0, min(wanted, limit.count - kept - sum(count for _, count in used)))
    begin = now - now % length
    if granted:
        before = dict(used)
        used = tuple(sorted({**before, begin: before.get(begin, 0) + granted}.items()))
    over = used[0][0] + length + limit.micros if used else now + 1
    full = sum(count for _, count in used) >= limit.count - kept
    return Taken(gate._replace(used=used), granted, max(now + 1, over if full else now + 1))


def give_back(gate: Gate, limit: Limit, unused: int) -> Gate:
    """The gate as if ``unused`` of those that were let through had not asked."""
    if not unused:
        return gate
    if limit.scope == "day":
        used = dict(gate.used)
        for begin in sorted(used, reverse=True):
            back = min(unused, used[begin])
            used[begin] -= back
            unused -= back
        return gate._replace(used=tuple((begin, n) for begin, n in sorted(used.items()) if n))
    burst = max(1, limit.count // 10)
    each = -(-limit.micros // (limit.count - burst + 1))
    return gate._replace(free=gate.free - unused * each)


def shut(gate: Gate, until: Instant) -> Gate:
    """Nobody goes through until then: the provider said so."""
    return gate if gate.shut >= until else gate._replace(shut=until)


# ------------------------------------------------------------------ whether an adapter works at all


def opens(gate: Gate, now: Instant) -> Instant | None:
    """When to ask again whether anybody may go through; None if everybody may, now.

    Once the rest is over, one goes ahead and tries (``probe``); the others wait for what comes of
    it, but no longer than that may take.
    """
    if gate.failures < _PATIENCE:
        return None
    until = max(gate.shut, gate.probe)
    return max(now, until)


def probe(gate: Gate, now: Instant) -> Gate:
    """Somebody tries it."""
    return gate._replace(probe=now + _PROBE)


def worked(gate: Gate) -> Gate:
    """It has answered sensibly: whatever was before is over."""
    return gate if gate == Gate() else Gate()


def failed(gate: Gate, name: str, now: Instant, why: str) -> Gate:
    """One more failure. After eight in a row it rests: ten seconds, and twice as long whenever it
    fails again when it is tried, spread by hash so that not everybody comes back at once. What was
    out already when it began to rest does not count.
    """
    if gate.failures >= _PATIENCE and gate.shut > now:
        return gate
    failures = gate.failures + 1
    since = gate.since if gate.failures else now
    if failures < _PATIENCE:
        return gate._replace(failures=failures, since=since, why=why)
    length = min(_FIRST_REST << min(failures - _PATIENCE, 10), _LONGEST_REST)
    rest = length - int(length * bucket(f"rest/{failures}", name) / 4)
    return Gate(shut=now + rest, failures=failures, since=since, why=why)
