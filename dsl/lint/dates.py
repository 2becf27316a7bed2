"""W152: dates that are over. Asked by whoever knows what day it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from dsl.diagnostics import Diagnostic, Span
from dsl.expr.schedule import Once
from dsl.files.reading import warning
from dsl.machine import Project, ScheduleTrigger
from dsl.source import Source, normal_text

__all__ = ["past_dates"]


def past_dates(project: Project, sources: Mapping[str, str], today: date) -> Iterator[Diagnostic]:
    """Schedules that were for one day, and that day was before ``today``."""
    for machine in project.machines.values():
        if machine.status == "ended":
            continue
        for trigger in machine.triggers:
            if (
                isinstance(trigger, ScheduleTrigger)
                and isinstance(trigger.schedule, Once)
                and trigger.schedule.day < today
            ):
                day = trigger.schedule.day.isoformat()
                span = _span(trigger.place, day, sources)
                yield warning("W152", span, f"The date is in the past: {day}.")


def _span(place: str, day: str, sources: Mapping[str, str]) -> Span:
    """Where the day is written; the beginning of its line if it is folded over several."""
    path, _, line = place.rpartition(":")
    text = Source(path, normal_text(sources.get(path, ""))).line(int(line))
    at = text.find(day)
    return Span(path, int(line), at + 1, len(day)) if at >= 0 else Span(path, int(line), 1)
