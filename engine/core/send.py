"""A send step: collects for arbitration, asks the pipeline, reserves the slot, hands over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from dsl.calendar import Instant, add
from dsl.expr.context import StepRecord
from dsl.machine import Choice, Escalation, Send
from engine.core.arbitrate import Allowed, Dropped, NotYet, PassedOver, Question, arbitrate, expiry
from engine.core.effects import Delivery
from engine.core.passage import Passage
from engine.core.profile import Contact

__all__ = ["ask", "attempt"]

_new = tuple.__new__  # what a NamedTuple does at last, without its own function in between


def attempt(passage: Passage, step: Send, rounds: str, *, arriving: bool) -> int | None:
    """Tries a send. The next instruction if it is decided, None if it rests.

    A send holds the journey until it is decided, so a wait after it counts from the real time.
    """
    reached = passage.now if arriving else passage.run.since
    if arriving and _is_said(passage, step, rounds):
        return step.then
    if arriving:
        close = _collecting_until(passage, step)
        if close is not None:
            passage.rest(step.id, close)
            passage.run = passage.run._replace(collecting=True)
            passage.decide("waits", "arbitration", step.id)
            return None
    done = () if arriving else passage.run.done
    values = passage.values(step.values)
    if step.escalation is not None:
        return _escalate(passage, step, step.escalation, rounds, reached, values, done)
    if not step.every:
        wait = _decide(passage, step, rounds, reached, values, step.choices)
        return step.then if wait is None else _settled(passage, step, reached, [wait], done)
    waits: list[NotYet | None] = []
    for choice in step.choices:
        if choice.channel in done:
            continue
        waits.append(_decide(passage, step, rounds, reached, values, (choice,)))
        if waits[-1] is None:
            done = (*done, choice.channel)
    return _settled(passage, step, reached, waits, done)


def _is_said(passage: Passage, step: Send, rounds: str) -> bool:
    """Whether this has gone out already in these rounds. Nobody comes by twice, but for an edit
    that puts what was before a step behind it.
    """
    record = passage.context.steps.get(step.id)
    if record is None or record.channel is None:
        return False
    return (record.rounds or "0") == rounds


def _escalate(
    passage: Passage,
    step: Send,
    escalation: Escalation,
    rounds: str,
    reached: Instant,
    values: Mapping[str, Any],
    done: tuple[str, ...],
) -> int | None:
    """The next channel; then rests for its receipt, unless there is no further channel."""
    names = [choice.channel for choice in step.choices]
    rest = step.choices[names.index(done[-1]) + 1 :] if done else step.choices
    before = len(passage.changes.deliveries)
    wait = _decide(passage, step, rounds, reached, values, rest)
    made = passage.changes.deliveries[before:]
    if wait is not None or not made:
        return _settled(passage, step, reached, [wait], done)
    channel = made[-1].channel
    due = passage.after(passage.now, escalation.after)
    if channel == names[-1] or due is None:
        return step.then
    passage.run = passage.run._replace(
        state=step.id,
        since=reached,
        due=due,
        timer=due,
        collecting=False,
        collected=True,
        done=(*done, channel),
        awaiting=made[-1].id,
    )
    return None


def _settled(
    passage: Passage,
    step: Send,
    reached: Instant,
    waits: list[NotYet | None],
    done: tuple[str, ...],
) -> int | None:
    """Goes on if everything is decided, else rests until the first instant worth asking again."""
    pending = [wait for wait in waits if wait is not None]
    if not pending:
        return step.then
    dues = [wait.until for wait in pending if wait.until is not None]
    for wait in pending:
        passage.decide("waits", wait.reason, step.id, wait.channel, wait.detail)
    passage.run = passage.run._replace(
        state=step.id,
        since=reached,
        due=min(dues, default=None),
        timer=min(dues, default=None),
        collecting=False,
        collected=True,
        done=done,
        awaiting="",
    )
    return None


def _decide(
    passage: Passage,
    step: Send,
    rounds: str,
    reached: Instant,
    values: Mapping[str, Any],
    choices: tuple[Choice, ...],
) -> NotYet | None:
    """Asks the pipeline about these choices and writes down what it says."""
    machine, standing, context = passage.machine, passage.standing, passage.context
    asked = (machine, step, standing, context, passage.run.id, rounds, reached, values)
    return ask(passage, _new(Question, asked), choices)


def ask(passage: Passage, question: Question, choices: tuple[Choice, ...]) -> NotYet | None:
    """The pipeline's verdict, carried out: reserved, dropped, or to be asked again."""
    step = question.step
    verdict, passed = arbitrate(question, choices)
    if isinstance(verdict, NotYet):
        return verdict
    for over in passed:
        _pass_over(passage, step, over)
    match verdict:
        case Allowed():
            _reserve(passage, question, verdict)
        case Dropped():
            if not passage.run.done:  # else it has been sent on an earlier channel
                passage.record(step.id, StepRecord(skipped=verdict.reason))
            passage.decide("dropped", verdict.reason, step.id, detail=verdict.detail)
        case _ as unreachable:
            assert_never(unreachable)
    return None


def _pass_over(passage: Passage, step: Send, over: PassedOver) -> None:
    passage.decide("passed over", over.reason, step.id, over.channel, over.detail)


def _reserve(passage: Passage, question: Question, allowed: Allowed) -> None:
    """Takes a slot of every cap and asks for the hand-over."""
    named, channel, address, built, lane = allowed
    step, run, now = question.step, passage.run, passage.now
    standing, journey, category = passage.standing, run.journey, step.category
    profile = standing.profile
    contact = _new(Contact, (named, now, None, channel, category, journey))
    contacts = profile.contacts
    if contacts and contacts[0].sent is not None:
        oldest = now - standing.program.memory
        if contacts[0].sent <= oldest:
            contacts = tuple(c for c in contacts if c.sent is None or c.sent > oldest)
    standing.become(profile.contacted((*contacts, contact)))
    passage.guarded = False
    values = (
        named,
        run.person,
        journey,
        run.id,
        step.id,
        channel,
        category,
        step.message,
        address,
        built.parts,
        now,
        now,
        None if step.expires is None else expiry(step, passage.context, question.reached),
        "queued",
        0,
        "",
        None,
        run.version,
        built.unfinished,
        lane,
        False,
        built.links,
    )
    passage.changes.deliveries.append(_new(Delivery, values))
    rounds = None if question.rounds == "0" else question.rounds
    sent = (None, now, channel, None, None, None, None, None, rounds, ())
    passage.record(step.id, _new(StepRecord, sent))
    passage.decide("sent", step.message, step.id, channel, "; ".join(built.degraded))


def _collecting_until(passage: Passage, step: Send) -> Instant | None:
    """When the person's queue of this category closes; None if the send need not wait.

    Nobody waits who has no other live run in that category, held-out runs aside.
    """
    program = passage.standing.program
    arbitration = program.policy.arbitration
    if arbitration is None or arbitration.category != step.category:
        return None
    if "arbitration" in program.policy.categories[step.category].ignores:
        return None
    machines = program.project.machines
    close = add(passage.now, arbitration.collect, passage.context.zone)
    others = [
        run
        for run in passage.standing.runs.values()
        if run.id != passage.run.id
        and run.status == "live"
        and run.arm == "live"
        and run.journey in machines
        and machines[run.journey].category == step.category
    ]
    if not others or close <= passage.now:
        return None
    return min([close, *[run.timer for run in others if run.collecting and run.timer is not None]])
