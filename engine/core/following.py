"""An edited journey and the people inside: a run moves to the version that is deployed now, and
only while it rests (language reference, section 4.8).
"""

from __future__ import annotations

from typing import Any

from dsl.calendar import MINUTE, Instant
from dsl.machine import (
    Call,
    Instruction,
    Listen,
    Machine,
    Moment,
    Rule,
    Send,
    Timer,
    Until,
    canonical,
)
from engine.core.advance import resume
from engine.core.passage import Passage
from engine.core.run import Run
from engine.core.split import bucket

__all__ = ["follow", "step_called"]

_SPREAD = 15 * MINUTE


def follow(passage: Passage, former: Machine | None) -> Run:
    """Takes the passage's run over into its machine, which is another version of the journey than
    the one the run rests in: ``former``, or None if nobody knows that any more.
    """
    machine = passage.machine
    before = passage.run.state
    passage.run = _renamed(passage.run, machine, former)._replace(version=machine.version)
    passage.context.steps = passage.run.steps
    run = passage.run
    if run.status == "watched" or run.arm == "holdout":
        _measure(passage, former)
        return passage.run
    if machine.status == "ended":
        passage.leave("ended")
    elif run.state in machine.index:
        _stay(passage, None if former is None else step_called(former, before))
    else:
        _go_on(passage)
    return passage.result()


def step_called(machine: Machine, name: str) -> Instruction | None:
    """The step of this id among the steps of a journey."""
    at = _place(machine, name)
    return None if at is None else machine.code[at]


def _place(machine: Machine, name: str) -> int | None:
    ends = [at for at in (machine.on_goal, machine.on_exit) if at is not None]
    steps = machine.code[: min(ends, default=None)]
    return next((at for at, step in enumerate(steps) if getattr(step, "id", None) == name), None)


def _renamed(run: Run, machine: Machine, former: Machine | None) -> Run:
    """The run with its steps under their new names; a record keeps the names it had."""
    names = machine.names_since(former)
    if not names or not (run.state in names or names.keys() & run.steps.keys()):
        return run
    steps = {
        names.get(step, step): record._replace(formerly=(*record.formerly, step))
        if step in names
        else record
        for step, record in run.steps.items()
    }
    return run._replace(state=names.get(run.state, run.state), steps=steps)


# ------------------------------------------------------------------- where the step is gone


def _go_on(passage: Passage) -> None:
    """As the journey says, and else they leave: nobody stays in a step that is not there."""
    run, machine = passage.run, passage.machine
    for removed in machine.removed:
        at = None if removed.then is None else _place(machine, removed.then)
        if removed.step == run.state and at is not None:
            why = f"the step {run.state} is gone"
            passage.decide("edited", "goes on", removed.then or "", detail=why)
            resume(passage, at)
            return
    passage.leave("removed", detail=f"the step {run.state} is no longer there")


# ------------------------------------------------------------------ where it is still there


def _stay(passage: Passage, before: Instruction | None) -> None:
    """Rests on in the same step; if what it waits for is another thing now, until then."""
    run = passage.run
    at = passage.machine.index[run.state]
    state = passage.machine.code[at]
    if before is None and isinstance(state, Send):
        _stay_in_send(passage, state, state)
    elif before is None:
        if run.timer is None and isinstance(state, Timer | Listen):
            resume(passage, at)  # a step of this kind is never without a timer
    elif type(before) is not type(state):
        resume(passage, at)
    elif isinstance(state, Call) and isinstance(before, Call) and state.service != before.service:
        resume(passage, at)  # whatever comes of the call is the answer to another question
    elif isinstance(state, Send) and isinstance(before, Send):
        _stay_in_send(passage, state, before)
    elif canonical(_awaited(before)) != canonical(_awaited(state)):
        passage.decide("edited", "waits anew", run.state)
        _wait_anew(passage, state)


def _awaited(step: Instruction) -> Any:
    """What of a step says when people go on by themselves."""
    match step:
        case Timer():
            return step.length
        case Until():
            return step.target, step.after, step.at_most
        case Listen() | Call():
            return step.at_most
        case _:
            return None


def _stay_in_send(passage: Passage, state: Send, before: Send) -> None:
    """A send asks again by its new words when its time comes. What it waits for after a message
    has gone out, is recomputed; where it would have nothing to do any more, people go on.
    """
    run = passage.run
    if not run.done or state.every:
        return
    left = {choice.channel for choice in state.choices}
    if state.escalation is None or run.done[-1] not in left:
        resume(passage, state.then)
        return
    earlier = None if before.escalation is None else before.escalation.after
    if run.awaiting and canonical(earlier) != canonical(state.escalation.after):
        record = run.steps.get(run.state)
        sent = run.since if record is None or record.time is None else record.time
        _wake(passage, passage.after(sent, state.escalation.after))


def _wait_anew(passage: Passage, state: Instruction) -> None:
    """Recomputed from when the wait began."""
    run, now = passage.run, passage.now
    match state:
        case Call(at_most=None):
            pass  # as long as the service is given, which was asked already
        case Timer(length=length) | Listen(at_most=length) | Call(at_most=length):
            _wake(passage, passage.after(run.since, length))
        case Until(target=Rule() as rule):
            earliest = passage.after(run.since, state.after) or run.since
            if earliest > now:
                _wake(passage, earliest)
            elif rule.holds(passage.context):
                _wake(passage, now)
            elif (last := passage.after(run.since, state.at_most)) is not None:
                _wake(passage, last)
            else:
                passage.wake_at(None)
        case Until(target=Moment() as target):
            passage.context.now = run.since  # "tomorrow" is the day after arriving
            moment = target.when(
                passage.context, passage.after(run.since, state.after) or run.since
            )
            passage.context.now = now
            if moment is not None and moment >= run.since:
                _wake(passage, moment)
            elif state.past is None:
                passage.leave("past", detail=f"{state.id}: the moment was already over")
            else:
                resume(passage, state.past)
        case _:
            pass  # nothing else waits


def _wake(passage: Passage, due: Instant | None) -> None:
    """Wakes then; who would have gone on already does so within a quarter of an hour, each at a
    time of their own, so that an edit is no flood. Nobody waits longer for it than before.
    """
    run, now = passage.run, passage.now
    if due is None or due <= now:
        share = bucket(f"{run.journey}/{run.state}", run.person)
        due = now + int(share * _SPREAD)
        if run.timer is not None:
            due = min(due, run.timer)
    passage.wake_at(due)


def _measure(passage: Passage, former: Machine | None) -> None:
    """Who has left or is held out is measured for as long as the goal says now."""
    run, machine = passage.run, passage.machine
    if former is None or canonical(former.goal_within) == canonical(machine.goal_within):
        return
    until = passage.after(run.entered, machine.goal_within)
    if until is not None:
        watch = run.watch_until if run.watch_until is None else until
        passage.run = run._replace(due=max(until, passage.now), watch_until=watch)
