"""The events of a tracking plan by the names that senders have for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple, TypeAlias

from dsl.plan import Event, TrackingPlan
from engine.ingest.context import Asked, asked_of
from engine.ingest.oddities import Unplanned
from engine.ingest.reading import Wrong, printable

__all__ = ["Book", "Known", "Seen"]

Seen: TypeAlias = Literal["page", "screen"]

_OURS = "message_"
_MOST_HINTS = 20  # in one batch: looking for a name that is close takes a while


class Known(NamedTuple):
    """An event, and what of the context it asks for."""

    event: Event
    asked: Asked


class Book:
    """Finds events. ``page`` and ``screen`` calls are those that a tracking plan declares under
    these names: ``from: page Pricing`` is that page, ``from: page`` all that are not declared.
    """

    __slots__ = ("_all", "_open")

    def __init__(self, plan: TrackingPlan) -> None:
        self._all = {event.name: event for event in plan.events.values()}
        self._all |= {event.source: event for event in plan.events.values()}
        self._open = {  # to anybody; the others are ours to report
            name: Known(event, asked_of(event.properties))
            for name, event in self._all.items()
            if not (name.startswith(_OURS) or event.name.startswith(_OURS))
        }

    def track(self, named: object, hints: Counter[str]) -> Known:
        """The event of a ``track`` call."""
        found = self._open.get(named) if isinstance(named, str) else None
        if found is None:
            raise self._unknown(named, hints)
        return found

    def seen(self, kind: Seen, call: Mapping[str, Any]) -> Known:
        """The event of a ``page`` or ``screen`` call."""
        named = call.get("name")
        found = self._open.get(f"{kind} {named}") if isinstance(named, str) else None
        found = found or self._open.get(kind)
        if found is None:
            raise Wrong(
                f'The tracking plan takes no "{kind}" calls: declare an event with "from: {kind}".'
            )
        return found

    def _unknown(self, name: object, hints: Counter[str]) -> Wrong:
        """Why there is no such event to be sent."""
        if not isinstance(name, str) or not name:
            return Wrong('A "track" call needs the name of the event in "event".')
        shown = printable(name)
        if name in self._all or name.startswith(_OURS):
            return Wrong(
                f'"{shown}" is reserved: only the engine itself reports what became of messages.'
            )
        hint = ""
        hints["asked"] += 1
        if hints["asked"] <= _MOST_HINTS:
            known = [word for word in self._all if not word.startswith(_OURS)]
            close = get_close_matches(shown, known, 1)
            hint = f' Did you mean "{close[0]}"?' if close else ""
        return Unplanned(f'The tracking plan has no event "{shown}".{hint}', name)
