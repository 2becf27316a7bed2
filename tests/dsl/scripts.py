"""A small journey, and scenarios of it as texts."""

from __future__ import annotations

from dsl.compiler import Compiled
from dsl.scenario import Scenario
from tests.dsl.projects import compile_small

__all__ = ["GIVEN", "JOURNEY", "PURCHASE", "compiled", "hints", "one", "told", "wrong"]

JOURNEY = """\
journey: first
category: service
trigger: {event: purchase}
steps:
  - id: pause
    wait: 1 hour
  - {id: hi, send: hello, to first of: [email, push]}
  - id: half
    split:
      left 50%:
        - emit: refund
          with: {order_id: = trigger.order_id}
      right 50%:
        - stop: enough
"""

GIVEN = """\
tests of: first
given:
  clock: 2026-03-02 10:00 Europe/Berlin
scenarios:
"""


def compiled(scenarios: str, given: str = GIVEN, **changed: str) -> Compiled:
    """The small project with one file of scenarios."""
    return compile_small(
        journey=changed.pop("journey", JOURNEY), tests=given + scenarios, **changed
    )


def told(found: Compiled) -> list[tuple[str, int, str]]:
    """Code, line within the scenarios, and message."""
    shift = GIVEN.count("\n")
    return [
        (one.code, one.span.line - shift, one.message)
        for one in found.diagnostics
        if one.span.path == "tests.yaml"
    ]


def wrong(script: str) -> list[tuple[str, int, str]]:
    """What is said about a scenario with this script; its first line is 1."""
    head = "  - scenario: one\n    script:\n"
    return [(code, line - 2, message) for code, line, message in told(compiled(head + script))]


def hints(script: str) -> list[str | None]:
    found = compiled("  - scenario: one\n    script:\n" + script)
    return [each.hint for each in found.diagnostics if each.span.path == "tests.yaml"]


def one(scenarios: str, given: str = GIVEN) -> Scenario:
    """The only scenario of a file without mistakes."""
    found = compiled(scenarios, given)
    assert told(found) == []
    (scenario,) = found.scenarios
    return scenario


PURCHASE = "      - {event: purchase, with: {order_id: o1, total: 80 EUR}}\n"
