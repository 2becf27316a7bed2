"""What ends a run from outside its steps: the goal, exclusions and exits, at every input, every
wake and every send (language reference, section 4.4).
"""

from __future__ import annotations

from dsl.calendar import Instant
from engine.core.passage import Passage
from engine.core.signals import EventArrived, Signal, TimerFired

__all__ = ["LEFT", "guard", "measure"]

LEFT = -1
"""The run has ended. No instruction has this number."""


def measure(passage: Passage, signal: Signal) -> None:
    """A run that has left, or is held out, is only measured against its goal."""
    machine, run = passage.machine, passage.run
    goal = machine.goal
    if run.converted is None and goal is not None and goal.holds(passage.context):
        passage.convert(_occurred(signal, passage.now))
        if run.arm == "holdout" and run.status == "live":
            passage.leave("goal")
            return
        passage.run = passage.run._replace(status="closed", due=None, watch_until=None)
        return
    if not (isinstance(signal, TimerFired) and signal.run == run.id):
        return
    if run.status == "watched":
        passage.run = run._replace(status="closed", due=None, watch_until=None)
    else:
        passage.leave("end")


def guard(passage: Passage, signal: Signal, at: int) -> int | None:
    """What the guards say about a run at instruction ``at``: None if they let it be, ``LEFT`` if
    they have ended it, else where it goes on (``on goal``, ``on exit``, behind a loop).

    First match wins: goal, exclude if, exit if, then the loops, the outermost first.
    """
    machine, context = passage.machine, passage.context
    if passage.guarded and not machine.loops:
        return None
    if passage.outcome:
        return None  # on its way out already
    if not passage.guarded:
        if machine.status == "ended":
            passage.leave("ended")
            return LEFT
        if machine.goal is not None and machine.goal.holds(context):
            passage.convert(_occurred(signal, passage.now))
            return _out(passage, "goal", machine.goal.text, machine.on_goal)
        for rule in machine.exclude:
            if rule.holds(context):
                return _out(passage, "exclude if", f"{rule.text}, {rule.place}", None)
        for rule in machine.exits:
            if rule.holds(context):
                return _out(passage, "exit if", f"{rule.text}, {rule.place}", machine.on_exit)
        passage.guarded = True
    for loop in machine.loops:
        if loop.start <= at < loop.end and loop.holds is not None and not loop.holds.holds(context):
            return loop.leave
    return None


def _out(passage: Passage, outcome: str, detail: str, after: int | None) -> int:
    """Leaves, by way of the steps of ``on goal`` or ``on exit`` if there are any."""
    if after is None:
        passage.leave(outcome, detail=detail)
        return LEFT
    passage.outcome = outcome
    return after


def _occurred(signal: Signal, now: Instant) -> Instant:
    return signal.event.occurred if isinstance(signal, EventArrived) else now
