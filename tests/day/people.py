"""Those who live through the day, and what must come of what they do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

from tests.day.shop import CAMPAIGN, CODES, ORDERS

__all__ = ["Person", "crowd"]


class Person(NamedTuple):
    """``orders`` are the slots of the day in which they order. Some ask for a code while everybody
    else gets the campaign, for which they have not given their consent.
    """

    name: str
    number: int
    orders: Sequence[int]
    asks: bool

    @property
    def expected(self) -> Counter[str]:
        """How many messages there must be in the end, by channel."""
        codes = Counter(CODES) if self.asks else Counter(CAMPAIGN)
        return codes + Counter(ORDERS * len(self.orders))

    @property
    def arrival(self) -> list[dict[str, Any]]:
        """What is told when they come."""
        traits = {
            "first_name": "Ada",
            "email": f"{self.name}@example.com",
            "phone": f"+4915{self.number:09d}",
        }
        known = self._call("known", type="identify", traits=traits)
        known["context"] = {"device": {"token": f"token-{self.name}"}}
        agreed = self._event("agreed", "consent_granted", category="promotional")
        return [known] if self.asks else [known, agreed]

    def order(self, slot: int) -> dict[str, Any]:
        """One order."""
        return self._event(f"o{slot}", "Order Completed", order_id=f"{self.name}-{slot}")

    def ask(self) -> dict[str, Any]:
        """For a code."""
        return self._event("code", "Code Asked")

    def _event(self, name: str, event: str, **properties: Any) -> dict[str, Any]:
        return self._call(name, type="track", event=event, properties=properties)

    def _call(self, name: str, **call: Any) -> dict[str, Any]:
        return {"userId": self.name, "messageId": f"{self.name}/{name}", **call}


def crowd(count: int, asking: int, slots: range, random: Random) -> list[Person]:
    """So many people, some of whom ask."""
    return [
        Person(f"p{n}", n, random.sample(slots, random.randint(0, 2)), asks=n < asking)
        for n in range(count)
    ]
