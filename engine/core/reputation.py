"""How often people call spam what comes from a domain, and what follows: large receivers want less
than one complaint in a thousand, and take no more mail of whoever has three (Gmail's and Yahoo's
rules for bulk senders, as of February 2024).

What is counted, and what follows, is kept in gates, so that all who hand over know the same.
"""

from __future__ import annotations

from typing import NamedTuple

from dsl.calendar import DAY, HOUR, MINUTE, Instant
from engine.core.gates import Gate

__all__ = [
    "WINDOWS",
    "Rate",
    "Reputation",
    "count",
    "is_stopped",
    "judge",
    "name_of",
    "names_of",
    "rate",
]

_WARN = 1, 1000
_STOP = 3, 1000
_LEAST_DELIVERED = 1000  # three in a thousand of fewer are less than three people, which is chance
_LEAST_COMPLAINTS = 3
_AGAIN = 15 * MINUTE  # how often somebody who is stopped is judged: what was long ago goes out
_KEPT = 7 * DAY + HOUR
WINDOWS: dict[str, Instant] = {"24 hours": DAY, "7 days": 7 * DAY}

_PREFIX = "reputation/"
_WELL, _WARNED, _STOPPED = 0, 1, 2


def name_of(domain: str) -> str:
    """The gate that says what follows for a domain."""
    return _PREFIX + domain


def names_of(domain: str) -> tuple[str, str, str]:
    """That, and those in which it is counted what was delivered and what people complained of."""
    name = name_of(domain)
    return name, f"{name}/delivered", f"{name}/complained"


def is_stopped(state: Gate) -> bool:
    """Whether what needs consent waits."""
    return state.failures >= _STOPPED


class Rate(NamedTuple):
    """Of so many messages, so many complaints."""

    delivered: int
    complained: int

    @property
    def share(self) -> float:
        """0 if nothing was delivered: a rate of nothing is none."""
        return self.complained / self.delivered if self.delivered > 0 else 0.0

    def reaches(self, bound: tuple[int, int]) -> bool:
        """Whether it is at least that, in whole numbers."""
        return self.complained * bound[1] >= bound[0] * self.delivered

    def __str__(self) -> str:
        return f"{self.share:.2%} ({self.complained} of {self.delivered:,})"


class Reputation(NamedTuple):
    """What is known of a domain. ``why`` says which rate it is that warns, or has stopped it."""

    domain: str
    rates: dict[str, Rate]
    warned: bool
    stopped: bool
    since: Instant
    why: str

    @classmethod
    def read(cls, domain: str, gates: dict[str, Gate], now: Instant) -> Reputation:
        """From the gates of a domain, as they are."""
        state, delivered, complained = (gates.get(each, Gate()) for each in names_of(domain))
        rates = {name: rate(delivered, complained, span, now) for name, span in WINDOWS.items()}
        level = state.failures
        return cls(domain, rates, level >= _WARNED, level >= _STOPPED, state.since, state.why)


def count(gate: Gate, more: int, now: Instant) -> Gate:
    """The gate after ``more`` of what it counts; fewer, if something was counted too early."""
    hour = now - now % HOUR
    known = {begin: n for begin, n in gate.used if begin > now - _KEPT}
    if more:
        known[hour] = known.get(hour, 0) + more
    return gate._replace(used=tuple(sorted(known.items())))


def rate(delivered: Gate, complained: Gate, span: Instant, now: Instant) -> Rate:
    """That of the last hours, as long as ``span`` and up to one hour longer."""
    first = now - span - HOUR
    return Rate(
        max(0, sum(n for begin, n in delivered.used if begin > first)),
        max(0, sum(n for begin, n in complained.used if begin > first)),
    )


def judge(state: Gate, delivered: Gate, complained: Gate, now: Instant) -> Gate:
    """What follows from what was counted: ``failures`` says whether it is well, warned of, or
    stopped; ``shut`` is when somebody who is stopped is judged again, and not before: or a campaign
    would go on and be stopped with every few messages.
    """
    if is_stopped(state) and now < state.shut:
        return state
    level, why = _WELL, ""
    for name, span in WINDOWS.items():
        found = rate(delivered, complained, span, now)
        reached = _level(found)
        if reached > level:
            level, why = reached, f"{found} in {name}"
    shut = now + _AGAIN if level == _STOPPED else 0
    if level == state.failures == _WELL:
        return state
    since = state.since if level == state.failures else now
    return Gate(shut=shut, failures=level, since=since, why=why)


def _level(found: Rate) -> int:
    if found.delivered < _LEAST_DELIVERED:
        return _WELL
    if found.complained >= _LEAST_COMPLAINTS and found.reaches(_STOP):
        return _STOPPED
    return _WARNED if found.complained and found.reaches(_WARN) else _WELL
