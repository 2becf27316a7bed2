"""Loops, and variables in the middle of a journey."""

from __future__ import annotations

from dsl.compile.building import Building, Label, LoopRange
from dsl.compile.naming import check_free, check_root
from dsl.compile.values import compile_value
from dsl.expr.compile import compile_rule, read_rounds
from dsl.expr.scope import StepName
from dsl.files.reading import error
from dsl.files.steps import LetStep, RepeatStep
from dsl.machine import Again, Formula, Let, Loop
from dsl.source import Text

__all__ = ["compile_let", "compile_repeat"]


def compile_repeat(building: Building, step: RepeatStep, after: Label, depth: int) -> None:
    """``repeat``: rounds with a limit, a guard before each and a question after each."""
    code, found = building.code, building.found
    times = 1
    if isinstance(step.repeat, Text) and not step.repeat.strip():
        found.append(
            error(
                "E119",
                step.span_of("repeat"),
                "The loop has no limit.",
                "repeat: up to 3 times",
            )
        )
    elif isinstance(step.repeat, Text):
        times = read_rounds(step.repeat, found) or 1
    elif step.repeat is not None:
        found.append(error("S08", step.repeat.span(), 'One text belongs after "repeat".'))
    if step.do is None:
        found.append(error("S07", step.span_of("repeat"), '"do" is missing in this loop.'))
    name = building.known(step, StepName("repeat"))
    holds = None
    if step.while_ is not None:
        holds = compile_rule(step.while_, building.scope, found)
    first, again = code.label(), code.label()
    code.add(lambda at: Loop(name, times, holds, at(first), at(after)))
    building.loops.append(LoopRange(name, first, again, holds, after))
    code.mark(first)
    building.steps(building, step.do, depth + 1)
    until = None if step.until is None else compile_rule(step.until, building.scope, found)
    code.mark(again)
    code.add(lambda at: Again(name, times, holds, until, at(first), at(after)))


def compile_let(building: Building, step: LetStep, after: Label) -> None:
    """``let`` as a step: each variable can use those above it."""
    values: list[tuple[str, Formula]] = []
    for entry in step.let or ():
        check_root(entry.key, "a variable", building.found)
        check_free(entry.key, "a variable", building.scope.plan, building.found)
        value = compile_value(entry.value, None, building.scope, building.found)
        if value is not None:
            values.append((str(entry.key), value))
            building.scope = building.scope.with_variables({str(entry.key): value.kind})
    name = building.known(step, StepName("other")) or None
    building.code.add(lambda at: Let(tuple(values), at(after), name))
