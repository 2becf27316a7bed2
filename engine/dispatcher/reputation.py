"""Complaints about sending domains, as all who share a store count and know them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dsl.calendar import DAY, Instant
from engine.core.gates import Gate
from engine.core.reputation import Reputation, count, judge, name_of, names_of
from engine.store.gates import Gates

__all__ = ["Reputations"]


class Reputations:
    """Those of the domains of one store. Every method is one transaction at most."""

    def __init__(self, gates: Gates) -> None:
        self._gates = gates

    def count(
        self,
        delivered: Mapping[str, int],
        complained: Mapping[str, int],
        now: Instant,
    ) -> None:
        """Adds to what was counted, by domain, and judges anew."""
        domains = {each for each in (*delivered, *complained) if each}
        if not domains:
            return

        def change(seen: Mapping[str, Gate]) -> Mapping[str, Gate]:
            gates = dict(seen)
            for domain in sorted(domains):
                state, sent, told = names_of(domain)
                gates[sent] = count(gates[sent], delivered.get(domain, 0), now)
                gates[told] = count(gates[told], complained.get(domain, 0), now)
                gates[state] = judge(gates[state], gates[sent], gates[told], now)
            return gates

        self._gates.turn({name for each in domains for name in names_of(each)}, change)

    def judge(self, domains: Collection[str], now: Instant) -> dict[str, Gate]:
        """Looks again whether those who are stopped still are; the gates that say so."""
        self.count(dict.fromkeys(domains, 0), {}, now)
        return self._gates.read([name_of(each) for each in domains])

    def resume(self, domain: str, who: str, now: Instant) -> Reputation:
        """An operator's word: what was counted so far is forgotten, and it is counted anew. How it
        was before.
        """
        before: list[Reputation] = []

        def change(seen: Mapping[str, Gate]) -> Mapping[str, Gate]:
            before[:] = [Reputation.read(domain, dict(seen), now)]
            state, sent, told = names_of(domain)
            said = Gate(free=now + 7 * DAY, since=now, why=f"resumed by {who}")
            return {state: said, sent: Gate(), told: Gate()}

        self._gates.turn(names_of(domain), change)
        return before[0]

    def of(self, domains: Collection[str], now: Instant) -> list[Reputation]:
        """Those of these domains."""
        gates = self._gates.read([name for each in domains for name in names_of(each)])
        return [Reputation.read(each, gates, now) for each in sorted(set(domains))]

    def known(self, now: Instant) -> list[Reputation]:
        """Those of all domains of which anything is known."""
        gates = self._gates.known(now)
        prefix = name_of("")
        domains = {name.split("/")[1] for name in gates if name.startswith(prefix)}
        return [Reputation.read(each, gates, now) for each in sorted(domains)]
