"""What providers say of approved wordings, as all who share a store know it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from channels.receipts import Approval
from dsl.calendar import Instant
from engine.core.approvals import Told, later, names_for, names_of, told_by
from engine.core.effects import Delivery
from engine.core.gates import Gate
from engine.store.gates import Gates

__all__ = ["Approvals"]

_FOR_GOOD: Instant = 2**62  # nothing of it goes by itself


class Approvals:
    """Those of the wordings of one store. Every method is one transaction at most."""

    def __init__(self, gates: Gates) -> None:
        self._gates = gates

    def keep(self, approvals: Sequence[Approval], now: Instant) -> None:
        """Writes down what was said, each word where nothing was said later."""
        said = [
            _told(each, now) for each in sorted(approvals, key=lambda each: each.occurred or now)
        ]

        def change(seen: Mapping[str, Gate]) -> Mapping[str, Gate]:
            gates = dict(seen)
            for name, gate in said:
                gates[name] = later(gates[name], gate)
            return gates

        if said:
            self._gates.turn({name for name, _ in said}, change)

    def of(self, deliveries: Iterable[Delivery]) -> dict[str, Gate]:
        """What stands against the wordings of these. Asks nobody where there are none."""
        names = {name for each in deliveries for name in names_for(each) or ()}
        return self._gates.read(names) if names else {}

    def known(self, now: Instant) -> list[Told]:
        """All that was said of any."""
        return [*told_by(self._gates.known(now))]


def _told(approval: Approval, now: Instant) -> tuple[str, Gate]:
    """What is to be kept of a word of the provider, and under which name."""
    use, category = names_of(approval.channel, approval.name, approval.language)
    at = min(approval.occurred or now, now)
    if approval.usable is None:
        return category, Gate(shut=_FOR_GOOD, since=at, why=approval.category)
    failures = 0 if approval.usable else 1
    return use, Gate(shut=_FOR_GOOD, failures=failures, since=at, why=approval.why)
