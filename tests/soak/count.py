"""Counts, in the end: who has got what, by the provider's own tally, and whether nobody is stuck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.clock import SystemClock
from engine.core.effects import Delivery
from engine.core.signals import ReceiptArrived
from engine.store.protocol import Store
from tests.soak.house import until
from tests.soak.provider import Tally
from tests.soak.shop import CAP, Customer

__all__ = ["Counted", "count", "nobody_is_stuck", "receipts", "settled"]

_EVENTS = ("purchase", "viewed", "signed_up")
_AT_ONCE = 200
_OVER = {"accepted", "unknown"}


class Counted(NamedTuple):
    """What became of everybody."""

    deliveries: int
    taken: int
    lost: Sequence[str]
    doubled: Sequence[str]
    unknown: Sequence[Delivery]
    by_provider: int  # unknown, because a provider kept its answer to itself

    @property
    def at_faults(self) -> int:
        """Unknown because a process died before it could write down the answer."""
        return len(self.unknown) - self.by_provider


def settled(store: Store) -> None:
    """Until there is nothing more to do, today or ever: nobody rests."""
    until(lambda: store.next_wake() is None, "everything to be done")


def count(store: Store, customers: Sequence[Customer], folder: Path) -> Counted:
    """Compares what customers did with what recipients have got."""
    tally = Tally.of(folder)
    deliveries = [each for who in customers for each in store.deliveries_of(who.name)]
    lost: list[str] = []
    for who, mine in _by_person(customers, deliveries):
        ways = Counter(each.channel for each in mine)
        if ways != +Counter(email=who.letters, push=who.pushes):
            lost.append(f"{who}: {ways}")
        lost += [f"{each.id}: {each.status}" for each in mine if each.status not in _OVER]
        pushes = tally.recipients["push"][f"token-{who.name}"]
        assert pushes <= CAP, f"{who} has got {pushes} pushes"
    lost += [
        f"{each.id}: accepted, and never taken"
        for each in deliveries
        if each.status == "accepted" and not tally.taken[each.id]
    ]
    unknown = [each for each in deliveries if each.status == "unknown"]
    return Counted(
        len(deliveries),
        tally.taken.total(),
        lost,
        [name for name, times in tally.taken.items() if times > 1],
        unknown,
        sum(each.id in tally.unanswered for each in unknown),
    )


def receipts(store: Store, unknown: Sequence[Delivery], folder: Path) -> list[str]:
    """What providers say later of what they took, to whoever does not know; as the receiving end of
    their webhooks puts it down. Of which deliveries.
    """
    taken = Tally.of(folder).taken
    now = SystemClock().now()
    spoken = [each for each in unknown if taken[each.id]]
    store.append(
        [
            ReceiptArrived(f"late/{each.id}", each.person, now, 0, each.id, "delivered", "", now)
            for each in spoken
        ]
    )
    return [each.id for each in spoken]


def nobody_is_stuck(store: Store, customers: Sequence[Customer]) -> None:
    """Every event was processed once, and every run has come to its end."""
    for start in range(0, len(customers), _AT_ONCE):
        some = customers[start : start + _AT_ONCE]
        views = store.people([each.name for each in some], _EVENTS)
        for who in some:
            view = views[who.name]
            seen = {name: len(view.history[name]) for name in _EVENTS}
            assert seen == {"purchase": who.orders, "viewed": who.views, "signed_up": 1}, who
            assert [run for run in view.runs if run.status != "closed"] == []
            assert view.aside is None


def _by_person(
    customers: Sequence[Customer], deliveries: Sequence[Delivery]
) -> Iterator[tuple[Customer, list[Delivery]]]:
    found: dict[str, list[Delivery]] = {each.name: [] for each in customers}
    for each in deliveries:
        found[each.person].append(each)
    for who in customers:
        yield who, found[who.name]
