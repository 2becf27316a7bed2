"""Subscriptions to what happens."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from engine.api.v1.operation import Input, Shape

__all__ = [
    "NewWebhook",
    "Trial",
    "Webhook",
    "WebhookChange",
    "WebhookList",
    "WebhookSecret",
]

_EVENTS = "What of: message.sent, journey.left, message.* for all of these, * for everything."


class Webhook(Shape):
    """Somebody who is told of what happens, and how that goes."""

    id: str
    url: str
    events: list[str]
    about: str
    created: datetime
    active: bool
    disabled: str = Field(description="Why nothing is sent any more; empty while something is.")
    failing_since: datetime | None
    reason: str = Field(description="Of the last failure.")
    next_attempt: datetime | None
    told: int = Field(description="How many messages were taken.")
    last_taken: datetime | None
    settled: bool = Field(description="It comes from wayline.toml and is changed there.")


class WebhookList(Shape):
    """All subscriptions, in the order in which they were made."""

    items: list[Webhook]


class WebhookSecret(Webhook):
    """A subscription with the secret by which its messages are signed. It is shown this once."""

    secret: str


class NewWebhook(Input):
    """Where to tell what happens, and of what."""

    url: str = Field(min_length=1, max_length=2000)
    events: list[str] = Field(min_length=1, max_length=50, description=_EVENTS)
    about: str = Field("", max_length=200, description="For people: whose it is.")


class WebhookChange(Input):
    """What is to be different; what is not named stays. ``active`` switches it off, or on again:
    then it goes on where it stopped.
    """

    url: str | None = Field(None, min_length=1, max_length=2000)
    events: list[str] | None = Field(None, min_length=1, max_length=50, description=_EVENTS)
    about: str | None = Field(None, max_length=200)
    active: bool | None = None


class Trial(Shape):
    """What came of sending a message as a trial."""

    taken: bool
    reason: str = Field(description="What stands in the way; empty if it was taken.")
