"""A stage with people in it, in whom a bug may sleep."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from channels.content import Built, Content, Missing, Stale, Unfinished
from channels.content.destinations import NO_OCCASION, Occasion
from dsl.calendar import Instant
from dsl.expr.context import Context, Happened, Wording
from engine.core.signals import Arrival, EventArrived, ProfileChanged
from engine.runner import Runner
from engine.store.protocol import Store
from tests.engine.scene import Scene, journey

__all__ = ["PEOPLE", "TWO_MESSAGES", "Bug", "Stage", "arrivals", "told"]

TWO_MESSAGES = journey("""
  - {id: greeting, send: hello, to: push}
  - {id: pause, wait: 1 day}
  - {id: reminder, send: named, to: push}
  - {id: reply, wait for: viewed, at most: 9 days}
""")
PEOPLE = ("ada", "bob", "cleo", "dora", "eve", "finn", "gus")


class Bug(Exception):
    """Something of ours went wrong."""


class Poisoned(Content):
    """What Wayline says, but for some people one message raises. The people can be cured."""

    def __init__(self, content: Content, people: Collection[str], error: Exception) -> None:
        self.content = content
        self.people = set(people)
        self.error = error

    def build(
        self,
        message: str,
        channel: str,
        context: Context,
        values: Mapping[str, Any],
        delivery: str,
        occasion: Occasion = NO_OCCASION,
    ) -> Built | Missing:
        if message == "named" and context.attributes.get("first_name") in self.people:
            raise self.error
        return self.content.build(message, channel, context, values, delivery, occasion)

    def finish(
        self, unfinished: Unfinished, answers: Sequence[Mapping[str, Any] | None], delivery: str
    ) -> Built | Missing | Stale:
        return self.content.finish(unfinished, answers, delivery)

    def say(self, wording: Wording, context: Context) -> str | None:
        return self.content.say(wording, context)


def arrivals(person: str, now: Instant) -> list[Arrival]:
    """Somebody who can be reached, has agreed, and signs up."""
    known = {"email": f"{person}@example.com", "first_name": person}
    granted = Happened("consent_granted", now, now, 0, {"category": "promotional"})
    return [
        ProfileChanged(f"{person} 1", person, now, 0, known, {"push": f"token-{person}"}),
        EventArrived(f"{person} 2", person, granted),
        EventArrived(f"{person} 3", person, Happened("signed_up", now, now, 0, {})),
    ]


class Stage(Scene):
    """A scene with people in it, in whom a bug may sleep."""

    def __init__(
        self,
        store: Store,
        *poisoned: str,
        error: Exception | None = None,
        people: Sequence[str] = PEOPLE,
        limit: int = 1000,
    ) -> None:
        super().__init__(TWO_MESSAGES, store=store, limit=limit)
        self.poison = Poisoned(self.program.content, poisoned, error or Bug("no such thing"))
        self.program = replace(self.program, content=self.poison)
        self.runner = Runner(store, self.program, sets_aside=True)
        store.append([each for person in people for each in arrivals(person, self.now)])
        self.settle()

    def views(self, event: str, *people: str) -> None:
        """They look at something, all at once."""
        seen = Happened("viewed", self.now, self.now, 0, {})
        self.store.append([EventArrived(f"{person} {event}", person, seen) for person in people])
        self.settle()

    def all_of(self, person: str) -> Any:
        """Everything that is known of somebody, but for the numbers in the log."""
        (view,) = self.store.people([person], ["signed_up", "message_sent", "viewed"]).values()
        past = {
            name: [each._replace(number=0) for each in happened]
            for name, happened in view.history.items()
        }
        runs = [
            each._replace(trigger=each.trigger and each.trigger._replace(number=0))
            for each in view.runs
        ]
        deliveries = self.store.deliveries_of(person)
        return view.profile, runs, past, self.store.decisions(person), deliveries


def told(stage: Stage, person: str) -> list[tuple[str, ...]]:
    return [(d.what, d.reason, d.step, d.channel) for d in stage.store.decisions(person)]
