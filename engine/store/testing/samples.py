"""Small made-up values, and what the tests do with a store again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from threading import Thread
from typing import Any

from channels.content.unfinished import Ask, Keepsake, Reply, Unfinished
from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.effects import CallWebhook, Delivery
from engine.core.knowing import number_of
from engine.core.run import Run
from engine.core.signals import Arrival, EventArrived
from engine.store.protocol import Changes, Store

__all__ = [
    "NUMBERLESS",
    "call",
    "claimed_at_once",
    "commit",
    "delivery",
    "due",
    "event",
    "process",
    "run",
    "unfinished",
]

NUMBERLESS = -1
"""What stands in an arrival before the store gives it a number."""


def event(
    identity: str,
    person: str = "ada",
    received: Instant = 10,
    *,
    name: str = "order",
    occurred: Instant | None = None,
    properties: dict[str, Any] | None = None,
) -> EventArrived:
    """Something a person did."""
    at = received if occurred is None else occurred
    return EventArrived(
        identity, person, Happened(name, at, received, NUMBERLESS, properties or {})
    )


def run(identity: str, person: str = "ada", **more: Any) -> Run:
    """A run of the journey "welcome", without a timer."""
    values = {"journey": "welcome", "version": "1", "key": person, "entered": 1, "trigger": None}
    return Run(id=identity, person=person, **{**values, **more})


def unfinished(**more: Any) -> Unfinished:
    """A message that waits for what a web service answers, with one of everything in it."""
    happened = Happened("order", 3, 4, 2, {"total": 990, "items": ["Grüße"]})
    person = Keepsake(
        now=5,
        zone="Europe/Berlin",
        language="de",
        attributes={"first_name": "Ada", "points": 2**40, "tags": ["a"], "share": "0.5"},
        history={"order": (happened,)},
        trigger=happened,
        facts={'["segment", "vip"]': True},
        holidays=(date(2026, 12, 25),),
    )
    ask = Ask("reco", {"product": "tea", "limit": 12.5, "more": None})
    values: dict[str, Any] = {
        "message": "hello",
        "channel": "email",
        "mark": "0123456789abcdef",
        "person": person,
        "values": {"product": "tea"},
        "asks": (ask,),
        "replies": (Reply(ask, None), Reply(ask, {"items": ["x"]})),
        "lacks": "reco.items",
    }
    return Unfinished(**{**values, **more})


def delivery(identity: str, person: str = "ada", due: Instant = 10, **more: Any) -> Delivery:
    """An e-mail that waits to be handed over."""
    values: dict[str, Any] = {
        "journey": "welcome",
        "run": "r1",
        "step": "hello",
        "channel": "email",
        "category": "promotional",
        "message": "hello",
        "address": "ada@example.com",
        "parts": {"subject": "Hello", "text": "Hello, Ada!"},
        "decided": 5,
        "expires": None,
    }
    return Delivery(id=identity, person=person, due=due, **{**values, **more})


def call(identity: str, person: str = "ada", due: Instant = 10, **more: Any) -> CallWebhook:
    """A question to a web service."""
    values: dict[str, Any] = {
        "journey": "welcome",
        "run": "r1",
        "step": "task",
        "service": "crm",
        "values": {"reason": "low score", "score": 3},
        "asked": 5,
        "until": 900,
    }
    return CallWebhook(id=identity, person=person, due=due, **{**values, **more})


def commit(store: Store, changes: Changes, people: Iterable[str] = ("ada",)) -> None:
    """A batch that loads people, as the runner does, and writes."""
    with store.batch() as batch:
        batch.load(list(people), 1_000)
        batch.commit(changes)


def process(store: Store, now: Instant) -> list[Arrival]:
    """Processes everything that has arrived by ``now``, without any effect."""
    with store.batch() as batch:
        people = batch.load(batch.due(now, 1_000), now)
        arrivals = [arrival for person in people.values() for arrival in person.pending]
        batch.commit(Changes(processed=[number_of(arrival) for arrival in arrivals]))
    return arrivals


def due(store: Store, now: Instant, limit: int = 1_000) -> list[str]:
    """Who is due, in a batch that changes nothing."""
    with store.batch() as batch:
        return batch.due(now, limit)


def claimed_at_once(claim: Callable[[], Sequence[CallWebhook | Delivery]]) -> list[str]:
    """The ids that four threads get who claim side by side until nothing is left."""
    claimed: list[list[str]] = [[], [], [], []]

    def take(mine: list[str]) -> None:
        while got := claim():
            mine += [each.id for each in got]

    threads = [Thread(target=take, args=(mine,)) for mine in claimed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [name for mine in claimed for name in mine]
