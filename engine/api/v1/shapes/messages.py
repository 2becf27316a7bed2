"""Messages, and why they were sent or not."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from engine.api.v1.operation import Shape

__all__ = [
    "Decision",
    "DecisionPage",
    "Delivery",
    "DeliveryPage",
    "Receipt",
    "ReceiptList",
    "Story",
    "StoryDay",
    "StoryLine",
]


class Delivery(Shape):
    """One message for one person on one channel, from the decision to the provider's answer."""

    id: str
    person: str
    journey: str
    run: str
    step: str
    channel: str
    category: str
    message: str
    address: str
    status: Literal["queued", "calling", "accepted", "refused", "unknown", "stopped"]
    decided: datetime
    due: datetime
    expires: datetime | None
    attempts: int
    provider_id: str
    parts: dict[str, str] = Field(description="What it says: subject, text, html, ...")


class DeliveryPage(Shape):
    """Deliveries of a person, the last that was decided first."""

    items: list[Delivery]
    next: str | None = Field(description="The cursor of what follows; null at the end.")


class Receipt(Shape):
    """What was told about a delivery."""

    what: str
    reason: str
    occurred: datetime
    received: datetime
    failure: str
    by: str = Field(description="Who opened or clicked: human, machine, unverified; or empty.")
    rule: str = Field(description="The line of which table gave a failure its class.")


class ReceiptList(Shape):
    """What was told about a delivery, in the order in which we heard it; at most the last 200."""

    delivery: str
    items: list[Receipt]


class Decision(Shape):
    """Why: one line for every entry and every message, and for every one that was not."""

    at: datetime
    what: str
    reason: str
    words: str = Field(description="The reason in words.")
    journey: str
    run: str
    step: str
    channel: str
    detail: str


class DecisionPage(Shape):
    """Decisions about a person, the last one first."""

    items: list[Decision]
    next: str | None = Field(description="The cursor of what follows; null at the end.")


class StoryLine(Shape):
    """One thing that happened, in words."""

    at: datetime
    sort: Literal["did", "entered", "not entered", "sent", "not sent", "waits", "left"]
    journey: str
    text: str
    consent: dict[str, Any] | None = Field(description="On which word a message rested.")


class StoryDay(Shape):
    """A day on the person's clock."""

    day: date
    lines: list[StoryLine]


class Story(Shape):
    """A person's story: what `wayline why` tells."""

    person: str
    time_zone: str
    about: list[str]
    days: list[StoryDay]
    earlier: int = Field(description="Lines that were left out because they are the oldest.")
    text: str = Field(description="The same, as `wayline why` prints it.")
