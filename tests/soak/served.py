"""Imported into a daemon before it begins: one kind of event raises, as a bug would that lies in
wait; and files take many messages at a time, as a provider does.
"""

from __future__ import annotations

from channels.adapter import Capabilities
from channels.file import FileAdapter
from dsl.calendar import Instant
from engine.core.fold import Fold
from engine.core.signals import EventArrived

__all__ = ["POISON", "lay"]

POISON = 66600
"""What is paid with an order that raises, in cents."""


class PoisonError(Exception):
    """Something of ours goes wrong."""


def lay() -> None:
    """From now on it is so."""
    note = Fold._note_event

    def poisoned(self: Fold, arrived: EventArrived, now: Instant) -> None:
        if arrived.event.properties.get("total") == POISON:
            raise PoisonError
        note(self, arrived, now)

    def many(self: FileAdapter) -> Capabilities:
        return Capabilities(self._settings.channels, concurrency=64)

    Fold._note_event = poisoned  # type: ignore[method-assign]  # that is the bug
    FileAdapter.capabilities = property(many)  # type: ignore[method-assign,assignment]
