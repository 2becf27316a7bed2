"""All that is known of one person, as it was at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from dsl.calendar import Instant
from engine.core.aside import Aside
from engine.core.changes import Merge
from engine.core.consent import Entry
from engine.core.decision import Decision
from engine.core.effects import CallWebhook, Delivery
from engine.core.learning import Assignment
from engine.core.origins import Origin
from engine.core.signals import Arrival
from engine.core.strays import Stray
from engine.store.view import PersonView

__all__ = ["Dossier", "Filed"]


class Filed(NamedTuple):
    """Something that arrived, and whether it still waits to be processed."""

    arrival: Arrival
    waits: bool


class Dossier(NamedTuple):
    """A person, whole. ``view`` has the profile and all runs, and no history: that is among what
    arrived. ``aside`` is since when and why they are or were set aside, ``released`` until when.
    ``names`` are those that have turned out to be theirs; ``strays`` are calls that are kept aside.
    """

    view: PersonView
    arrivals: list[Filed]
    deliveries: list[Delivery]
    decisions: list[Decision]
    calls: list[CallWebhook]
    assignments: list[Assignment]
    aside: Aside | None = None
    released: Instant | None = None
    consents: Sequence[Entry] = ()
    origins: Mapping[str, Origin] = MappingProxyType({})
    names: Sequence[Merge] = ()
    strays: Sequence[Stray] = ()
