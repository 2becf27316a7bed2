"""Steps the language has and this version does not.

The reader has named them already (S90). What stands inside them is still checked, and what later
rules say about them must not look like a mistake of its own.
"""

from __future__ import annotations

from dsl.compile.building import Building
from dsl.compile.services import answer_of
from dsl.compile.values import compile_value
from dsl.expr.scope import StepName
from dsl.files.steps import Step, WebhookStep

__all__ = ["compile_later"]


def compile_later(building: Building, step: Step) -> None:
    """Checks what can be checked, and remembers the names."""
    match step:
        case WebhookStep():
            for entry in step.with_ or ():
                compile_value(entry.value, None, building.scope, building.found)
            service = building.policy.services.get(step.webhook or "")
            answer = None if service is None else answer_of(service)
            building.known(step, StepName("webhook", answer))
        case _:
            building.known(step, StepName("other"))
