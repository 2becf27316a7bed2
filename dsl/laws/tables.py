"""The laws as they were read once, shipped beside what they were read from.

Reading them as they are written takes a quarter of the time of a check. They are used only for the
files that they were made from; for any others the laws are read as if they were not there.
``make docs`` writes them again.
"""

from __future__ import annotations

import json
import pkgutil
import zlib
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from dsl.policy import Area, Law, Laws, QuietSpan

__all__ = ["FILE", "laws_in", "shipped", "tables_of"]

FILE = "laws.tables"


def shipped(digest: str) -> Laws | None:
    """What is shipped for the files of this digest, if that is what is shipped."""
    try:
        file = pkgutil.get_data("dsl.laws", FILE) or b""
    except OSError:
        return None
    return laws_in(file, digest)


def tables_of(laws: Laws, digest: str) -> bytes:
    """What is shipped: the same laws give the same bytes."""
    made = {
        "of": digest,
        "countries": laws.countries,
        "version": laws.version,
        "laws": [_law_at_rest(law) for law in laws.entries],
        "areas": {number: [*area[:2], *area.zones] for number, area in laws.areas.items()},
        "states": dict(laws.states),
    }
    return zlib.compress(json.dumps(made, separators=(",", ":")).encode(), 9)


def laws_in(file: bytes, digest: str) -> Laws | None:
    """The laws in such a file; none if it is of other files, or cannot be read."""
    try:
        made = json.loads(zlib.decompress(file))
    except (ValueError, zlib.error):
        return None
    if not isinstance(made, dict) or made.get("of") != digest:
        return None
    return Laws(
        countries=tuple(made["countries"]),
        version=made["version"],
        entries=tuple(_law(law) for law in made["laws"]),
        areas=MappingProxyType({number: _area(*area) for number, area in made["areas"].items()}),
        states=MappingProxyType(made["states"]),
    )


def _area(country: str, state: str, *zones: str) -> Area:
    return Area(country, state, zones)


def _law_at_rest(law: Law) -> dict[str, Any]:
    return {
        "id": law.id,
        "country": law.country,
        "state": law.state,
        "called": law.called,
        "says": law.says,
        "channels": sorted(law.channels),
        "quiet": [_span_at_rest(span) for span in law.quiet],
        "on_holidays": law.on_holidays,
        "limit": law.limit,
        "never": law.never,
    }


def _law(made: Mapping[str, Any]) -> Law:
    channels, quiet = frozenset(made["channels"]), tuple(_span(*span) for span in made["quiet"])
    return Law(**{**made, "channels": channels, "quiet": quiet})


def _span_at_rest(span: QuietSpan) -> list[Any]:
    dates = None if span.dates is None else sorted(day.isoformat() for day in span.dates)
    days = None if span.days is None else sorted(span.days)
    return [days, span.start, span.end, span.place, dates]


def _span(
    days: list[int] | None, start: int, end: int, place: str, dates: list[str] | None
) -> QuietSpan:
    return QuietSpan(
        channels=None,  # a law names its own
        days=None if days is None else frozenset(days),
        start=start,
        end=end,
        place=place,
        dates=None if dates is None else frozenset(map(date.fromisoformat, dates)),
    )
