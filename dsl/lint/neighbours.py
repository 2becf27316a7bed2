"""W115: journeys that start on the same event and know nothing of each other."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Diagnostic
from dsl.files.reading import error, warning
from dsl.lint.sheets import Desk, Sheet
from dsl.machine import EventTrigger
from dsl.source import Text
from dsl.spelling import did_you_mean

__all__ = ["started_together"]

_MOST_NAMED = 4


def started_together(desk: Desk) -> Iterator[Diagnostic]:
    """One finding for each journey with others after it that start on the same event."""
    by_event: dict[str, list[Sheet]] = {}
    for sheet in desk.journeys.values():
        yield from _unknown(sheet, desk)
        events = {one.event for one in sheet.machine.triggers if isinstance(one, EventTrigger)}
        for event in sorted(events):
            by_event.setdefault(event, []).append(sheet)
    named = {name: _named(sheet) for name, sheet in desk.journeys.items()}
    for event, sheets in by_event.items():
        names = [sheet.machine.journey for sheet in sheets]
        for number, sheet in enumerate(sheets):
            own = names[number]
            others = [
                other
                for other in names[number + 1 :]
                if other not in named[own] and own not in named[other]
            ]
            if others:
                yield _finding(sheet, event, others)


def _named(sheet: Sheet) -> set[str]:
    """The journeys about which this one says something."""
    excluded = {name for rule in sheet.machine.exclude for name in rule.reads.journeys}
    return excluded | {str(name) for name in _together(sheet)}


def _together(sheet: Sheet) -> Iterator[Text]:
    """The names under ``together with``, divided by commas or in a list."""
    for text in sheet.texts("together with"):
        at = 0
        for piece in text.split(","):
            yield text.part(at, at + len(piece)).trimmed()
            at += len(piece) + 1


def _unknown(sheet: Sheet, desk: Desk) -> Iterator[Diagnostic]:
    for name in _together(sheet):
        if name not in desk.project.machines:
            hint = did_you_mean(name, desk.project.machines)
            yield error("N11", name.span(), f'There is no journey called "{name[:60]}".', hint)


def _finding(sheet: Sheet, event: str, others: list[str]) -> Diagnostic:
    name = sheet.machine.journey
    if len(others) == 1:
        message = (
            f'Two journeys start on "{event}" and neither excludes the other: {name}, {others[0]}.'
        )
    else:
        named = ", ".join(others[:_MOST_NAMED])
        more = len(others) - _MOST_NAMED
        named += f" and {more} more" if more > 0 else ""
        message = (
            f'{len(others) + 1} journeys start on "{event}", and this one and the others do not'
            f" exclude each other: {named}."
        )
    hint = f"If that is intended, write: together with: {', '.join(others[:_MOST_NAMED])}"
    return warning("W115", sheet.key("trigger"), message, hint)
