"""A plan as people read it, and as programs do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, assert_never
from zoneinfo import ZoneInfo

from dsl.calendar import Instant, local
from dsl.changes import (
    Change,
    Continues,
    Ends,
    Fate,
    Finishes,
    Leaves,
    Lost,
    OtherKind,
    Stays,
    WaitsAnew,
)
from dsl.render import to_json
from engine.deploy.plan import Group, JourneyPlan, Plan
from engine.store.protocol import Deployment

__all__ = ["Line", "as_data", "as_text", "day_words", "fate_words", "in_a_line", "version_words"]

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_LONGEST_NAME = 22


class Line(NamedTuple):
    """One line, and what kind of line it is: for its colour."""

    kind: Literal["title", "journey", "+", "-", "~", "people", "stop", ""]
    text: str


def day_words(at: Instant, zone: ZoneInfo) -> str:
    """``22 November 2026, 06:41``."""
    moment = local(at, zone)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M}"


def version_words(deployment: Deployment, zone: ZoneInfo) -> str:
    """``version 3 (deployed on 22 November 2026, 06:41)``."""
    return f"version {deployment.number} (deployed on {day_words(deployment.deployed, zone)})"


def fate_words(fate: Fate, step: str) -> str:
    """What becomes of the people in a step."""
    match fate:
        case Stays(step=now):
            return "stay where they are" if now == step else f"stay; it is called {now} now"
        case WaitsAnew(step=now):
            name = "" if now == step else f"; it is called {now} now"
            return f"wait anew, counted from when they came there{name}"
        case Continues(step=onward):
            return f"go on at {onward}"
        case Leaves():
            return "leave the journey"
        case Ends():
            return "leave, because the journey ends"
        case Finishes():
            return "finish the version they entered"
        case Lost():
            return "have nowhere to go"
        case OtherKind(before=before, after=after):
            return f'cannot stay: it was "{before}" and is "{after}"'
        case _ as unreachable:
            assert_never(unreachable)


def as_text(plan: Plan, zone: ZoneInfo, *, width: int = 80) -> Iterator[Line]:
    """Everything that would change, and what becomes of whom."""
    against = "nothing that runs yet" if plan.current is None else version_words(plan.current, zone)
    yield Line("title", f"Compared with {against}:")
    before = 9
    for journey in plan.journeys:
        lines = list(_journey(journey, width))
        if max(before, len(lines)) > 1:  # short ones stand together
            yield Line("", "")
        yield from lines
        before = len(lines)
    if plan.house:
        yield Line("", "")
        yield Line("journey", "For all journeys")
        yield from _changes(plan.house, width)
    if not plan.journeys and not plan.house:
        yield Line("", "")
        yield Line("", "Nothing that anybody would notice.")


def _journey(journey: JourneyPlan, width: int) -> Iterator[Line]:
    inside = ""
    if journey.people:
        inside = f", {_many(journey.people, 'person', 'people')} inside"
    status = "" if journey.status in ("", "live") else f" ({journey.status})"
    yield Line("journey", f"{journey.name} {_VERBS[journey.what]}{status}{inside}")
    yield from _changes(journey.changes, width)
    steps = [group for group in journey.groups if group.step]
    touched = [group for group in steps if group.fate != Stays(group.step)]
    others = sum(group.people for group in steps if group not in touched)
    rows = [(group.people, f"in {group.step}", group) for group in touched]
    if others:
        where = "in other steps" if touched else "in its steps"
        rows.append((others, where, Group("", others, Stays(""))))
    if rows and journey.changes:
        yield Line("", "")
    counts = max((len(f"{people:,}") for people, _, _ in rows), default=0)
    names = min(_LONGEST_NAME, max((len(where) for _, where, _ in rows), default=0))
    for people, where, group in rows:
        lead = f"    {f'{people:,}'.rjust(counts)} {where.ljust(names)}  "
        stops = isinstance(group.fate, Lost | OtherKind)
        for text in _hanging(lead, fate_words(group.fate, group.step), width):
            yield Line("stop" if stops else "people", text)
    measured = sum(group.people for group in journey.groups if not group.step)
    if measured and journey.what == "gone":
        said = f"{_many(measured, 'person', 'people')} held out or gone already: measured no more"
        yield Line("people", f"    {said}")


_VERBS = {"new": "is new", "gone": "is gone", "changed": "changes"}


def _changes(changes: Sequence[Change], width: int) -> Iterator[Line]:
    names = min(_LONGEST_NAME, max((len(change.what) for change in changes), default=0))
    for change in changes:
        lead = f"  {change.sign} {change.what.ljust(names)}  " if names else f"  {change.sign} "
        for text in _hanging(lead, change.words, width):
            yield Line(change.sign, text)


def _hanging(lead: str, text: str, width: int) -> list[str]:
    """The text behind its lead; further lines stand under its first word."""
    indent = " " * min(len(lead), 4 + 2 + _LONGEST_NAME)
    return textwrap.wrap(
        text,
        width,
        initial_indent=lead,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    ) or [lead.rstrip()]


def in_a_line(plan: Plan) -> str:
    """``2 journeys change, 1 is new, 40 people move.``"""
    parts: list[str] = []
    for what, one, several in (
        ("changed", "changes", "change"),
        ("new", "is new", "are new"),
        ("gone", "is gone", "are gone"),
    ):
        count = sum(journey.what == what for journey in plan.journeys)
        if count:
            noun = "journey" if count == 1 else "journeys"
            parts.append(f"{count} {noun if not parts else ''} {one if count == 1 else several}")
    people = sum(journey.people for journey in plan.journeys)
    if people:
        parts.append(f"{_many(people, 'person', 'people')} inside")
    if not parts:
        parts.append("No journey changes")
    return f"{', '.join(' '.join(part.split()) for part in parts)}."


def _many(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


def as_data(plan: Plan) -> dict[str, Any]:
    """The plan as plain data."""
    project = plan.compiled.project
    return {
        "ok": plan.possible,
        "against": plan.onto,
        "version": None if project is None else project.version,
        "journeys": [
            {
                "journey": journey.name,
                "what": journey.what,
                "people": journey.people,
                "changes": _changes_data(journey.changes),
                "inside": [
                    {
                        "step": group.step or None,
                        "people": group.people,
                        "then": type(group.fate).__name__,
                        "words": fate_words(group.fate, group.step),
                    }
                    for group in journey.groups
                ],
            }
            for journey in plan.journeys
        ],
        "changes": _changes_data(plan.house),
        "diagnostics": to_json(plan.compiled.diagnostics),
    }


def _changes_data(changes: Iterable[Change]) -> list[dict[str, str]]:
    names = {"+": "new", "-": "gone", "~": "changed"}
    return [
        {"sort": names[change.sign], "what": change.what, "words": change.words}
        for change in changes
    ]
