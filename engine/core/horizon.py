"""How long the longest way through a machine may take. Held-out runs are measured that long."""

from __future__ import annotations

from typing import assert_never

from dsl.calendar import MINUTE, Duration, Instant
from dsl.expr.context import Context
from dsl.machine import (
    Again,
    Branch,
    Call,
    Emit,
    End,
    Formula,
    Instruction,
    Jump,
    Let,
    Listen,
    Loop,
    Machine,
    Moment,
    Rule,
    Send,
    SetProfile,
    Split,
    StartJourney,
    Stop,
    Timer,
    Until,
    WaitUpTo,
)

__all__ = ["longest_stay", "targets"]

_LONGEST_CALL = 5 * MINUTE  # the most that a policy lets a service take


def longest_stay(machine: Machine, context: Context) -> Instant:
    """An upper bound in microseconds, as far as it is known at the door."""
    code = machine.code
    longest = [0] * len(code)
    ends = {rounds.loop: rounds.end for rounds in machine.loops}
    for index in range(len(code) - 1, -1, -1):
        instruction = code[index]
        ahead = [longest[target] for target in targets(instruction) if target > index]
        longest[index] = max(ahead, default=0) + _rest(instruction, context)
        if isinstance(instruction, Loop) and instruction.id in ends:
            one_round = longest[instruction.then] - longest[ends[instruction.id]]
            longest[index] += max(0, one_round) * (instruction.times - 1)
    return longest[0] if longest else 0


def targets(instruction: Instruction) -> tuple[int, ...]:
    """Where a run can go from an instruction."""
    match instruction:
        case Timer() | Send() | SetProfile() | Emit() | Let() | StartJourney():
            return (instruction.then,)
        case Until():
            ways = (instruction.then, instruction.otherwise)
            return ways if instruction.past is None else (*ways, instruction.past)
        case Loop() | Again():
            return (instruction.then, instruction.otherwise)
        case Call():
            return (instruction.then,)
        case Listen():
            return (*(entry.then for entry in instruction.entries), instruction.otherwise)
        case Branch():
            return (*(case.then for case in instruction.cases), instruction.otherwise)
        case Split():
            return tuple(path.then for path in instruction.paths)
        case Jump():
            return (instruction.to,)
        case Stop() | End():
            return ()
        case _ as unreachable:
            assert_never(unreachable)


def _rest(instruction: Instruction, context: Context) -> Instant:
    match instruction:
        case Timer():
            return _length(instruction.length, context)
        case Listen():
            return _length(instruction.at_most, context)
        case Call():
            return _length(instruction.at_most, context) or _LONGEST_CALL
        case Until(target=Rule()):
            return _length(instruction.at_most, context) + _length(instruction.after, context)
        case Until(target=Moment() as moment):
            after = _length(instruction.after, context)
            if moment.within is not None:
                return after + moment.within.longest
            when = moment.when(context, context.now + after)
            return max(after, 0 if when is None else when - context.now)
        case Send():
            waits = [
                blocked.limit.longest
                for blocked in (instruction.blocking.quiet, instruction.blocking.capped)
                if isinstance(blocked, WaitUpTo) and blocked.limit is not None
            ]
            escalation = instruction.escalation
            stay = 0 if escalation is None else _length(escalation.after, context)
            return max(waits, default=0) + stay * (len(instruction.choices) - 1)
        case _:
            return 0


def _length(formula: Formula | None, context: Context) -> Instant:
    value: Duration | None = None if formula is None else formula.value(context)
    return 0 if value is None else value.longest
