"""What steps do that do not rest and do not ask: they draw, count rounds, write and emit."""

from __future__ import annotations

from typing import Any, assert_never

from dsl.expr.context import StepRecord
from dsl.machine import Again, Emit, Formula, Let, Loop, SetProfile, Split, StartJourney
from dsl.rest import at_rest
from engine.core import effects
from engine.core.dividing import divide
from engine.core.guards import LEFT
from engine.core.ids import emitted_id
from engine.core.origins import COMPUTED, Origin
from engine.core.passage import Passage

__all__ = ["carry_out"]


def carry_out(
    passage: Passage,
    step: Split | Loop | Again | SetProfile | Let | Emit | StartJourney,
    index: int,
) -> int:
    """Does it, and says where to go on."""
    match step:
        case Split():
            return divide(passage, step, index)
        case Loop():
            return _first_round(passage, step)
        case Again():
            return _next_round(passage, step)
        case SetProfile():
            _set_profile(passage, step)
        case Let():
            _let(passage, step)
        case Emit():
            values = _values(passage, step.values)
            passage.emitted.append(
                effects.EmitEvent(_name(passage, step, index), step.event, values)
            )
        case StartJourney():
            values = _values(passage, step.values)
            named = _name(passage, step, index)
            passage.emitted.append(effects.StartJourney(named, step.journey, values))
            if step.leaves:
                passage.leave(passage.outcome or "moved", detail=f"to {step.journey}")
                return LEFT
        case _ as unreachable:
            assert_never(unreachable)
    return step.then


def _name(passage: Passage, step: Emit | StartJourney, index: int) -> str:
    return emitted_id(passage.run.id, step.id or str(index), passage.rounds(index))


def _first_round(passage: Passage, loop: Loop) -> int:
    if loop.holds is not None and not loop.holds.holds(passage.context):
        return loop.otherwise
    passage.record(loop.id, StepRecord(time=passage.now, round=1))
    return loop.then


def _next_round(passage: Passage, again: Again) -> int:
    """``until`` is asked after every round, ``while`` before every round."""
    if again.until is not None and again.until.holds(passage.context):
        return again.otherwise
    record = passage.context.steps.get(again.loop)
    done = 1 if record is None or record.round is None else record.round
    if done >= again.times:
        return again.otherwise
    if again.holds is not None and not again.holds.holds(passage.context):
        return again.otherwise
    passage.record(again.loop, StepRecord(time=passage.now, round=done + 1))
    return again.then


def _values(passage: Passage, formulas: tuple[tuple[str, Formula], ...]) -> dict[str, Any]:
    """Values at rest; what is missing is left out."""
    values = {}
    for name, formula in formulas:
        value = at_rest(formula.value(passage.context), formula.kind)
        if value is not None:
            values[name] = value
    return values


def _let(passage: Passage, step: Let) -> None:
    """Variables see those above them, and those of before are kept."""
    variables = dict(passage.run.variables)
    passage.context.variables = variables
    for name, formula in step.values:
        variables[name] = at_rest(formula.value(passage.context), formula.kind)
    passage.run = passage.run._replace(variables=variables)


def _set_profile(passage: Passage, step: SetProfile) -> None:
    standing = passage.standing
    attributes = dict(standing.profile.attributes)
    untold = standing.program.untold
    for name, formula in step.values:
        if name in untold:
            continue  # an earlier version of the journey, from before it was computed
        value = at_rest(formula.value(passage.context), formula.kind)
        if value is None:
            attributes.pop(name, None)
        else:
            attributes[name] = value
    standing.become(standing.profile._replace(attributes=attributes))
    origin = Origin(passage.now, COMPUTED)
    passage.changes.trace(standing.profile.id, {name: origin for name, _ in step.values})
    passage.guarded = False
