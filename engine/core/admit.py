"""The door of a journey: the gates of section 4.3, in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from sys import intern
from typing import Any, NamedTuple, TypeAlias, assert_never

from dsl.calendar import Instant, add
from dsl.expr.context import Context, Happened
from dsl.machine import After, AnyTime, EventTrigger, Machine, Never
from dsl.rest import at_rest
from engine.core.decision import Decision
from engine.core.horizon import longest_stay
from engine.core.ids import run_id
from engine.core.program import Program, Trigger
from engine.core.run import Run
from engine.core.split import globally_held_out, in_share
from engine.core.standing import Standing

__all__ = ["Admission", "Admitted", "HeldOut", "Refused", "Restarted", "Updated", "admit"]

_NOTHING: Mapping[str, Any] = {}  # never written to
_EVERYBODY = Decimal(1)


class Admitted(NamedTuple):
    """A new run, to be begun."""

    run: Run


class HeldOut(NamedTuple):
    """A new run that executes nothing and is only measured."""

    run: Run
    decision: Decision


class Restarted(NamedTuple):
    """The old run leaves with ``restart``; the new one begins, or is held out like it."""

    old: Run
    new: Run


class Updated(NamedTuple):
    """The run keeps its place and takes the new trigger data."""

    run: Run


class Refused(NamedTuple):
    """Not entered, and why. None where the specification records nothing: the trigger itself."""

    decision: Decision | None


Admission: TypeAlias = Admitted | HeldOut | Restarted | Updated | Refused


def admit(
    trigger: Trigger,
    standing: Standing,
    closed: Sequence[Run],
    identity: str,
    event: Happened,
    now: Instant,
) -> Admission:
    """Asks every gate; the first that applies decides. ``closed`` are the person's ended runs;
    ``event``, whose id is ``identity``, is what starts the journey: an event, or a call.
    """
    machine = trigger.machine
    program = standing.program
    context = standing.context(now)
    context.trigger, context.entry = event, event.occurred
    if machine.status != "live":
        return _refused(machine, standing, now, "not live", machine.status)
    if not _matches(trigger, context, event):
        return Refused(None)
    if _too_old(trigger, program, context, event):
        return _refused(machine, standing, now, "too old", "the event is older than the limit")
    key = _key(machine, context)
    if key is None:
        return _refused(machine, standing, now, "no key", f"missing: {_key_text(machine)}")
    inside = _inside(machine, standing, key)
    if inside is not None and machine.if_inside != "allow":
        match machine.if_inside:
            case "ignore":
                return _refused(machine, standing, now, "already inside")
            case "update":
                return Updated(inside._replace(trigger=event))
            case "restart":
                due = _measured_until(machine, context, now) if inside.arm == "holdout" else None
                run = _run(machine, standing, closed, key, identity, event, now)
                variables = _variables(machine, context)
                return Restarted(inside, run._replace(arm=inside.arm, due=due, variables=variables))
            case _ as unreachable:
                assert_never(unreachable)
    variables = _variables(machine, context)
    reason = _gate(machine, standing, closed, context, key)
    if reason is not None:
        return _refused(machine, standing, now, *reason)
    unit = standing.profile.unit
    if machine.rollout != _EVERYBODY and not in_share(
        f"{machine.journey}/rollout", unit, machine.rollout
    ):
        return _refused(machine, standing, now, "rollout", f"{machine.rollout:.0%} are let in")
    held = _held_out(machine, program, unit, now)
    run = _run(machine, standing, closed, key, identity, event, now, variables)
    if held is None:
        return Admitted(run)
    return HeldOut(
        run._replace(arm="holdout", due=_measured_until(machine, context, now)),
        Decision(run.person, now, "held out", "holdout", run.journey, run.id, detail=held),
    )


def _run(
    machine: Machine,
    standing: Standing,
    closed: Sequence[Run],
    key: str,
    identity: str,
    event: Happened,
    now: Instant,
    variables: Mapping[str, Any] = _NOTHING,
) -> Run:
    """A new one, which has not been anywhere yet."""
    person, journey = standing.profile.id, machine.journey
    return Run(
        run_id(person, journey, key, identity, now),
        person,
        journey,
        machine.version,
        key,
        now,
        event,
        variables=variables,
        entry=_entry(machine, standing, closed),
    )


def _refused(
    machine: Machine, standing: Standing, now: Instant, reason: str, detail: str = ""
) -> Refused:
    person, said = standing.profile.id, intern(detail)  # of whom many are told the same
    return Refused(Decision(person, now, "not entered", reason, machine.journey, detail=said))


def _matches(trigger: Trigger, context: Context, event: Happened) -> bool:
    where = trigger.way.where if isinstance(trigger.way, EventTrigger) else None
    if where is None:
        return True
    context.candidate = event
    matched = where.holds(context)
    context.candidate = None
    return matched


def _too_old(trigger: Trigger, program: Program, context: Context, event: Happened) -> bool:
    """Imports and replays start nothing; a call is always meant."""
    if not isinstance(trigger.way, EventTrigger):
        return False
    limit = trigger.way.accept_older or program.policy.ignore_for_starts
    return add(event.occurred, limit, context.zone) < context.now


def _entry(machine: Machine, standing: Standing, closed: Sequence[Run]) -> int:
    """The person's how-manieth entry this is; the first one wherever nobody asks. Earlier runs of
    such a journey may be known here only because somebody else in the batch needed theirs.
    """
    if machine.journey not in standing.program.remembers or not (closed or standing.runs):
        return 1
    before = [
        run.entry for run in (*closed, *standing.runs.values()) if run.journey == machine.journey
    ]
    return max(before, default=0) + 1


def _key(machine: Machine, context: Context) -> str | None:
    """The value of ``one per`` as text; the empty text where it is the person."""
    if machine.key is None:
        return ""
    value = at_rest(machine.key.value(context), machine.key.kind)
    return None if value is None else str(value)


def _variables(machine: Machine, context: Context) -> dict[str, Any]:
    """``let``, computed once. Before the gates, so that they may use it too."""
    variables: dict[str, Any] = {}
    context.variables = variables
    for name, formula in machine.variables:
        variables[name] = at_rest(formula.value(context), formula.kind)
    return variables


def _key_text(machine: Machine) -> str:
    return "" if machine.key is None else machine.key.text


def _inside(machine: Machine, standing: Standing, key: str) -> Run | None:
    return next(
        (
            run
            for run in standing.runs.values()
            if run.journey == machine.journey and run.key == key and run.status == "live"
        ),
        None,
    )


def _gate(
    machine: Machine, standing: Standing, closed: Sequence[Run], context: Context, key: str
) -> tuple[str, str] | None:
    """Gates 6 to 9: re-enter, exclude if, eligible if, goal, exit if."""
    if not _may_return(machine, standing, closed, context, key):
        return "re-enter", "has been through it before"
    for rule in machine.exclude:
        if rule.holds(context):
            return "exclude if", f"{rule.text}, {rule.place}"
    for rule in machine.eligible:
        if not rule.holds(context):
            return "eligible if", f"not: {rule.text}, {rule.place}"
    if machine.goal is not None and machine.goal.holds(context):
        return "goal", machine.goal.text
    for rule in machine.exits:
        if rule.holds(context):
            return "exit if", f"{rule.text}, {rule.place}"
    return None


def _may_return(
    machine: Machine, standing: Standing, closed: Sequence[Run], context: Context, key: str
) -> bool:
    if isinstance(machine.re_enter, AnyTime):
        return True
    ended = [
        run
        for run in (*closed, *standing.runs.values())
        if run.journey == machine.journey
        and run.key == key
        and run.left is not None
        and run.outcome != "restart"
    ]
    if not ended:
        return True
    latest = max(ended, key=lambda run: run.entered)
    match machine.re_enter:
        case Never():
            return False
        case After(length, since):
            start = latest.entered if since == "entering" else (latest.left or latest.entered)
            return add(start, length, context.zone, context.holidays) <= context.now
        case _ as unreachable:
            assert_never(unreachable)


def _held_out(machine: Machine, program: Program, unit: str, now: Instant) -> str | None:
    """Which holdout a person falls into: the company's, then the journey's."""
    if "holdout" in program.policy.categories[machine.category].ignores:
        return None
    if globally_held_out(program.policy, unit, now):
        return "the company's holdout"
    if in_share(f"{machine.journey}/holdout", unit, machine.holdout):
        return "the journey's holdout"
    return None


def _measured_until(machine: Machine, context: Context, now: Instant) -> Instant:
    """Until ``goal within`` after entering, or until the longest path would end."""
    if machine.goal_within is not None:
        within = machine.goal_within.value(context)
        if within is not None:
            return add(now, within, context.zone, context.holidays)
    return now + longest_stay(machine, context) + 1
