"""What starts journeys: M3 of the language reference, section 4.4, and what starts by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from dsl.calendar import Instant
from dsl.expr.context import Happened
from dsl.machine import Machine, ScheduleTrigger
from engine.core.admit import Admitted, HeldOut, Refused, Restarted, Updated, admit
from engine.core.advance import begin, refresh
from engine.core.books import Books, Made
from engine.core.looking import Occasion, look, memberships
from engine.core.program import Trigger
from engine.core.run import Run
from engine.core.signals import (
    EventArrived,
    ProfileChanged,
    ReceiptArrived,
    Signal,
    StartAsked,
    TimerFired,
)

__all__ = ["invite", "look_by_itself"]


def invite(books: Books, signal: Signal, now: Instant) -> list[Made]:
    """Every journey that this input starts, most important first."""
    match signal:
        case EventArrived(identity, _, event):
            triggers = books.program.triggers.get(event.name, ())
            return _start(books, triggers, identity, event, signal, now)
        case StartAsked(identity, _, received, number, journey, properties, by):
            asked = Happened(f"start {journey}", received, received, number, properties)
            triggers = books.program.called(journey, by)
            return _start(books, triggers, identity, asked, signal, now)
        case ProfileChanged() | ReceiptArrived() | TimerFired():
            return []
        case _ as unreachable:
            assert_never(unreachable)


def look_by_itself(books: Books, signal: Signal, now: Instant) -> list[Made]:
    """What starts without being told: dates, schedules, and segments entered or left.

    What was due before this input has been looked through already, so after any other input
    only the future is looked at: a date that is past when it becomes known starts nothing.
    """
    standing, occasions = books.standing, list[Occasion]()
    if not (isinstance(signal, TimerFired) and not signal.run):
        standing.become(standing.profile._replace(woken=now))
    occasions += look(standing, now)
    occasions += memberships(standing, now, known=books.known)
    books.known = True
    made: list[Made] = []
    for trigger, name, at in occasions:
        if _invited(books, trigger, now):
            event = Happened(name, at, now, books.number(), {})
            identity = f"{trigger.machine.journey}@{at}"
            made += _start(books, (trigger,), identity, event, signal, now)
    return made


def _invited(books: Books, trigger: Trigger, now: Instant) -> bool:
    """A schedule is for those who are in its segment at that moment."""
    way = trigger.way
    if not isinstance(way, ScheduleTrigger):
        return True
    return books.standing.in_segment(way.audience, books.standing.context(now))


def _start(
    books: Books,
    triggers: Sequence[Trigger],
    identity: str,
    event: Happened,
    signal: Signal,
    now: Instant,
) -> list[Made]:
    """M3: every journey that is started, most important first."""
    made: list[Made] = []
    for trigger in triggers:
        machine = trigger.machine
        admission = admit(trigger, books.standing, books.closed, identity, event, now)
        match admission:
            case Refused(decision):
                if decision is not None:
                    books.changes.decisions.append(decision)
            case HeldOut(run, decision):
                books.keep(run)
                books.changes.decisions.append(decision)
            case Updated(run):
                books.keep(run)
                passage, emitted = books.passage(machine, run, now)
                books.keep(refresh(passage, signal), run)
                made += books.made(emitted, run, now)
            case Restarted(old, new):
                books.keep(old._replace(status="closed", due=None, left=now, outcome="restart"))
                books.standing.runs.pop(old.id, None)
                books.decide(old, now, "left", "restart")
                made += _enter(books, machine, new, event, signal, now)
            case Admitted(run):
                made += _enter(books, machine, run, event, signal, now)
            case _ as unreachable:
                assert_never(unreachable)
    return made


def _enter(
    books: Books, machine: Machine, run: Run, event: Happened, signal: Signal, now: Instant
) -> list[Made]:
    if run.arm == "holdout":
        books.keep(run)
        books.decide(run, now, "held out", "holdout")
        return []
    books.decide(run, now, "entered", event.name)
    books.standing.runs[run.id] = run
    passage, emitted = books.passage(machine, run, now)
    books.keep(begin(passage, signal), run)
    return books.made(emitted, run, now)
