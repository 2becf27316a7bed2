"""Steps the language has and this version does not.

The reader has named them already (S90). What stands inside them is still checked, and what later
rules say about them must not look like a mistake of its own.
"""

from __future__ import annotations

from dsl.compile.building import Building
from dsl.compile.values import compile_value
from dsl.expr.compile import compile_rule
from dsl.expr.scope import StepName
from dsl.files.steps import LetStep, RepeatStep, Step, WebhookStep

__all__ = ["compile_later"]


def compile_later(building: Building, step: Step, depth: int) -> None:
    """Checks what can be checked, and remembers the names."""
    match step:
        case RepeatStep():
            for rule in (step.while_, step.until):
                if rule is not None:
                    compile_rule(rule, building.scope, building.found)
            building.known(step, StepName("repeat"))
            building.steps(building, step.do, depth + 1)
        case WebhookStep():
            for entry in step.with_ or ():
                compile_value(entry.value, None, building.scope, building.found)
            answer = building.services.get(step.webhook or "")
            building.known(step, StepName("webhook", answer))
        case LetStep():
            for entry in step.let or ():
                value = compile_value(entry.value, None, building.scope, building.found)
                if value is not None:
                    more = {str(entry.key): value.kind}
                    building.scope = building.scope.with_variables(more)
        case _:
            building.known(step, StepName("other"))
