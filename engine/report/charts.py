"""Small charts written by hand: shapes as SVG that stretches, words as HTML that does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

__all__ = ["Bar", "Days", "Mark", "bars", "days_chart", "scale_top"]

_HEIGHT = 100.0  # of the drawing's own units; the page stretches it


class Mark(NamedTuple):
    """A label at a place from 0 to 100 along an axis."""

    place: float
    text: str


class Days(NamedTuple):
    """A chart of stacked bars over days, with the labels of both axes."""

    svg: str
    months: Sequence[Mark]
    counts: Sequence[Mark]


class Bar(NamedTuple):
    """One line of a list of bars: ``width`` from 0 to 100."""

    label: str
    number: int
    width: float


def scale_top(most: int) -> int:
    """A round number at or a little above ``most``, for the top of an axis."""
    if most <= 4:
        return 4
    digits: int = 10 ** (len(str(most)) - 1)
    tenths = (10, 12, 16, 20, 24, 32, 40, 60, 80, 100)
    return next(step * digits // 10 for step in tenths if step * digits >= most * 10)


def days_chart(
    days: Mapping[date, Mapping[str, int]], channels: Sequence[str], start: date, end: date
) -> Days:
    """Messages per day, the channels on top of each other."""
    span = (end - start).days + 1
    width = 100.0 / span
    top = scale_top(max((sum(found.values()) for found in days.values()), default=0))
    shapes: dict[str, list[str]] = {channel: [] for channel in channels}
    for day in sorted(days):
        x = (day - start).days * width
        y = _HEIGHT
        for channel in channels:
            count = days[day].get(channel, 0)
            if count:
                high = count * _HEIGHT / top
                y -= high
                shapes[channel].append(
                    f"M{x:.3f} {y:.2f}h{width * 0.9:.3f}v{high:.2f}h-{width * 0.9:.3f}z"
                )
    paths = "".join(
        f'<path class="fill-{_safe(channel)}" d="{"".join(found)}"/>'
        for channel, found in shapes.items()
        if found
    )
    lines = "".join(
        f'<path class="grid" d="M0 {_HEIGHT * part:.0f}H100"/>' for part in (0, 0.25, 0.5, 0.75)
    )
    svg = (
        f'<svg viewBox="0 0 100 {_HEIGHT:.0f}" preserveAspectRatio="none" aria-hidden="true">'
        f"{lines}{paths}</svg>"
    )
    counts = [Mark(100 * part, f"{round(top * (1 - part)):,}") for part in (0, 0.25, 0.5, 0.75, 1)]
    return Days(svg, _months(start, end, span), counts)


def _months(start: date, end: date, span: int) -> list[Mark]:
    """The first days of months, or of days if it all lies within a few weeks."""
    marks: list[Mark] = []
    day = start
    while day <= end:
        if day.day == 1 or (span < 45 and (day - start).days % 7 == 0):
            text = f"{day:%b}" if span >= 45 else f"{day.day} {day:%b}"
            marks.append(Mark((day - start).days * 100 / span, text))
        day += timedelta(days=1)
    if len(marks) > 1:
        marks = [
            one for one, after in pairwise([*marks, Mark(106, "")]) if after.place - one.place > 4
        ]
    return marks


def bars(counts: Mapping[str, int], most: int | None = None) -> list[Bar]:
    """A list of bars, the longest first. ``most`` is what a full bar stands for."""
    longest = max(counts.values(), default=0) if most is None else most
    return [
        Bar(label, count, count * 100 / longest)
        for label, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        if count and longest
    ]


def _safe(name: str) -> str:
    return "".join(c for c in name if c.isalnum() or c == "_")
