"""W154: rules about what a web service has answered, which nobody tells us about again."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Diagnostic
from dsl.files.reading import warning
from dsl.lint.sheets import Desk, Sheet, texts_of
from dsl.machine import Call, Loop, Rule, Until
from dsl.source import Text

__all__ = ["untimed_answers"]


def untimed_answers(desk: Desk) -> Iterator[Diagnostic]:
    """W154: a guard, or a rule waited for, that could change without any input."""
    for sheet in desk.journeys.values():
        calls = {step.id for step in sheet.machine.code if isinstance(step, Call)}
        for text, rule in _held_against_time(sheet):
            if rule.reads.steps & calls:
                message = "This rule can change by itself, and we only notice at the next step."
                yield warning("W154", text.span(), message)


def _held_against_time(sheet: Sheet) -> Iterator[tuple[Text, Rule]]:
    machine = sheet.machine
    if machine.goal is not None:
        yield from zip(sheet.texts("goal"), (machine.goal,), strict=False)
    yield from zip(sheet.texts("exclude if"), machine.exclude, strict=False)
    yield from zip(sheet.texts("exit if"), machine.exits, strict=False)
    for step in machine.code:
        place = sheet.written(step)
        if place is None:
            continue
        if isinstance(step, Loop) and step.holds is not None:
            yield from ((text, step.holds) for text in texts_of(place.node.get("while")))
        elif isinstance(step, Until) and isinstance(step.target, Rule):
            target = step.target
            yield from ((text, target) for text in texts_of(place.node.get("wait until")))
