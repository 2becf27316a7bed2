"""A person as they are shown."""

from __future__ import annotations

from typing import NamedTuple

from dsl.expr.context import Happened
from engine.core.aside import Aside
from engine.core.profile import Profile
from engine.core.run import Run

__all__ = ["PersonView"]


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
