"""At the gates: takes what may go from the limits that all who hand over share, and writes down
what was learnt of a provider. What a gate becomes is decided by ``engine.core.gates``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from channels.outcome import FailureClass, Outcome, RateLimited, Rejected, Unknown
from dsl.calendar import MINUTE, SECOND, Instant
from engine.core.effects import Delivery
from engine.core.gates import Gate, failed, give_back, opens, probe, shut, take, worked
from engine.dispatcher.planning import Wish
from engine.dispatcher.ways import Way
from engine.store.gates import Gates

__all__ = ["Answered", "Entered", "Gatekeeper"]

_PAIRS_APART = MINUTE  # for how long single recipients are looked up after one of them was limited


class Entered(NamedTuple):
    """What may be claimed now, and when more may be of what was held back."""

    wishes: list[Wish]
    next: Instant | None


class Answered(NamedTuple):
    """What came back for one delivery."""

    way: Way
    delivery: Delivery
    outcome: Outcome


class Gatekeeper:
    """The gates of one store. Every method is one transaction at most."""

    def __init__(self, gates: Gates) -> None:
        self._gates = gates
        self._troubled: set[str] = set()  # ways of which a failure is written down

    def look(self, ways: Iterable[Way], now: Instant) -> dict[str, Gate]:
        """What stands before these ways."""
        known = {way.name: way for way in ways}
        names = {name for way in known.values() for name in (*way.gates, *way.judged)}
        gates = self._gates.read(names) if names else {}
        for way in known.values():
            if way.adapter is not None and gates[way.rest].failures:
                self._troubled.add(way.name)
            way.rests = way.adapter is not None and opens(gates[way.rest], now) is not None
        return gates

    def enter(self, wishes: Sequence[Wish], now: Instant) -> Entered:
        """Takes as much of every limit as may go."""
        bound = [wish for wish in wishes if wish.probe or wish.way.whole]
        if not bound:
            return Entered(list(wishes), None)
        granted: dict[str, Wish] = {}
        waits: list[Instant] = []

        def change(seen: Mapping[str, Gate]) -> Mapping[str, Gate]:
            gates = dict(seen)
            for wish in bound:
                granted[wish.way.name] = _enter(wish, gates, now, waits)
            return gates

        self._gates.turn({name for wish in bound for name in wish.way.gates}, change)
        entered = [granted.get(wish.way.name, wish) for wish in wishes]
        return Entered([wish for wish in entered if wish.limit > 0], min(waits, default=None))

    def leave(self, unused: Mapping[str, tuple[Way, int]]) -> None:
        """Gives back what was taken for more than there was."""
        back = [(way, count) for way, count in unused.values() if count and way.whole]
        if not back:
            return

        def change(seen: Mapping[str, Gate]) -> Mapping[str, Gate]:
            gates = dict(seen)
            for way, count in back:
                for limit in way.whole:
                    name = way.gate(limit.scope)
                    gates[name] = give_back(gates[name], limit, count)
            return gates

        self._gates.turn({way.gate(each.scope) for way, _ in back for each in way.whole}, change)

    def bound(
        self, chosen: Sequence[tuple[Way, Delivery]], gates: Mapping[str, Gate], now: Instant
    ) -> list[tuple[Way, Delivery]]:
        """Those of which single recipients or campaigns may have to wait. Asks nobody."""
        ways = {id(way): way for way, _ in chosen}.values()
        names = {
            way.name
            for way in ways
            if way.single or (way.adapter is not None and gates[way.marks].shut > now)
        }
        return [each for each in chosen if each[0].name in names] if names else []

    def sift(self, single: Sequence[tuple[Way, Delivery]], now: Instant) -> dict[str, Instant]:
        """Of those ``bound``, whose recipient or campaign must wait, and until when; for the others
        it is taken from their limits.
        """
        waits: dict[str, Instant] = {}

        def change(seen: Mapping[str, Gate]) -> Mapping[str, Gate]:
            waits.clear()
            after = dict(seen)
            for way, delivery in single:
                until = _pass(way, delivery, after, now)
                if until is not None:
                    waits[delivery.id] = until
            return after

        names = {name for each in single for found in (_names, _crowd) for name in found(*each)}
        self._gates.turn(names, change)
        return waits

    def telling(self, answers: Iterable[Answered]) -> list[Answered]:
        """Those that say something about their providers. Asks nobody."""
        return [each for each in answers if self._is_telling(each)]

    def tell(self, telling: Sequence[Answered], now: Instant) -> list[str]:
        """Writes down what answers that are ``telling`` say about providers, in their order. What is
        new comes back, in sentences: who rests, and who works again.
        """
        news: list[str] = []

        def change(seen: Mapping[str, Gate]) -> Mapping[str, Gate]:
            news.clear()
            gates = dict(seen)
            for way, delivery, outcome in telling:
                if isinstance(outcome, RateLimited):
                    until = now + max(1, round(outcome.after * SECOND))
                    name = way.gate(outcome.scope, delivery)
                    gates[name] = shut(gates[name], until)
                    if outcome.scope in ("recipient", "campaign"):
                        gates[way.marks] = shut(gates[way.marks], max(until, now + _PAIRS_APART))
                    continue
                before = gates[way.rest]
                why = _failure(outcome)
                after = worked(before) if why is None else failed(before, way.rest, now, why)
                gates[way.rest] = after
                news.extend(_news(way, before, after, now))
            return gates

        self._gates.turn({name for each in telling for name in _touched(each)}, change)
        for way, _, outcome in telling:
            if not isinstance(outcome, RateLimited):
                does = self._troubled.discard if _failure(outcome) is None else self._troubled.add
                does(way.name)
        return news

    def _is_telling(self, answered: Answered) -> bool:
        way, _, outcome = answered
        if isinstance(outcome, RateLimited) or _failure(outcome) is not None:
            return True
        return way.name in self._troubled


def _enter(wish: Wish, gates: dict[str, Gate], now: Instant, waits: list[Instant]) -> Wish:
    way = wish.way
    if wish.probe:
        at = opens(gates[way.rest], now)
        if at is not None and at > now:  # somebody else has gone ahead
            waits.append(at)
            return wish._replace(limit=0, most=0)
    limits = [(way.gate(limit.scope), limit) for limit in way.whole]
    urgent, others = wish.limit if wish.urgent else 0, wish.most
    for name, limit in limits:
        one = take(gates[name], limit, now, urgent, urgent=True)
        two = take(gates[name], limit, now, others, urgent=False)
        if one.granted < urgent or two.granted < others:
            waits.append(one.next if one.granted < urgent else two.next)
        urgent, others = one.granted, two.granted
    most = max(urgent, others)
    for name, limit in limits:
        gates[name] = take(gates[name], limit, now, most, urgent=True).gate
    if wish.probe and most:
        gates[way.rest] = probe(gates[way.rest], now)
    return wish._replace(limit=most, most=others)


def _names(way: Way, delivery: Delivery) -> list[str]:
    return [way.gate("recipient", delivery), way.gate("campaign", delivery)]


def _crowd(way: Way, delivery: Delivery) -> list[str]:
    """The gates that count people, and whether this is one of them already. Whoever has written
    first, so that free text may be sent, does not count.
    """
    if "people" not in way.limits or "template" not in delivery.parts:
        return []
    return [way.gate("people"), way.counted(delivery)]


def _pass(way: Way, delivery: Delivery, gates: dict[str, Gate], now: Instant) -> Instant | None:
    """Takes a place for one; None, or until when it has to wait."""
    until = max(gates[name].shut for name in _names(way, delivery))
    if until > now:
        return until
    taken = [
        (name, take(gates[name], limit, now, 1, urgent=True))
        for limit in way.single
        if limit.scope != "people"
        for name in (way.gate(limit.scope, delivery),)
    ]
    held = [each.next for _, each in taken if not each.granted]
    if held:
        return max(held)
    full = _join(way, delivery, gates, now)
    if full is not None:
        return full
    gates.update({name: each.gate for name, each in taken})
    return None


def _join(way: Way, delivery: Delivery, gates: dict[str, Gate], now: Instant) -> Instant | None:
    """Counts somebody among the people of the last day; None, or until when that has to wait. The
    gate is shut meanwhile, for whoever wants to know: who counts already still goes through.
    """
    names = _crowd(way, delivery)
    if not names:
        return None
    people, own = names
    if gates[own].free > now:
        return None
    limit = replace(way.limits["people"], scope="day")
    taken = take(gates[people]._replace(shut=0), limit, now, 1, urgent=True)
    if not taken.granted:
        gates[people] = shut(gates[people], taken.next)
        return taken.next
    gates[people] = taken.gate
    gates[own] = gates[own]._replace(free=now + limit.micros)
    return None


def _failure(outcome: Outcome) -> str | None:
    """Why the answer is a sign that the provider does not work; None if it is none."""
    match outcome:
        case Unknown(reason):
            return reason
        case Rejected(FailureClass.TRANSIENT | FailureClass.PERMANENT_CONFIG, code, reason, alone):
            return None if alone else f"{code} {reason}".strip()
        case _:
            return None


def _touched(answered: Answered) -> list[str]:
    way, delivery, outcome = answered
    if not isinstance(outcome, RateLimited):
        return [way.rest]
    return [way.gate(outcome.scope, delivery), way.marks]


def _news(way: Way, before: Gate, after: Gate, now: Instant) -> list[str]:
    rested, rests = opens(before, now) is not None, opens(after, now) is not None
    if rests and not rested:
        return [f"{way.name} rests, after {after.failures} failures in a row: {after.why}"]
    return [f"{way.name} works again"] if rested and not rests else []
