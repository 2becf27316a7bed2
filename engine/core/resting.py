"""States: how a run comes to rest in one, and which signal takes it on from there
(language reference, sections 4.2 and 4.4 ACCEPTS).
"""

from __future__ import annotations

from typing import assert_never

from dsl.calendar import Instant, subtract
from dsl.expr.context import Happened, StepRecord
from dsl.machine import Call, Escalation, Listen, ListenFor, Moment, Rule, Send, Timer, Until
from dsl.plan import SEEN
from engine.core.calling import answered
from engine.core.passage import Passage
from engine.core.preferences import PREFERENCES_SET
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

__all__ = ["accept", "arrive_listen", "arrive_timer", "arrive_until", "reread"]


def accept(passage: Passage, signal: Signal) -> int | None:
    """Where the signal takes the run from the state it rests in; None if it stays."""
    machine, run = passage.machine, passage.run
    index = machine.index[run.state]
    state = machine.code[index]
    woken = isinstance(signal, TimerFired) and signal.run == run.id
    timer = woken and _is_over(run.timer, passage.now)
    match state:
        case Timer():
            return state.then if timer else None
        case Until():
            # A rule may change by itself at the instant of another timer of the person.
            beside = isinstance(signal, TimerFired) and _is_over(run.due, passage.now)
            return _until(passage, state, signal, timer=timer, woken=woken or beside)
        case Listen():
            if isinstance(signal, EventArrived):
                return _heard(passage, state, signal.event)
            return state.otherwise if timer else None
        case Call():
            return answered(passage, state, signal, timer=timer)
        case Send() if run.awaiting:
            return _awaited(passage, state, index, signal, timer=timer)
        case Send():
            again = timer or (_may_open(signal) and not run.collecting)
            return index if again else None
        case _:
            return None  # not a state: nothing rests here


def _may_open(signal: Signal) -> bool:
    """Whether a send that waits may be allowed now: there is an address, a pause has been lifted."""
    if isinstance(signal, EventArrived):
        return signal.event.name == PREFERENCES_SET
    return isinstance(signal, ProfileChanged | Joined)


def _is_over(due: Instant | None, now: Instant) -> bool:
    return due is not None and due <= now


def _awaited(
    passage: Passage, state: Send, index: int, signal: Signal, *, timer: bool
) -> int | None:
    """A send that escalates: the receipt in time ends it, silence or a refusal goes on with it."""
    run = passage.run
    match signal:
        case TimerFired():
            return index if timer else None
        case ReceiptArrived(delivery=delivery, what="refused"):
            return index if delivery == run.awaiting else None
        case EventArrived(event=event):
            properties = event.properties
            record = run.steps.get(state.id)
            names = (state.id, *(record.formerly if record is not None else ()))
            own = properties.get("step") in names and properties.get("journey") == run.journey
            return state.then if own and _ends(state.escalation, event) else None
        case _:
            return None


def _ends(escalation: Escalation | None, event: Happened) -> bool:
    """Whether an event is what is waited for. What a machine opens was delivered, and no more."""
    if escalation is None or event.name not in escalation.events:
        return False
    machine = event.name in SEEN and event.properties.get("by") == "machine"
    return not machine or "message_delivered" in escalation.events


def _heard(passage: Passage, state: Listen, event: Happened) -> int | None:
    """The first entry that the event matches. Late ones count if not older than the policy says."""
    run = passage.run
    tolerance = passage.standing.program.policy.accept_for_waits.longest
    if event.occurred < run.since - tolerance:
        return None
    entry = _matching(passage, state, event)
    if entry is None:
        return None
    _remember(passage, state.id, event)
    if not entry.restart:
        return entry.then
    due = passage.after(passage.now, state.at_most)
    passage.run = run._replace(since=passage.now, due=due, timer=due)
    return None


def _matching(passage: Passage, state: Listen, event: Happened) -> ListenFor | None:
    context = passage.context
    for entry in state.entries:
        if entry.event != event.name:
            continue
        if entry.where is None:
            return entry
        context.candidate = event
        matched = entry.where.holds(context)
        context.candidate = None
        if matched:
            return entry
    return None


def _remember(passage: Passage, step: str, event: Happened) -> None:
    passage.record(step, StepRecord(values=event.properties, time=event.occurred))


def _until(
    passage: Passage, state: Until, signal: Signal, *, timer: bool, woken: bool
) -> int | None:
    """A timer, a rule that may have changed by itself, or a change of something mentioned."""
    if timer or (woken and isinstance(state.target, Rule)) or _touches(state.target, signal):
        return reread(passage, state, timer=timer)
    return None


def reread(passage: Passage, state: Until, *, timer: bool) -> int | None:
    """Asks the moment or rule again; a moment that has moved sets another timer."""
    run, now = passage.run, passage.now
    earliest = passage.after(run.since, state.after) or run.since
    if earliest > now:
        return None
    match state.target:
        case Rule():
            if state.target.holds(passage.context):
                return state.then
            last = passage.after(run.since, state.at_most)
            if last is not None and last <= now:
                return state.otherwise
            passage.wake_at(last)
            return None
        case Moment():
            if timer:
                return state.then
            context = passage.context
            context.now = run.since  # "tomorrow" is the day after arriving, however often asked
            moment = state.target.when(context, earliest)
            context.now = now
            if moment is None or moment < run.since:
                return _past(passage, state)
            if moment <= now:
                return state.then
            passage.wake_at(moment)
            return None
        case _ as unreachable:
            assert_never(unreachable)


def _touches(target: Rule | Moment, signal: Signal) -> bool:
    reads = target.reads
    match signal:
        case EventArrived():
            return signal.event.name in reads.events or bool(reads.segments) or reads.consent
        case ProfileChanged():
            changed = signal.attributes.keys() & reads.attributes
            return bool(changed or reads.segments or reads.channels or signal.addresses)
        case ReceiptArrived():
            return reads.messages or bool(reads.steps)
        case Joined():
            return True
        case TimerFired() | StartAsked() | CallAnswered() | WordSaid():
            return False
        case _ as unreachable:
            assert_never(unreachable)


def arrive_timer(passage: Passage, state: Timer) -> int | None:
    """Rests for the length of a ``wait``; goes on at once if it is nothing or missing."""
    due = passage.after(passage.now, state.length)
    if due is None or due <= passage.now:
        return state.then
    passage.rest(state.id, due)
    return None


def arrive_until(passage: Passage, state: Until) -> int | None:
    """Rests until the moment or rule of a ``wait until``, unless it holds already."""
    now = passage.now
    earliest = passage.after(now, state.after) or now
    match state.target:
        case Rule():
            if earliest > now:
                passage.rest(state.id, earliest)
                return None
            if state.target.holds(passage.context):
                return state.then
            last = passage.after(now, state.at_most)
            if last is not None and last <= now:
                return state.otherwise
            passage.rest(state.id, last)
            return None
        case Moment():
            moment = state.target.when(passage.context, earliest)
            if moment is None or moment < now:
                return _past(passage, state)
            if moment == now:
                return state.then
            passage.rest(state.id, moment)
            return None
        case _ as unreachable:
            assert_never(unreachable)


def _past(passage: Passage, state: Until) -> int | None:
    if state.past is None:
        passage.leave("past", detail=f"{state.id}: the moment was already over")
    return state.past


def arrive_listen(passage: Passage, state: Listen) -> int | None:
    """Listens from now on, or takes what ``looking back`` finds."""
    now, context = passage.now, passage.context
    if state.looking_back is not None:
        length = state.looking_back.value(context)
        if length is not None:
            start = subtract(now, length, context.zone, context.holidays)
            earlier = _looked_back(passage, state, start)
            if earlier is not None:
                return earlier
    due = passage.after(now, state.at_most)
    if due is None or due <= now:
        return state.otherwise
    passage.rest(state.id, due)
    return None


def _looked_back(passage: Passage, state: Listen, start: Instant) -> int | None:
    """The earliest match in [start, now) counts at once."""
    names = dict.fromkeys([entry.event for entry in state.entries])
    history = passage.context.history
    happened = sorted(
        [event for name in names for event in history.get(name, ())],
        key=lambda event: (event.occurred, event.number),
    )
    for event in happened:
        if start <= event.occurred < passage.now:
            entry = _matching(passage, state, event)
            if entry is not None:
                _remember(passage, state.id, event)
                return entry.then
    return None
