"""Where links lead, and what for a message is sent: plain data that is stored and handed on."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["NO_OCCASION", "Destination", "Occasion"]


class Destination(NamedTuple):
    """Where a link leads: a page of the web, and maybe a place in an app that shows the same."""

    web: str
    app: str = ""


class Occasion(NamedTuple):
    """What a message is sent for."""

    journey: str = ""
    category: str = ""


NO_OCCASION: Final = Occasion()
