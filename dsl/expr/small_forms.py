"""The small languages of the files: caps, re-entry, spans, durations, schedules.

They are values, not rules: what they give can be compared and written down as it is.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from dsl.calendar import Duration
from dsl.diagnostics import Diagnostic, Severity
from dsl.expr import tree
from dsl.expr.build_forms import CapForm
from dsl.expr.check import Checker
from dsl.expr.parse import parse
from dsl.expr.schedule import RECIPIENT, EveryLength, Monthly, Once, OnWeekdays, Schedule
from dsl.expr.scope import Scope
from dsl.machine import After, AnyTime, Blocked, Cap, Never, NextChannel, ReEnter, Skip, WaitUpTo
from dsl.source import Text

__all__ = [
    "read_blocked",
    "read_cap",
    "read_duration",
    "read_reentry",
    "read_rounds",
    "read_schedule",
    "read_span",
]


def read_cap(text: Text, scope: Scope, found: list[Diagnostic]) -> Cap | None:
    """``2 per week on email about promotional``."""
    form = parse(text, "cap", found)
    if form is None:
        return None
    assert isinstance(form, CapForm)
    checker = Checker(text, scope, found)
    before = len(found)
    channel = None if form.channel is None else checker.known_channel(form.channel)
    category = None if form.category is None else checker.known_category(form.category)
    if len(found) > before:
        return None
    return Cap(form.count, form.period, channel, category, str(text), text.place)


def read_reentry(text: Text, found: list[Diagnostic]) -> ReEnter | None:
    """``never``, ``any time``, ``after 30 days``, ``after 90 days since leaving``."""
    form = parse(text, "reentry", found)
    assert form is None or isinstance(form, Never | AnyTime | After)
    return form


def read_blocked(text: Text, found: list[Diagnostic]) -> Blocked | None:
    """``wait``, ``wait up to 2 days``, ``next channel``, ``skip``."""
    form = parse(text, "blocked", found)
    assert form is None or isinstance(form, Skip | NextChannel | WaitUpTo)
    return form


def read_span(text: Text, found: list[Diagnostic]) -> tuple[int, int] | None:
    """``21:00 to 08:00``, as minutes of the day."""
    form = parse(text, "span", found)
    return None if form is None else (form[0], form[1])


def read_rounds(text: Text, found: list[Diagnostic]) -> int | None:
    """``up to 3 times``."""
    form = parse(text, "repeat", found)
    assert form is None or isinstance(form, int)
    return form


def read_duration(text: Text, found: list[Diagnostic]) -> Duration | None:
    """``2 hours 30 minutes``: a constant, where a formula makes no sense."""
    form = parse(text, "length", found)
    if form is None:
        return None
    if isinstance(form, tree.Length):
        return form.value
    message = "Here stands a length of time."
    hint = "For example: 2 hours, 1 day 12 hours, 2 working days"
    found.append(Diagnostic(Severity.ERROR, "T13", text.span(), message, hint))
    return None


def read_schedule(text: Text, found: list[Diagnostic]) -> Schedule | None:
    """``every Monday at 09:00 in Europe/Berlin``."""
    form = parse(text, "schedule", found)
    if form is None:
        return None
    assert isinstance(form, OnWeekdays | EveryLength | Monthly | Once)
    if form.zone not in (None, RECIPIENT) and not _is_zone(form.zone):
        at = text.find(form.zone)
        span = text.span(at, at + len(form.zone))
        message = f'There is no time zone called "{form.zone}".'
        found.append(Diagnostic(Severity.ERROR, "E09", span, message, "For example: Europe/Berlin"))
        return None
    return form


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
