"""The project of the soak, and what each customer does: what must come of it can be counted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

__all__ = ["CAP", "Customer", "write_project"]

CAP = 2  # pushes per day

_FILES: Mapping[str, str] = {
    "tracking_plan.yaml": """\
tracking plan: shop
profile:
  email: text, personal
events:
  purchase:
    from: Order Completed
    has: {order_id: "code, required"}
  signed_up:
    from: Signed Up
  viewed:
    from: Product Viewed
""",
    "policy.yaml": f"""\
policy: shop
time zone: UTC
languages: en
currency: EUR
channels:
  email: {{reachable when: email is known}}
  push: {{reachable when: yes}}
categories:
  promotional:
    consent: required
  service:
    consent: not needed
    ignores: frequency caps, quiet hours, holdout, arbitration
    when unknown: hold
frequency caps:
  - {CAP} per day on push
""",
    "messages.yaml": """\
messages:
  receipt:
    email:
      subject: {en: Thank you}
      blocks: [{text: {en: We have your order.}}]
  review:
    email:
      subject: {en: How was it?}
      blocks: [{text: {en: Tell us.}}]
  offer:
    push: {title: {en: Look}, body: {en: Only today}}
""",
    "thanks.yaml": """\
journey: thanks
category: service
status: live
trigger: {event: purchase}
one per: trigger.order_id
re-enter: any time
steps:
  - {send: receipt, id: receipt, to: email}
  - {wait: 1 second, id: pause}
  - {send: review, id: review, to: email}
""",
    "newcomers.yaml": """\
journey: newcomers
category: promotional
status: live
trigger: {event: signed_up}
steps:
  - {send: offer, id: welcome, to: push, when capped: skip}
""",
    "offers.yaml": """\
journey: offers
category: promotional
status: live
trigger: {event: viewed}
re-enter: any time
steps:
  - {send: offer, id: offer, to: push, when capped: skip}
""",
}


def write_project(folder: Path) -> Path:
    """The project in a folder."""
    folder.mkdir()
    for name, text in _FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


class Customer(NamedTuple):
    """Somebody who signs up, orders a few things and looks at others."""

    name: str
    orders: int
    views: int

    @classmethod
    def drawn(cls, name: str, random: Random) -> Customer:
        """Somebody or other."""
        return cls(name, random.randint(1, 3), random.randint(0, 4))

    @property
    def letters(self) -> int:
        """How many e-mails there must be in the end: two for each order."""
        return 2 * self.orders

    @property
    def pushes(self) -> int:
        """How many pushes there must be: a welcome, and as many offers as the cap lets through."""
        return min(CAP, 1 + self.views)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """What their browser tells, in its order. The ids are the same however often it does."""
        who = {"userId": self.name}
        told: list[tuple[str, dict[str, Any]]] = [
            (
                "known",
                {
                    "type": "identify",
                    "traits": {"email": f"{self.name}@example.com"},
                    "context": {"device": {"token": f"token-{self.name}"}},
                },
            ),
            ("agreed", _event("consent_granted", category="promotional")),
            ("came", _event("Signed Up")),
        ]
        told += [
            (f"order{number}", _event("Order Completed", order_id=f"o{number}"))
            for number in range(self.orders)
        ]
        told += [(f"view{number}", _event("Product Viewed")) for number in range(self.views)]
        return [{**who, "messageId": f"{self.name}/{name}", **call} for name, call in told]


def _event(name: str, **properties: Any) -> dict[str, Any]:
    return {"type": "track", "event": name, "properties": properties}
