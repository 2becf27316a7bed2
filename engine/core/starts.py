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
from engine.core.ids import membership_id
from engine.core.knowing import remember
from engine.core.looking import comings, look
from engine.core.program import Trigger
from engine.core.run import Run
from engine.core.signals import (
    CallAnswered,
    EventArrived,
    Joined,
    ProfileChanged,
    ReceiptArrived,
    Signal,
    StartAsked,
    TimerFired,
    WordSaid,
)

__all__ = ["come_and_go", "invite", "invite_members", "look_by_itself", "take_as_it_is"]


def come_and_go(books: Books, signal: Signal, now: Instant) -> list[EventArrived]:
    """Part of M1: the segments entered and left by what is known now. History has them from here
    on, as far as rules ask about them; and those rules may be those of other segments.
    """
    program, found = books.program, list[EventArrived]()
    for time in range(len(program.tracked)):
        turned = _turned(books, signal, time, now)
        if not turned:
            break
        for each in turned:
            if each.event.name not in program.unkept:
                remember(books.history, each.event)
                books.changes.events.append(each)
            found.append(each)
    return found


def take_as_it_is(books: Books, now: Instant) -> None:
    """Which segments the person is in by what is known now, as if that had always been so: nobody
    has entered or left one.
    """
    comings(books.standing, now, lambda: 0, known=True)
    books.known, books.judged, books.moved = True, books.standing.profile, False


def _turned(books: Books, signal: Signal, time: int, now: Instant) -> list[EventArrived]:
    """What the segments say now and did not say before, as events with names of their own."""
    turned = comings(books.standing, now, books.number, known=books.known)
    books.known, books.judged, books.moved = True, books.standing.profile, False
    person = books.standing.profile.id
    cause = f"{signal.run}@{signal.due}" if isinstance(signal, TimerFired) else signal.id
    return [
        EventArrived(membership_id(person, event.name, cause, time, now), person, event)
        for event in turned
    ]


def invite(books: Books, signal: Signal, now: Instant) -> list[Made]:
    """Every journey that this input starts, most important first."""
    match signal:
        case TimerFired():
            return []
        case EventArrived(identity, _, event):
            triggers = books.program.triggers.get(event.name, ())
            return _start(books, triggers, identity, event, signal, now) if triggers else []
        case StartAsked(identity, _, received, number, journey, properties, by):
            asked = Happened(f"start {journey}", received, received, number, properties)
            triggers = books.program.called(journey, by)
            return _start(books, triggers, identity, asked, signal, now)
        case ProfileChanged() | ReceiptArrived() | CallAnswered() | WordSaid() | Joined():
            return []
        case _ as unreachable:
            assert_never(unreachable)


def invite_members(
    books: Books, turned: Sequence[EventArrived], signal: Signal, now: Instant
) -> list[Made]:
    """Every journey that is for those who have just entered a segment, or left one. The run is
    called by the coming or going: there may be several at one instant.
    """
    made: list[Made] = []
    for identity, _, event in turned:
        triggers = books.program.triggers.get(event.name, ())
        made += _start(books, triggers, identity, event, signal, now)
    return made


def look_by_itself(books: Books, signal: Signal, now: Instant) -> list[Made]:
    """What starts without being told: dates and schedules; and the segments entered or left by
    what journeys have just done, which are inputs of their own.

    What was due before this input has been looked through already, so after any other input
    only the future is looked at: a date that is past when it becomes known starts nothing.
    """
    standing, made = books.standing, list[Made]()
    if books.moved or standing.profile is not books.judged:
        made += _turned(books, signal, len(books.program.tracked), now)
    if not (isinstance(signal, TimerFired) and not signal.run):
        standing.become(standing.profile._replace(woken=now))
    for trigger, name, at in look(standing, now):
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
