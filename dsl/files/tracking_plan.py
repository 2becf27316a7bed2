"""The key table of the tracking plan: what we know about people and what they can do."""

from __future__ import annotations

from dsl.files.shape import Commas, Named, Words, Written, key

__all__ = ["EventPart", "TrackingPlanFile"]


class EventPart(Written):
    """Something people do."""

    from_: Words | None = key(
        "Its name in the incoming data; without it its own. `page` and `screen` are the calls of these names"
    )
    also: Words | None = key("Another word for it, for example the plural")
    did: Words | None = key("How rules say it: did update_cart")
    has: Named | None = key("Its properties")


class TrackingPlanFile(Written):
    """Attributes and events. Every rule is checked against them."""

    tracking_plan: Words | None = key("Its name", needed=True)
    at_the_door: Words | None = key(
        "What becomes of what is sent and does not stand here: strict refuses it, warn takes what is"
        " right of it, learn collects it for a draft as well; what is not taken is kept aside",
        words=("strict", "warn", "learn"),
    )
    identifiers: Commas = key(
        "What people are known by beside an id: email, phone, device. Whoever comes with one of"
        " them and no `userId` is whoever has it",
        default=(),
    )
    profile: Named | None = key("What we know about people")
    events: Named | None = key("What people do")
