"""The example project of the tests, and what is changed in it."""

from __future__ import annotations

from pathlib import Path

from dsl.compiler import Compiled, compile_project
from dsl.diagnostics import Diagnostic
from dsl.machine import Instruction

__all__ = [
    "HEAD",
    "MESSAGES",
    "PLAN",
    "POLICY",
    "SHOP",
    "STEPS",
    "code_of",
    "compile_small",
    "complaints",
    "news",
    "shop_files",
    "small_files",
]

SHOP = Path(__file__).parent.parent / "projects" / "shop"


def shop_files() -> dict[str, str]:
    """The texts of the example project by path."""
    return {
        path.relative_to(SHOP).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(SHOP.rglob("*.yaml"))
    }


def news(before: Compiled, after: Compiled) -> list[Diagnostic]:
    """The findings that were not there before, wherever their lines have moved to."""
    known = {(one.code, one.span.path, one.message) for one in before.diagnostics}
    return [one for one in after.diagnostics if (one.code, one.span.path, one.message) not in known]


PLAN = """\
tracking plan: corner_shop
profile:
  first_name: text, personal
  email: text, personal
  tier: one of bronze / gold
  points: whole number
  lifetime_value: money EUR
  renewal_date: date
events:
  purchase:
    from: Order Completed
    also: purchases
    did: buy
    has: {order_id: "code, required", total: "money EUR, required", note: text}
  signed_up:
  refund:
    has: {order_id: "code, required", reason: one of broken / late}
"""

POLICY = """\
policy: corner_shop
time zone: Europe/Berlin
languages: en
currency: EUR
channels:
  email: {reachable when: email is known}
  push:
  sms:
categories:
  promotional:
  service: {consent: not needed, because: They have ordered something, ignores: "frequency caps, quiet hours"}
"""

MESSAGES = """\
messages:
  hello:
    email: {subject: Hello, blocks: [{text: Welcome to our shop.}]}
    push: {title: Hello, body: Welcome.}
  offer:
    inputs: {discount: "whole number, required", code: code}
    sms: {text: "{{ discount }} % off."}
"""

HEAD = """\
journey: first
category: service
trigger: {event: purchase}
"""


STEPS = "steps:\n  - {id: hi, send: hello, to: email}\n"


def small_files(rest: str = STEPS, **changed: str) -> dict[str, str]:
    """The least project there can be. ``rest`` is its journey without the first lines.

    The files are ``plan``, ``policy``, ``messages``, ``journey`` and what else is named.
    """
    files = {"plan": PLAN, "policy": POLICY, "messages": MESSAGES, "journey": HEAD + rest}
    return {f"{name}.yaml": text for name, text in {**files, **changed}.items()}


def compile_small(rest: str = STEPS, **changed: str) -> Compiled:
    """The least project there can be, compiled."""
    return compile_project(small_files(rest, **changed))


def code_of(rest: str, **changed: str) -> tuple[Instruction, ...]:
    """The instructions of a journey that must be without a mistake."""
    compiled = compile_small(rest, **changed)
    assert [str(one) for one in compiled.diagnostics if one.stops] == []
    assert compiled.project is not None
    return compiled.project.machines["first"].code


def complaints(rest: str = STEPS, **changed: str) -> list[tuple[str, int, int, str]]:
    """Code, line, column and message of each finding, in order. In the journey, lines count
    within ``rest``.
    """
    shift = {} if "journey" in changed else {"journey.yaml": HEAD.count("\n")}
    return [
        (one.code, one.span.line - shift.get(one.span.path, 0), one.span.column, one.message)
        for one in compile_small(rest, **changed).diagnostics
    ]
