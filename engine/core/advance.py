"""One run, one signal, one instant: the step relation (language reference, section 4.4).

Total: every signal in every state has an answer. Runs to rest: sends and branches are gone
through until a wait or an end. Deterministic: the same arguments give the same answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, assert_never

from dsl.calendar import Instant
from dsl.expr.context import Happened, StepRecord
from dsl.machine import (
    Branch,
    Emit,
    End,
    Jump,
    Listen,
    ListenFor,
    Machine,
    Moment,
    Rule,
    Send,
    SetProfile,
    Split,
    Stop,
    Timer,
    Until,
)
from engine.core.decision import Decision
from engine.core.effects import Effect, EmitEvent
from engine.core.ids import emitted_id
from engine.core.passage import Passage
from engine.core.profile import Profile
from engine.core.run import Run
from engine.core.send import attempt
from engine.core.signals import EventArrived, ProfileChanged, ReceiptArrived, Signal, TimerFired
from engine.core.split import choose
from engine.core.standing import Standing

__all__ = ["Advance", "advance", "begin"]

_MICROSTEPS = 1000
_ROUNDS = "0"  # no loops yet: every step is in round 0


class Advance(NamedTuple):
    """What became of a run: itself, the profile, what is wanted, and why.

    ``edges`` are the instructions gone through, as pairs of indexes, for counts on drawings.
    """

    run: Run
    profile: Profile
    effects: tuple[Effect, ...] = ()
    decisions: tuple[Decision, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()


def advance(
    machine: Machine, run: Run, standing: Standing, signal: Signal, now: Instant
) -> Advance:
    """Lets ``signal`` happen to a live or watched run."""
    passage = Passage(machine, run, replace(standing), now)
    if run.status == "watched" or run.arm == "holdout":
        _measure(passage, signal)
    elif run.state not in machine.index:
        passage.leave("removed", detail=f"the step {run.state} is no longer there")
    elif not _guard(passage, signal):
        target = _accept(passage, signal)
        if target is not None:
            _go(passage, machine.index[run.state], target, signal)
    return _advanced(passage)


def begin(machine: Machine, run: Run, standing: Standing, signal: Signal, now: Instant) -> Advance:
    """Starts a run that was just admitted: computes ``let`` and runs to rest."""
    passage = Passage(machine, run, replace(standing), now)
    variables: dict[str, object] = {}
    passage.context.variables = variables
    for name, formula in machine.variables:
        variables[name] = formula.value(passage.context)
    passage.run = replace(run, variables=variables)
    _go(passage, -1, 0, signal)
    return _advanced(passage)


def _advanced(passage: Passage) -> Advance:
    return Advance(
        passage.result(),
        passage.standing.profile,
        tuple(passage.effects),
        tuple(passage.decisions),
        tuple(passage.edges),
    )


# ------------------------------------------------------------------------------------ guards


def _measure(passage: Passage, signal: Signal) -> None:
    """A run that has left, or is held out, is only measured against its goal."""
    machine, run = passage.machine, passage.run
    goal = machine.goal
    if run.converted is None and goal is not None and goal.holds(passage.context):
        passage.convert(_occurred(signal, passage.now))
        if run.arm == "holdout" and run.status == "live":
            passage.leave("goal")
            return
        passage.run = replace(passage.run, status="closed", due=None, watch_until=None)
        return
    if not (isinstance(signal, TimerFired) and signal.run == run.id):
        return
    if run.status == "watched":
        passage.run = replace(run, status="closed", due=None, watch_until=None)
    else:
        passage.leave("end")


def _guard(passage: Passage, signal: Signal) -> bool:
    """Whether a guard ended the run. First match wins: goal, exclude if, exit if."""
    machine, context = passage.machine, passage.context
    if machine.status == "ended":
        passage.leave("ended")
        return True
    if machine.goal is not None and machine.goal.holds(context):
        passage.convert(_occurred(signal, passage.now))
        passage.leave("goal", detail=machine.goal.text)
        return True
    for rule in machine.exclude:
        if rule.holds(context):
            passage.leave("exclude if", detail=f"{rule.text}, {rule.place}")
            return True
    for rule in machine.exits:
        if rule.holds(context):
            passage.leave("exit if", detail=f"{rule.text}, {rule.place}")
            return True
    return False


def _occurred(signal: Signal, now: Instant) -> Instant:
    return signal.event.occurred if isinstance(signal, EventArrived) else now


# ------------------------------------------------------------------------------------ accept


def _accept(passage: Passage, signal: Signal) -> int | None:
    """Where the signal takes the run from the state it rests in; None if it stays."""
    machine, run = passage.machine, passage.run
    index = machine.index[run.state]
    state = machine.code[index]
    timer = isinstance(signal, TimerFired) and signal.run == run.id
    match state:
        case Timer():
            return state.then if timer else None
        case Until():
            return _until(passage, state, signal, timer=timer)
        case Listen():
            if isinstance(signal, EventArrived):
                return _heard(passage, state, signal.event)
            return state.otherwise if timer else None
        case Send():
            again = timer or (isinstance(signal, ProfileChanged) and not run.collecting)
            return index if again else None
        case _:
            return None  # not a state: nothing rests here


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
    passage.run = replace(run, since=passage.now, due=due)
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


def _until(passage: Passage, state: Until, signal: Signal, *, timer: bool) -> int | None:
    """A timer, or a change of something the moment or rule mentions."""
    if not timer and not _touches(state.target, signal):
        return None
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
            moment = state.target.when(passage.context, earliest)
            if moment is None:
                return state.past
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
        case TimerFired():
            return False
        case _ as unreachable:
            assert_never(unreachable)


# --------------------------------------------------------------------------------------- run


def _go(passage: Passage, source: int, target: int, signal: Signal) -> None:
    """Runs from instruction ``target`` until a state to rest in, or until the run has left."""
    machine = passage.machine
    for _ in range(_MICROSTEPS):
        if source != target:
            passage.edges.append((source, target))
        instruction = machine.code[target]
        following: int | None
        match instruction:
            case Send():
                if _guard(passage, signal):
                    return
                following = attempt(passage, instruction, _ROUNDS, arriving=source != target)
            case Timer():
                following = _arrive(passage, instruction)
            case Until():
                following = _arrive_until(passage, instruction)
            case Listen():
                following = _arrive_listen(passage, instruction)
            case Branch():
                following = next(
                    (case.then for case in instruction.cases if case.when.holds(passage.context)),
                    instruction.otherwise,
                )
            case Split():
                path = choose(instruction, passage.run.person)
                passage.record(instruction.id, StepRecord(path=path.name, time=passage.now))
                following = path.then
            case SetProfile():
                _set_profile(passage, instruction)
                following = instruction.then
            case Emit():
                _emit(passage, instruction, target)
                following = instruction.then
            case Jump():
                following = instruction.to
            case Stop():
                passage.leave(instruction.reason)
                return
            case End():
                passage.leave("end")
                return
            case _ as unreachable:
                assert_never(unreachable)
        if following is None:
            return
        source, target = target, following
    raise RuntimeError(f"{machine.journey}: more than {_MICROSTEPS} steps without a rest")


def _arrive(passage: Passage, state: Timer) -> int | None:
    due = passage.after(passage.now, state.length)
    if due is None or due <= passage.now:
        return state.then
    passage.rest(state.id, due)
    return None


def _arrive_until(passage: Passage, state: Until) -> int | None:
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


def _arrive_listen(passage: Passage, state: Listen) -> int | None:
    now = passage.now
    back = passage.context
    if state.looking_back is not None:
        length = state.looking_back.value(back)
        if length is not None:
            earlier = _looked_back(passage, state, now - length.longest)
            if earlier is not None:
                return earlier
    due = passage.after(now, state.at_most)
    if due is None or due <= now:
        return state.otherwise
    passage.rest(state.id, due)
    return None


def _looked_back(passage: Passage, state: Listen, start: Instant) -> int | None:
    """The earliest match in [start, now) counts at once."""
    names = dict.fromkeys(entry.event for entry in state.entries)
    history = passage.context.history
    happened = sorted(
        (event for name in names for event in history.get(name, ())),
        key=lambda event: (event.occurred, event.number),
    )
    for event in happened:
        if start <= event.occurred < passage.now:
            entry = _matching(passage, state, event)
            if entry is not None:
                _remember(passage, state.id, event)
                return entry.then
    return None


def _set_profile(passage: Passage, step: SetProfile) -> None:
    standing = passage.standing
    attributes = dict(standing.profile.attributes)
    changed = passage.values(step.values)
    for name, value in changed.items():
        if value is None:
            attributes.pop(name, None)
        else:
            attributes[name] = value
    standing.profile = replace(standing.profile, attributes=attributes)
    passage.context.attributes = attributes


def _emit(passage: Passage, step: Emit, index: int) -> None:
    run = passage.run
    properties = {k: v for k, v in passage.values(step.values).items() if v is not None}
    passage.effects.append(
        EmitEvent(emitted_id(run.id, step.id or str(index), _ROUNDS), step.event, properties)
    )


