"""One person as a store would have them, and their story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dsl.calendar import Instant, from_datetime
from dsl.expr.context import Happened
from engine.core.consent import Entry
from engine.core.decision import Decision, What
from engine.core.effects import Delivery
from engine.core.profile import Profile
from engine.store.protocol import PersonView
from engine.why import Names, Story, tell

__all__ = ["LONDON", "Remembered", "at", "decided", "happened", "story", "texts"]

LONDON = ZoneInfo("Europe/London")


def at(text: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text))


class Remembered:
    """One person, as a store would have them."""

    def __init__(
        self,
        history: Mapping[str, Sequence[Happened]] | None = None,
        decisions: Sequence[Decision] = (),
        deliveries: Sequence[Delivery] = (),
        **profile: Any,
    ) -> None:
        past = {name: list(each) for name, each in (history or {}).items()}
        self.view = PersonView(Profile("u1", **profile), [], past)
        self._decisions = list(decisions)
        self._deliveries = list(deliveries)

    def people(self, ids: Sequence[str], events: Iterable[str]) -> dict[str, PersonView]:
        return {"u1": self.view} if "u1" in ids else {}

    def decisions(self, person: str) -> list[Decision]:
        return self._decisions

    def deliveries_of(self, person: str) -> list[Delivery]:
        return self._deliveries

    def consents(self, person: str) -> list[Entry]:
        return []


def happened(name: str, when: str, number: int = 1, **properties: Any) -> Happened:
    return Happened(name, at(when), at(when), number, properties)


def decided(
    what: What, reason: str, when: str, step: str = "", channel: str = "", detail: str = ""
) -> Decision:
    return Decision("u1", at(when), what, reason, "welcome", "run1", step, channel, detail)


def story(memory: Remembered, names: Names | None = None) -> Story:
    told = tell(memory, "u1", names or Names(LONDON, ()))
    assert told is not None
    return told


def texts(memory: Remembered, names: Names | None = None) -> list[str]:
    return [line.text for line in story(memory, names).lines]
