"""What waits because too many people have called messages of its domain spam: everything that needs
consent. What is somebody's own business goes on.

It is looked at again every quarter of an hour or so, and if it expires meanwhile it says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from types import MappingProxyType
from typing import NamedTuple

from channels.outcome import Accepted
from dsl.calendar import MINUTE, SECOND, Instant
from engine.core.effects import Delivery
from engine.core.gates import Gate
from engine.core.reputation import is_stopped, name_of
from engine.core.split import bucket
from engine.dispatcher.gatekeeper import Answered
from engine.dispatcher.reputation import Reputations
from engine.dispatcher.verdicts import Verdict, final, put_back
from engine.dispatcher.ways import Way
from engine.store.protocol import StoreUnavailableError

__all__ = ["NOTHING_STOPPED", "Held", "Holding"]

NOTHING_STOPPED: Mapping[str, str] = MappingProxyType({})

_AGAIN = 15 * MINUTE
_SPREAD = 15 * MINUTE  # so that not all of a campaign comes back at once
_BEFORE = MINUTE  # before it expires it is looked at for the last time
_COUNTED = SECOND  # how often it is written down what was handed over


class Held(NamedTuple):
    """Who may go, and what becomes of the others."""

    going: list[tuple[Way, Delivery]]
    verdicts: list[Verdict]


class Holding:
    """One dispatcher's. ``urgent`` says of a category that it needs no consent."""

    def __init__(self, reputations: Reputations, urgent: Callable[[str], bool]) -> None:
        self._reputations = reputations
        self._urgent = urgent
        self._delivered: Counter[str] = Counter()
        self._written: Instant = 0
        self._lock = Lock()  # whoever claims is another thread than whoever writes down

    def stopped(
        self, ways: Iterable[Way], gates: Mapping[str, Gate], now: Instant
    ) -> dict[str, str]:
        """The domains that are stopped, and why; whoever has been for a while is judged anew."""
        domains = {way.domain for way in ways if way.domain}
        known = {each: gates[name_of(each)] for each in domains}
        again = [each for each, gate in known.items() if is_stopped(gate) and gate.shut <= now]
        if again:
            judged = self._reputations.judge(again, now)
            known |= {each: judged[name_of(each)] for each in again}
        return {each: gate.why for each, gate in known.items() if is_stopped(gate)}

    def sort(
        self, going: Sequence[tuple[Way, Delivery]], stopped: Mapping[str, str], now: Instant
    ) -> Held:
        """Keeps back what is of a domain that is stopped and not urgent."""
        held = Held([], [])
        for way, delivery in going:
            why = stopped.get(way.domain)
            if why is None or self._urgent(delivery.category):
                held.going.append((way, delivery))
            else:
                words = f"complaints about {way.domain}: {why}"
                held.verdicts.append(_wait(delivery, words, now))
        return held

    def count(self, answers: Iterable[Answered], now: Instant) -> None:
        """Counts what was handed over."""
        taken = Counter(
            way.domain
            for way, _, outcome in answers
            if way.domain and isinstance(outcome, Accepted)
        )
        if taken:
            with self._lock:
                self._delivered += taken
            self.write(now)

    def write(self, now: Instant, *, all_: bool = False) -> None:
        """Writes down what was counted, once a second; or all of it now."""
        with self._lock:
            if not self._delivered or (not all_ and 0 <= now - self._written < _COUNTED):
                return
            delivered, self._delivered = self._delivered, Counter()
            self._written = now
        try:
            self._reputations.count(delivered, {}, now)
        except StoreUnavailableError:
            with self._lock:  # they were delivered all the same
                self._delivered += delivered
            raise


def _wait(delivery: Delivery, words: str, now: Instant) -> Verdict:
    """Back into its lane; or given up, if it would expire there."""
    until = now + _AGAIN + int(_SPREAD * bucket("complaints", delivery.id))
    if delivery.expires is not None:
        until = min(until, delivery.expires - _BEFORE)
    if until <= now:
        return final(delivery, "stopped", f"expired: {words}", now)
    return put_back(delivery, until, delivery.attempts)
