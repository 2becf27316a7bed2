"""Asking web services: how a run comes to rest in a call, and what takes it on from there
(language reference, sections 4.2 and 4.4 ACCEPTS).

The core asks for a call and never makes one. Whatever comes of it is a signal.
"""

from __future__ import annotations

from typing import Any

from dsl.calendar import Instant
from dsl.expr.context import StepRecord
from dsl.machine import Call
from dsl.rest import at_rest
from dsl.telling import told
from engine.core.effects import CallWebhook
from engine.core.ids import call_id
from engine.core.passage import Passage
from engine.core.run import Run
from engine.core.signals import CallAnswered, Signal, TimerFired

__all__ = ["answered", "arrive_call", "resume_call", "withheld"]

_TOO_LATE = "it gave no answer in time"


def arrive_call(passage: Passage, step: Call, index: int) -> int | None:
    """Asks, and rests until the answer. What the step left behind in an earlier round is gone."""
    passage.forget(step.id)
    due = _deadline(passage, step)
    if due <= passage.now:
        return _failed(passage, step, _TOO_LATE)
    passage.decide("called", step.service, step.id)
    passage.rest(step.id, due)
    named = call_id(passage.run.id, step.id, passage.rounds(index), step.service)
    passage.run = passage.run._replace(awaiting=named)
    _ask(passage, step, due)
    return None


def answered(passage: Passage, step: Call, signal: Signal, *, timer: bool) -> int | None:
    """Where the answer to this very call leads, or its failure, or the end of its time."""
    match signal:
        case CallAnswered(call=call, values=values, reason=reason):
            if call != passage.run.awaiting:
                return None  # of an earlier round: too late to matter
            if values is None:
                return _failed(passage, step, reason)
            passage.record(step.id, StepRecord(values=values, time=passage.now))
            return step.then
        case TimerFired():
            return _failed(passage, step, _TOO_LATE) if timer else None
        case _:
            return None


def withheld(run: Run, signal: Signal, now: Instant) -> Run:
    """The run of a paused journey, which stays where it is: of what happens only the answer it
    waits for is kept, because nothing else will tell of it later.
    """
    run = run if run.frozen is not None else run._replace(frozen=now)
    if not isinstance(signal, CallAnswered) or not run.awaiting or signal.call != run.awaiting:
        return run
    if signal.values is None:
        return run._replace(awaiting="")
    answer = StepRecord(values=signal.values, time=now)
    return run._replace(awaiting="", steps={**run.steps, run.state: answer})


def resume_call(passage: Passage, step: Call) -> int | None:
    """After a pause: goes on with what was answered meanwhile, or is given its whole time again,
    because nobody was asked during the pause.
    """
    if not passage.run.awaiting:
        known = step.id in passage.run.steps
        return step.then if known else _failed(passage, step, "it gave no answer")
    due = _deadline(passage, step)
    passage.wake_at(due)
    _ask(passage, step, due)
    return None


def _ask(passage: Passage, step: Call, until: Instant) -> None:
    run = passage.run
    passage.changes.calls.append(
        CallWebhook(
            run.awaiting,
            run.person,
            run.journey,
            run.id,
            step.id,
            step.service,
            _values(passage, step),
            passage.now,
            until,
            passage.now,
        )
    )


def _values(passage: Passage, step: Call) -> dict[str, Any]:
    """What the service is told; what is missing is left out."""
    values = {}
    for name, formula in step.values:
        rest = at_rest(formula.value(passage.context), formula.kind)
        if rest is not None:
            values[name] = told(rest, formula.kind)
    return values


def _deadline(passage: Passage, step: Call) -> Instant:
    """The end of "at most"; without one, or if it is missing, of what the policy says. A service
    that an older version of the journey asks may be gone from there: it has no time at all.
    """
    due = passage.after(passage.now, step.at_most)
    if due is not None:
        return due
    service = passage.standing.program.policy.services.get(step.service)
    return passage.now if service is None else passage.now + service.gives_up_after.micros


def _failed(passage: Passage, step: Call, reason: str) -> int | None:
    passage.decide("no answer", reason, step.id, detail=step.service)
    if step.failed is None:
        passage.leave("failed", detail=f"{step.service}: {reason}")
    return step.failed
