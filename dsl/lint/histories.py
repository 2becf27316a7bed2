"""W114 and W151: rules that look back further than they should."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Diagnostic
from dsl.expr import typed_test as tt
from dsl.expr import typed_value as tv
from dsl.files.reading import warning
from dsl.lint.sheets import Desk, Sheet
from dsl.machine import Rule

__all__ = ["goals_at_the_door", "whole_histories"]

_ALREADY = "The goal is already true at the door for many people: it looks at all"


def goals_at_the_door(desk: Desk) -> Iterator[Diagnostic]:
    """W114: a goal that what happened before entering fulfils as well."""
    for sheet in desk.journeys.values():
        goal = sheet.machine.goal
        if goal is None:
            continue
        if _anybody_ever_in(goal):
            for text in sheet.texts("goal"):
                yield warning(
                    "W114", text.span(), f"{_ALREADY} coming and going.", f"{text} since entry"
                )
        events = [rows.event for rows in _open_ended(goal) if not _asks_the_trigger(goal)]
        for text in sheet.texts("goal") if events else ():
            event = desk.project.plan.events[events[0]]
            named = (event.plural or f"{event.name}s").replace("_", " ")
            yield warning(
                "W114",
                text.span(),
                f"{_ALREADY} {named} ever.",
                f"{text} since entry" if _alone(goal) else f"did {event.name} since entry",
            )


def whole_histories(desk: Desk) -> Iterator[Diagnostic]:
    """W151: guards that ask for something that may be years ago."""
    for sheet in desk.journeys.values():
        for key, rules in _asked_again_and_again(sheet):
            texts = sheet.texts(key)
            for text, rule in zip(texts, rules, strict=False):
                if any(True for _ in _open_ended(rule)):
                    yield warning(
                        "W151",
                        text.span(),
                        "This looks through the whole history of a person every time.",
                        "Add a window, for example: in the last 365 days",
                    )


def _asked_again_and_again(sheet: Sheet) -> Iterator[tuple[str, tuple[Rule, ...]]]:
    yield "eligible if", sheet.machine.eligible
    yield "exclude if", sheet.machine.exclude
    yield "exit if", sheet.machine.exits


def _anybody_ever_in(goal: Rule) -> bool:
    meaning = goal.meaning
    return isinstance(meaning, tt.SegmentChanged) and meaning.window is None


def _alone(rule: Rule) -> bool:
    return isinstance(rule.meaning, tt.Some)


def _asks_the_trigger(rule: Rule) -> bool:
    return rule.reads.trigger


def _open_ended(rule: Rule) -> Iterator[tv.Events]:
    """The events of every ``did x`` without a window, on the first levels of the rule."""
    yield from _did(rule.meaning)


def _did(test: object) -> Iterator[tv.Events]:
    match test:
        case tt.Some(rows=tv.Events(window=None) as rows, followed=None, times=None):
            yield rows
        case tt.All(parts=parts) | tt.Any_(parts=parts):
            for part in parts:
                yield from _did(part)
        case tt.Not(part=part):
            yield from _did(part)
        case _:
            pass
