"""A person, as a batch loads them and as they are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from dsl.expr.context import Happened
from engine.core.aside import Aside
from engine.core.profile import Profile
from engine.core.run import Run
from engine.core.signals import Arrival

__all__ = ["Person", "PersonView"]


@dataclass(slots=True)
class Person:
    """Everything loaded of one person for a batch.

    ``runs`` are the live and watched ones in the order of (entered, id); ``pending`` the
    unprocessed arrivals in the order of (received, number). ``profile`` is an empty one for
    somebody unknown so far: no batch has written a profile.
    """

    profile: Profile
    runs: list[Run] = field(default_factory=list)
    pending: list[Arrival] = field(default_factory=list)
    known: bool = True


class PersonView(NamedTuple):
    """A person as seen from outside a batch: ``runs`` are live, watched and closed ones in the
    order of (entered, id); ``aside`` says that they are set aside, and why. Of somebody who is not
    ``readable`` something is damaged, and nothing but ``aside`` says anything about them.
    """

    profile: Profile
    runs: list[Run]
    history: dict[str, list[Happened]]
    aside: Aside | None = None
    readable: bool = True
