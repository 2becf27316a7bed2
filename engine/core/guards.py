"""What ends a run from outside its steps: the goal, exclusions and exits, at every input, every
wake and every send (language reference, section 4.4).
"""

from __future__ import annotations

from dsl.calendar import Instant
from engine.core.passage import Passage
from engine.core.signals import EventArrived, Signal, TimerFired

__all__ = ["guard", "measure"]


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


def guard(passage: Passage, signal: Signal) -> bool:
    """Whether a guard ended the run. First match wins: goal, exclude if, exit if."""
    if passage.guarded:
        return False
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
    passage.guarded = True
    return False


def _occurred(signal: Signal, now: Instant) -> Instant:
    return signal.event.occurred if isinstance(signal, EventArrived) else now
