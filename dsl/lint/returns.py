"""W157: journeys that start again and again, and that nobody may enter a second time."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Diagnostic
from dsl.expr.schedule import Once
from dsl.files.reading import warning
from dsl.lint.sheets import Desk
from dsl.machine import DateTrigger, Machine, Never, ScheduleTrigger

__all__ = ["never_again"]


def never_again(desk: Desk) -> Iterator[Diagnostic]:
    """Only where nothing is written about it: who writes ``never`` means it."""
    for sheet in desk.journeys.values():
        machine = sheet.machine
        unsaid = sheet.node.entry("re-enter") is None
        if unsaid and isinstance(machine.re_enter, Never) and _comes_back(machine):
            yield warning(
                "W157",
                sheet.key("trigger"),
                "This starts again and again, but everybody enters it only once.",
                "Write: re-enter: any time     (or never, if once is what you mean)",
            )


def _comes_back(machine: Machine) -> bool:
    """Whether one of its triggers comes back by itself for the same person."""
    return any(
        trigger.yearly
        if isinstance(trigger, DateTrigger)
        else isinstance(trigger, ScheduleTrigger) and not isinstance(trigger.schedule, Once)
        for trigger in machine.triggers
    )
