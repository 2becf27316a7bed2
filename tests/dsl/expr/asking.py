"""Short ways to ask a rule about a person, for the tests beside this file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.shop import BERLIN, NOW, person, scope
from dsl.calendar import Instant, from_datetime
from dsl.diagnostics import Diagnostic, Severity
from dsl.expr.compile import compile_formula, compile_rule
from dsl.expr.context import Context, Happened
from dsl.expr.scope import Scope
from dsl.source import Text

__all__ = ["NOW", "ask", "at", "complaints", "event", "somebody", "told", "value"]


def at(text: str, zone: ZoneInfo = BERLIN) -> Instant:
    """The instant at which a clock in ``zone`` shows ``2026-03-01 09:00``."""
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=zone))


def event(
    name: str, occurred: Instant, number: int = 0, /, received: Instant | None = None, **more: Any
) -> Happened:
    """Something that happened, with its properties at rest."""
    return Happened(name, occurred, occurred if received is None else received, number, more)


def somebody(
    *events: Happened, now: Instant = NOW, zone: ZoneInfo = BERLIN, **attributes: Any
) -> Context:
    """A person with these attributes and this history."""
    history: dict[str, list[Happened]] = {}
    for one in sorted(events, key=lambda one: (one.occurred, one.number)):
        history.setdefault(one.name, []).append(one)
    return Context(now=now, zone=zone, attributes=attributes, history=history)


def ask(rule: str, who: Context | None = None, where: Scope | None = None) -> bool:
    """What a rule says about a person. The rule must be right."""
    found: list[Diagnostic] = []
    compiled = compile_rule(Text.of(rule), where or scope(), found)
    assert compiled is not None, (rule, found)
    answer = compiled.holds(who or person())
    assert answer is True or answer is False, (rule, answer)
    return answer


def value(formula: str, who: Context | None = None, where: Scope | None = None) -> Any:
    """What a formula gives for a person."""
    found: list[Diagnostic] = []
    compiled = compile_formula(Text.of(formula), where or scope(), found)
    assert compiled is not None, (formula, found)
    return compiled.value(who or person())


def told(rule: str, where: Scope | None = None) -> list[Diagnostic]:
    """Everything the author is told about a rule."""
    found: list[Diagnostic] = []
    compiled = compile_rule(Text.of(rule), where or scope(), found)
    errors = [one for one in found if one.severity is Severity.ERROR]
    assert (compiled is None) == bool(errors), (rule, found)
    return found


def complaints(rule: str, where: Scope | None = None) -> list[tuple[str, str, str | None]]:
    """Code, the words under the caret, and the hint of every error."""
    return [
        (one.code, rule[one.span.column - 1 : one.span.column - 1 + one.span.width], one.hint)
        for one in told(rule, where)
        if one.severity is Severity.ERROR
    ]


def without(context: Context, *names: str) -> Context:
    """The same person without some attributes."""
    kept: Mapping[str, Any] = {
        key: known for key, known in context.attributes.items() if key not in names
    }
    return replace(context, attributes=kept)
