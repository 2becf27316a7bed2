"""One run, one signal, one instant: the step relation (language reference, section 4.4).

Total: every signal in every state has an answer. Runs to rest: sends and branches are gone
through until a wait or an end. Deterministic: the same arguments give the same answer.
"""

from __future__ import annotations

from typing import NamedTuple, assert_never

from dsl.calendar import Instant
from dsl.expr.context import StepRecord
from dsl.machine import (
    Branch,
    Emit,
    End,
    Jump,
    Listen,
    Machine,
    Send,
    SetProfile,
    Split,
    Stop,
    Timer,
    Until,
)
from engine.core.changes import Changes
from engine.core.decision import Decision
from engine.core.effects import Delivery, EmitEvent
from engine.core.guards import guard, measure
from engine.core.ids import emitted_id
from engine.core.passage import Passage
from engine.core.profile import Profile
from engine.core.rest import at_rest
from engine.core.resting import accept, arrive_listen, arrive_timer, arrive_until, reread
from engine.core.run import Run
from engine.core.send import attempt
from engine.core.signals import Signal
from engine.core.split import choose
from engine.core.standing import Standing

__all__ = ["Advance", "advance", "begin", "move", "refresh"]

_MICROSTEPS = 1000
_ROUNDS = "0"  # no loops yet: every step is in round 0


class Advance(NamedTuple):
    """What became of a run and its person: themselves, what is wanted, and why."""

    run: Run
    profile: Profile
    deliveries: tuple[Delivery, ...]
    emitted: tuple[EmitEvent, ...]
    decisions: tuple[Decision, ...]


def advance(
    machine: Machine, run: Run, standing: Standing, signal: Signal, now: Instant
) -> Advance:
    """Lets ``signal`` happen to a live or watched run. Changes nothing it is given."""
    changes, emitted = Changes(), list[EmitEvent]()
    passage = Passage(machine, run, standing.copy(), now, changes, emitted)
    moved = move(passage, signal)
    return Advance(
        moved,
        passage.standing.profile,
        tuple(changes.deliveries),
        tuple(emitted),
        tuple(changes.decisions),
    )


def move(passage: Passage, signal: Signal) -> Run:
    """Lets ``signal`` happen to the passage's run, which is live or watched."""
    machine, run = passage.machine, passage.run
    if run.status == "watched" or run.arm == "holdout":
        measure(passage, signal)
    elif run.state not in machine.index:
        passage.leave("removed", detail=f"the step {run.state} is no longer there")
    elif not guard(passage, signal):
        target = accept(passage, signal)
        if target is not None:
            _go(passage, machine.index[run.state], target, signal)
    return passage.result()


def begin(passage: Passage, signal: Signal) -> Run:
    """Starts a run that was just admitted: runs to rest."""
    passage.guarded = True  # the door has just asked goal, exclude if and exit if
    _go(passage, -1, 0, signal)
    return passage.result()


def refresh(passage: Passage, signal: Signal) -> Run:
    """Takes new trigger data into the state a run rests in: its moment or rule is read again."""
    machine, run = passage.machine, passage.run
    state = machine.code[machine.index[run.state]] if run.state in machine.index else None
    if isinstance(state, Until) and state.target.reads.trigger and not guard(passage, signal):
        target = reread(passage, state, timer=False)
        if target is not None:
            _go(passage, machine.index[run.state], target, signal)
    return passage.result()


# --------------------------------------------------------------------------------------- run


def _go(passage: Passage, source: int, target: int, signal: Signal) -> None:
    """Runs from instruction ``target`` until a state to rest in, or until the run has left."""
    machine = passage.machine
    for _ in range(_MICROSTEPS):
        if source != target:
            passage.count(source, target)
        instruction = machine.code[target]
        following: int | None
        match instruction:
            case Send():
                if guard(passage, signal):
                    return
                following = attempt(passage, instruction, _ROUNDS, arriving=source != target)
            case Timer():
                following = arrive_timer(passage, instruction)
            case Until():
                following = arrive_until(passage, instruction)
            case Listen():
                following = arrive_listen(passage, instruction)
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


def _set_profile(passage: Passage, step: SetProfile) -> None:
    standing = passage.standing
    attributes = dict(standing.profile.attributes)
    for name, formula in step.values:
        value = at_rest(formula.value(passage.context), formula.kind)
        if value is None:
            attributes.pop(name, None)
        else:
            attributes[name] = value
    standing.become(standing.profile._replace(attributes=attributes))
    passage.guarded = False


def _emit(passage: Passage, step: Emit, index: int) -> None:
    run = passage.run
    properties = {}
    for name, formula in step.values:
        value = at_rest(formula.value(passage.context), formula.kind)
        if value is not None:
            properties[name] = value
    passage.emitted.append(
        EmitEvent(emitted_id(run.id, step.id or str(index), _ROUNDS), step.event, properties)
    )
