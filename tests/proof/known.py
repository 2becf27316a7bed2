"""What is known of the firm's people, kept by somebody who is not the engine: from what came in by the
door, in the order in which it was processed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.signals import Arrival, Erased, EventArrived, ProfileChanged

__all__ = ["Known", "Somebody", "Wish"]


Wish: TypeAlias = tuple[Instant, int | None, Instant]
"""When it was said, how many a week at most, and not before when."""


@dataclass(slots=True)
class Somebody:
    """One person. ``happened`` are events by name: when they occurred, and their properties."""

    attributes: dict[str, Any] = field(default_factory=dict)
    agreed: tuple[Instant, bool] = (0, False)
    happened: dict[str, list[tuple[Instant, Any]]] = field(default_factory=dict)
    since: Instant = 0  # when they were forgotten last
    wish: Wish = (0, None, 0)
    is_known: bool = False

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.attributes.get("time_zone") or "Europe/Berlin")

    def bought_between(self, moment: Instant, now: Instant) -> bool:
        """After one moment and up to another: a clock that steps back leaves purchases ahead."""
        bought = self.happened.get("purchase", ())
        return any(moment < occurred <= now for occurred, _ in bought)


class Known:
    """Everybody. What arrives waits until ``processed`` says that it is time."""

    def __init__(self) -> None:
        self.people: dict[str, Somebody] = {}
        self._ids: set[str] = set()
        self._waiting: list[Arrival] = []

    def of(self, person: str) -> Somebody:
        return self.people.setdefault(person, Somebody())

    def arrived(self, arrivals: Iterable[Arrival]) -> int:
        """Takes them; those seen before are nothing new. How many were new."""
        fresh = [each for each in arrivals if each.id not in self._ids]
        self._ids.update(each.id for each in fresh)
        self._waiting += fresh
        return len(fresh)

    def processed(self, now: Instant) -> list[Arrival]:
        """Everything received by now has become part of what is known, in its order."""
        done = sorted((e for e in self._waiting if _received(e) <= now), key=_received)
        self._waiting = [each for each in self._waiting if _received(each) > now]
        for each in done:
            self._learn(each, now)
        return done

    def _learn(self, arrival: Arrival, now: Instant) -> None:
        somebody = self.of(arrival.person)
        match arrival:
            case Erased():
                self.people[arrival.person] = Somebody(since=now)
            case ProfileChanged():
                somebody.is_known = True
                somebody.attributes |= arrival.attributes
            case EventArrived(_, _, event):
                somebody.is_known = True
                said = (event.occurred, dict(event.properties))
                somebody.happened.setdefault(event.name, []).append(said)
                grants = {"consent_granted": True, "consent_withdrawn": False}
                if event.name in grants:  # of one instant, the withdrawal
                    since, agreed = somebody.agreed
                    word = (event.occurred, grants[event.name])
                    somebody.agreed = max((since, agreed), word, key=lambda w: (w[0], not w[1]))
                if event.name == "preferences_set":
                    somebody.wish = _wished(somebody.wish, event)
            case _:
                pass


def _wished(known: Wish, event: Happened) -> Wish:
    """Of one instant, the stricter part of each."""
    most, until = (event.properties.get(name) for name in ("at_most_per_week", "paused_until"))
    if known[0] == event.occurred:
        until = max(known[2], until or 0)
        most = min((each for each in (known[1], most) if each is not None), default=None)
    return known if known[0] > event.occurred else (event.occurred, most, until or 0)


def _received(arrival: Arrival) -> Instant:
    return arrival.event.received if isinstance(arrival, EventArrived) else arrival.received
