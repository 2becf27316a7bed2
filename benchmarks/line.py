"""What a measurement says of itself: rows of the table that ``make bench`` prints."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Line"]


class Line(NamedTuple):
    """One row of the table. ``met`` is None for what has no target."""

    what: str
    measured: str
    target: str = ""
    met: bool | None = None
