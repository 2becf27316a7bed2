"""A segment, and why somebody is in it, as they are shown in a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any
from zoneinfo import ZoneInfo

from dsl.calendar import Instant, local, to_datetime
from dsl.machine import Segment
from engine.cli.terminal import styled
from engine.people.inspection import Inspection
from engine.people.membership import Judged

__all__ = ["data", "picture", "reasons", "reasons_as_data"]

_LINE = 79
_WIDTH = 24
_OVERLAPS = 8
_PARTS = " ▏▎▍▌▋▊▉█"


def picture(told: Inspection, zone: ZoneInfo) -> str:
    """Four short tables, one for each question."""
    title = f"{told.segment}: {told.title}" if told.title != told.segment else told.segment
    rule = " ".join(told.rule.split())
    lines = [styled(title, "bold"), f"  {rule}", "", *_size(told), *_overlaps(told)]
    return "\n".join([*lines, *_weeks(told, zone), *_channels(told)]).rstrip()


def _size(told: Inspection) -> Iterator[str]:
    yield styled("How many", "bold")
    yield f"  {told.size:,} of {told.everybody:,} people  {_share(told.size, told.everybody)}"
    yield ""


def _overlaps(told: Inspection) -> Iterator[str]:
    if not told.overlaps:
        return
    yield styled("In other segments as well", "bold")
    shown = [each for each in told.overlaps if each.shared][:_OVERLAPS]
    width = max((len(each.segment) for each in shown), default=0)
    for each in shown:
        bar = _bar(each.shared, told.size)
        yield (
            f"  {each.segment:{width}}  {each.shared:>9,}  {bar} {_share(each.shared, told.size):>5}"
            f"  and {_share(each.shared, each.size)} of that segment"
        )
    rest = len([each for each in told.overlaps if each.shared]) - len(shown)
    apart = len(told.overlaps) - len(shown) - rest
    if rest:
        yield f"  and {rest} more"
    if apart:
        yield f"  nobody in {apart} {'other' if apart == 1 else 'others'}"
    yield ""


def _weeks(told: Inspection, zone: ZoneInfo) -> Iterator[str]:
    yield styled("Who stays", "bold")
    most = max((each.members for each in told.weeks), default=0)
    for each in told.weeks:
        day = local(each.at, zone).strftime("%d %b %Y").lstrip("0")
        moved = "" if each.came is None else f"  +{each.came:,} \N{MINUS SIGN}{each.went:,}"
        yield f"  {day:>11}  {each.members:>9,}  {_bar(each.members, most)}{moved}"
    yield ""


def _channels(told: Inspection) -> Iterator[str]:
    yield styled("Who can be reached", "bold")
    width = max((len(each.channel) for each in told.channels), default=0)
    for each in told.channels:
        bar = _bar(each.reachable, told.size)
        without = told.size - each.reachable - each.suppressed
        more = [
            f"{count:,} {what}"
            for count, what in ((each.suppressed, "suppressed"), (without, "out of reach"))
            if count > 0
        ]
        said = f"  {', '.join(more)}" if more else ""
        share = _share(each.reachable, told.size)
        yield f"  {each.channel:{width}}  {each.reachable:>9,}  {bar} {share:>5}{said}"
        for category, count in each.consents.items():
            bar = _bar(count, told.size)
            yield (
                f"  {'':{width}}  {count:>9,}  {bar} {_share(count, told.size):>5}"
                f"  have agreed to {category}"
            )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def _bar(part: int, whole: int) -> str:
    eighths = round(part / whole * _WIDTH * 8) if whole else 0
    full, rest = divmod(eighths, 8)
    return f"{'█' * full}{_PARTS[rest] if rest else ''}".ljust(_WIDTH)


_JOINS = {"all": "all of these:", "any": "one of these:", "not": "not this:"}


def reasons(segment: Segment, person: str, judged: Judged) -> str:
    """Whether somebody is in a segment, and each condition with what it was judged by."""
    inside = "is" if judged.holds else "is not"
    title = "" if segment.title == segment.name else f": {segment.title}"
    lines = [styled(f"{person} {inside} in {segment.name}{title}", "bold"), ""]
    return "\n".join([*lines, *_conditions(judged, 1)])


def _conditions(judged: Judged, depth: int) -> Iterator[str]:
    answer = styled("yes", "green") if judged.holds else styled("no ", "yellow")
    words = _JOINS.get(judged.join, judged.condition)
    before = f"{'  ' * depth}{answer}  "
    beneath = " " * (2 * depth + 5)
    yield before + _folded(words, beneath)
    for each in judged.values:
        said = "known, and personal" if each.personal and each.value is not None else each.words
        yield f"{beneath}  " + styled(_folded(f"{each.name}: {said}", f"{beneath}  "), "dim")
    for part in judged.parts:
        yield from _conditions(part, depth + 1)


def _folded(words: str, beneath: str) -> str:
    """Words in lines that are not too long, the first of which stands behind something."""
    lines = wrap(words, max(_LINE - len(beneath), 20), break_long_words=False)
    return f"\n{beneath}".join(lines)


def reasons_as_data(segment: Segment, person: str, judged: Judged, now: Instant) -> dict[str, Any]:
    """The same, for programs."""
    return {
        "segment": segment.name,
        "person": person,
        "member": judged.holds,
        "at": to_datetime(now).isoformat(),
        "why": _condition_as_data(judged),
    }


def _condition_as_data(judged: Judged) -> dict[str, Any]:
    return {
        "condition": judged.condition,
        "holds": judged.holds,
        "join": judged.join,
        "values": [
            {"name": each.name, "value": None if each.personal else each.value}
            | ({"personal": True, "known": each.value is not None} if each.personal else {})
            for each in judged.values
        ],
        "parts": [_condition_as_data(part) for part in judged.parts],
    }


def data(told: Inspection) -> dict[str, Any]:
    """The same, for programs."""
    return {
        "segment": told.segment,
        "title": told.title,
        "rule": told.rule,
        "at": to_datetime(told.at).isoformat(),
        "everybody": told.everybody,
        "size": told.size,
        "overlaps": [each._asdict() for each in told.overlaps],
        "weeks": [
            {**each._asdict(), "at": to_datetime(each.at).isoformat()} for each in told.weeks
        ],
        "channels": [each._asdict() for each in told.channels],
    }
