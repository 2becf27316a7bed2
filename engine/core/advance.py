"""One run, one signal, one instant: the step relation (language reference, section 4.4).

Total: every signal in every state has an answer. Runs to rest: sends and branches are gone
through until a wait or an end. Deterministic: the same arguments give the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, assert_never

from dsl.calendar import Instant
from dsl.machine import (
    Again,
    Branch,
    Call,
    Emit,
    End,
    Jump,
    Let,
    Listen,
    Loop,
    Machine,
    Send,
    SetProfile,
    Split,
    StartJourney,
    Stop,
    Timer,
    Until,
)
from engine.core.calling import arrive_call, resume_call
from engine.core.changes import Changes
from engine.core.decision import Decision
from engine.core.doing import carry_out
from engine.core.effects import CallWebhook, Delivery, Emitted
from engine.core.guards import LEFT, guard, measure
from engine.core.passage import Passage
from engine.core.profile import Profile
from engine.core.resting import accept, arrive_listen, arrive_timer, arrive_until, reread
from engine.core.run import Run
from engine.core.send import attempt
from engine.core.signals import EventArrived, Signal, TimerFired
from engine.core.standing import Standing

__all__ = ["Advance", "advance", "begin", "move", "refresh", "resume", "thaw"]

_MICROSTEPS = 1000
_NOWHERE = -2  # where people come from whom an edit of their journey has set down


class Advance(NamedTuple):
    """What became of a run and its person: themselves, what is wanted, and why."""

    run: Run
    profile: Profile
    deliveries: tuple[Delivery, ...]
    emitted: tuple[Emitted, ...]
    decisions: tuple[Decision, ...]
    calls: tuple[CallWebhook, ...] = ()


def advance(
    machine: Machine, run: Run, standing: Standing, signal: Signal, now: Instant
) -> Advance:
    """Lets ``signal`` happen to a live or watched run. Changes nothing it is given."""
    changes, emitted = Changes(), list[Emitted]()
    passage = Passage(machine, run, standing.copy(), now, changes, emitted)
    moved = move(passage, signal)
    return Advance(
        moved,
        passage.standing.profile,
        tuple(changes.deliveries),
        tuple(emitted),
        tuple(changes.decisions),
        tuple(changes.calls),
    )


def move(passage: Passage, signal: Signal) -> Run:
    """Lets ``signal`` happen to the passage's run, which is live or watched."""
    machine, run = passage.machine, passage.run
    if run.status == "watched" or run.arm == "holdout":
        measure(passage, signal)
    elif run.state not in machine.index:
        passage.leave("removed", detail=f"the step {run.state} is no longer there")
    else:
        at = machine.index[run.state]
        target = guard(passage, signal, at)
        if target is None:
            target = accept(passage, signal)
        if target is not None and target != LEFT:
            _go(passage, at, target, signal)
    return passage.result()


def begin(passage: Passage, signal: Signal) -> Run:
    """Starts a run that was just admitted: runs to rest."""
    passage.guarded = True  # the door has just asked goal, exclude if and exit if
    _go(passage, -1, 0, signal)
    return passage.result()


def refresh(passage: Passage, signal: Signal) -> Run:
    """Takes new trigger data into the state a run rests in: its moment or rule is read again."""
    machine, run = passage.machine, passage.run
    if run.state not in machine.index:
        return run
    at = machine.index[run.state]
    state = machine.code[at]
    if isinstance(state, Until) and state.target.reads.trigger:
        target = guard(passage, signal, at)
        if target is None:
            target = reread(passage, state, timer=False)
        if target is not None and target != LEFT:
            _go(passage, at, target, signal)
    return passage.result()


def thaw(passage: Passage, missed: Sequence[EventArrived], signal: TimerFired) -> Run:
    """Goes on after a pause: what came meanwhile happens now, in its order."""
    machine, run, now = passage.machine, passage.run, passage.now
    passage.run = run = run._replace(frozen=None, due=run.timer)
    if run.state not in machine.index:
        return move(passage, signal)
    at = machine.index[run.state]
    state = machine.code[at]
    target = guard(passage, signal, at)
    if target is None and isinstance(state, Until):
        target = reread(passage, state, timer=run.timer is not None and run.timer <= now)
    elif target is None and isinstance(state, Listen):
        for event in missed:
            target = accept(passage, event)
            if target is not None:
                break
    elif target is None and isinstance(state, Call):
        target = resume_call(passage, state)
    if target is not None and target != LEFT:
        _go(passage, at, target, signal)
    return passage.result()


def resume(passage: Passage, target: int) -> None:
    """Goes on at an instruction, wherever the run has rested before, unless a guard ends it."""
    run = passage.run
    signal = TimerFired(run.person, run.id, passage.now)
    turned = guard(passage, signal, target)
    if turned != LEFT:
        _go(passage, _NOWHERE, target if turned is None else turned, signal)


# --------------------------------------------------------------------------------------- run


def _go(passage: Passage, source: int, target: int, signal: Signal) -> None:
    """Runs from instruction ``target`` until a state to rest in, or until the run has left."""
    machine = passage.machine
    for _ in range(_MICROSTEPS):
        if source not in (target, _NOWHERE):
            passage.count(source, target)
        following = _do(passage, source, target, signal)
        if following is None or following == LEFT:
            return
        source, target = target, following
    raise RuntimeError(f"{machine.journey}: more than {_MICROSTEPS} steps without a rest")


def _do(passage: Passage, source: int, index: int, signal: Signal) -> int | None:
    """One instruction. Where to go on; None at rest; ``LEFT`` if the run has ended."""
    instruction = passage.machine.code[index]
    match instruction:
        case Send():
            turned = guard(passage, signal, index)
            if turned is not None:
                return turned
            return attempt(passage, instruction, passage.rounds(index), arriving=source != index)
        case Timer():
            return arrive_timer(passage, instruction)
        case Branch():
            for case in instruction.cases:
                if case.when.holds(passage.context):
                    return case.then
            return instruction.otherwise
        case Stop() | End():
            reason = instruction.reason if isinstance(instruction, Stop) else "end"
            passage.leave(passage.outcome or reason)
            return LEFT
        case Until():
            return arrive_until(passage, instruction)
        case Listen():
            return arrive_listen(passage, instruction)
        case Call():
            return arrive_call(passage, instruction, index)
        case Split() | Loop() | Again() | SetProfile() | Let() | Emit() | StartJourney():
            return carry_out(passage, instruction, index)
        case Jump():
            return instruction.to
        case _ as unreachable:
            assert_never(unreachable)
