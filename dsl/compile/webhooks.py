"""The step that asks a web service: ``webhook``."""

from __future__ import annotations

from dsl.compile.building import Building, Label
from dsl.compile.services import answer_of
from dsl.compile.values import compile_value
from dsl.expr.compile import compile_length
from dsl.expr.scope import StepName
from dsl.files.reading import error
from dsl.files.steps import WebhookStep
from dsl.machine import Call, Formula, Service
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import same_key

__all__ = ["compile_webhook"]


def compile_webhook(building: Building, step: WebhookStep, after: Label) -> None:
    """What the service answers is known under the id of the step from here on."""
    service = None if step.webhook is None else _service(building, step, step.webhook)
    values: list[tuple[str, Formula]] = []
    for entry in step.with_ or ():
        value = compile_value(entry.value, None, building.scope, building.found)
        if value is not None:
            values.append((str(entry.key), value))
    at_most = None
    if step.at_most is not None:
        at_most = compile_length(step.at_most, building.scope, building.found)
    answer = None if service is None else answer_of(service)
    name = building.known(step, StepName("webhook", answer))
    stops = same_key(step.if_it_fails or "continue") == "stop"
    if service is not None:
        building.code.add(
            lambda at: Call(
                id=name,
                service=service.name,
                values=tuple(values),
                at_most=at_most,
                then=at(after),
                failed=None if stops else at(after),
            )
        )


def _service(building: Building, step: WebhookStep, name: Text) -> Service | None:
    services = building.policy.services
    service = services.get(str(name))
    if service is None:
        message = f'There is no web service called "{name[:60]}".'
        known = f"The policy has: {', '.join(services)}" if services else None
        hint = did_you_mean(name, services) or known or "Name it in the policy, under: webhooks"
        cause = error("N24", name.span(), message, hint)
        building.found.append(cause)
        building.unclear[str(step.id)] = cause
    return service
