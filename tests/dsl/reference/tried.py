"""The tables of dsl/README.md whose first column is an example: the others are what comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from dsl import kinds
from dsl.calendar import Duration, Instant, add, local
from dsl.diagnostics import Diagnostic
from dsl.explain import explain_journey
from dsl.explain.moments import moment_words, schedule_words
from dsl.explain.phrases import length_words
from dsl.explain.rules import Wording
from dsl.explain.values import constant_words
from dsl.expr.compile import (
    compile_choice,
    compile_formula,
    compile_length,
    compile_moment,
    compile_rule,
)
from dsl.expr.context import Context
from dsl.expr.parse import StartSymbol, parse
from dsl.machine import Moment
from dsl.source import Text
from tests.dsl.reference.shop import Shop

__all__ = ["STARTS", "cells", "kind_words", "written_again"]

_PART = re.compile(r"(<!-- (tried|told): (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_EXAMPLE = re.compile(r"^\| `(.+?)` \|")

STARTS: Mapping[str, StartSymbol] = {
    "rules": "rule",
    "missing": "rule",
    "values": "value",
    "moments": "moment",
    "lengths": "length",
    "schedules": "schedule",
    "channels": "channel_choice",
    "caps": "cap",
    "reentry": "reentry",
    "spans": "span",
    "repeats": "repeat",
    "blocked": "blocked",
}
"""The start symbol of what stands in the first column, by the name of the table."""


def written_again(text: str) -> str:
    """The document with all that comes of its examples as it is now."""
    shop = Shop(text)

    def part(found: re.Match[str]) -> str:
        made = (
            _table(shop, found[3], found[4])
            if found[2] == "tried"
            else _told(shop, found[3], found[4])
        )
        return found[1] + made + found[5]

    return _PART.sub(part, text)


def cells(text: str) -> list[tuple[StartSymbol, str]]:
    """Every example in a tried table: its start symbol, and what is written."""
    return [
        (STARTS[found[3]], example[1])
        for found in _PART.finditer(text)
        if found[2] == "tried"
        for line in found[4].split("\n")
        if (example := _EXAMPLE.match(line))
    ]


def _table(shop: Shop, name: str, body: str) -> str:
    lines = []
    for line in body.split("\n"):
        example = _EXAMPLE.match(line)
        if example is not None and name in _ROWS:
            line = filled(shop, name, example[1])  # noqa: PLW2901 - the same line, made again
        elif example is not None:
            _plain(name, example[1])
        lines.append(line)
    return "\n".join(lines)


def filled(shop: Shop, name: str, example: str) -> str:
    """The row of a table for an example."""
    found: list[Diagnostic] = []
    row = _ROWS[name](shop, Text.of(example), found)
    assert not [one for one in found if one.stops], (example, found)
    return f"| `{example}` | " + " | ".join(row) + " |"


def _plain(name: str, example: str) -> None:
    """What is told by hand must be possible to write."""
    found: list[Diagnostic] = []
    assert parse(Text.of(example), STARTS[name], found) is not None, (example, found)


def _told(shop: Shop, name: str, body: str) -> str:
    """A block of YAML, and under it what ``wayline explain`` says of it."""
    block = re.match(r"```yaml\n(.*?)^```\n", body, re.DOTALL | re.MULTILINE)
    assert block is not None, body
    compiled = shop.with_journey(block[1] if name == "head" else "steps:\n" + block[1])
    known = set(shop.compiled.diagnostics)
    assert [one for one in compiled.diagnostics if one not in known] == [], compiled.diagnostics
    assert compiled.project is not None
    said = explain_journey(compiled.project.machines["example"], compiled.project, width=84)
    head, _, steps = said.partition("\n\nSteps:\n")
    told = head if name == "head" else _without_segments(steps)
    return f"{block[0]}```text\n{told}\n```\n"


def _without_segments(steps: str) -> str:
    return steps.partition("\n\nSegments:")[0]


def _rule(shop: Shop, text: Text, found: list[Diagnostic]) -> tuple[str, ...]:
    compiled = compile_rule(text, shop.scope(), found)
    assert compiled is not None, (text, found)
    words = Wording(shop.project.plan).clause(compiled.meaning)
    return words, _yes_no(compiled.holds(shop.ada()))


def _missing(shop: Shop, text: Text, found: list[Diagnostic]) -> tuple[str, ...]:
    compiled = compile_rule(text, shop.scope(), found)
    assert compiled is not None, (text, found)
    return _yes_no(compiled.holds(shop.nobody())), _yes_no(compiled.holds(shop.ada()))


def _value(shop: Shop, text: Text, found: list[Diagnostic]) -> tuple[str, ...]:
    compiled = compile_formula(text, shop.scope(), found)
    assert compiled is not None, (text, found)
    value = compiled.value(shop.ada())
    return kind_words(compiled.kind), _said(shop.ada(), compiled.kind, value)


def _moment(shop: Shop, text: Text, found: list[Diagnostic]) -> tuple[str, ...]:
    compiled = compile_moment(text, shop.scope(), found)
    assert compiled is not None, (text, found)
    words = moment_words(compiled, Wording(shop.project.plan))
    ada = shop.ada()
    if not isinstance(compiled, Moment):
        return words, "at once" if compiled.holds(ada) else "when it becomes true"
    at = compiled.when(ada, ada.now)
    return words, "missing" if at is None else _instant(ada, at)


def _length(shop: Shop, text: Text, found: list[Diagnostic]) -> tuple[str, ...]:
    compiled = compile_length(text, shop.scope(), found)
    assert compiled is not None, (text, found)
    ada = shop.ada()
    length: Duration = compiled.value(ada)
    return length_words(length), _instant(ada, add(ada.now, length, ada.zone, ada.holidays))


def _schedule(shop: Shop, text: Text, found: list[Diagnostic]) -> tuple[str, ...]:
    return (schedule_words(parse(text, "schedule", found)),)


def _choice(shop: Shop, text: Text, found: list[Diagnostic]) -> tuple[str, ...]:
    choice = compile_choice(text, shop.scope(), found)
    assert choice is not None, (text, found)
    rule = choice.when
    words = "always" if rule is None else f"if {Wording(shop.project.plan).clause(rule.meaning)}"
    return words, _yes_no(rule is None or rule.holds(shop.ada()))


_ROWS: Mapping[str, Callable[[Shop, Text, list[Diagnostic]], tuple[str, ...]]] = {
    "rules": _rule,
    "missing": _missing,
    "values": _value,
    "moments": _moment,
    "lengths": _length,
    "schedules": _schedule,
    "channels": _choice,
}


def _yes_no(truth: bool) -> str:
    return "yes" if truth else "no"


def _instant(ada: Context, at: Instant) -> str:
    return f"{local(at, ada.zone):%A %-d %B %Y, %H:%M}"


def _said(ada: Context, kind: kinds.Kind, value: Any) -> str:
    if value is None:
        return "missing"
    return _instant(ada, value) if isinstance(kind, kinds.Instant) else constant_words(kind, value)


def kind_words(kind: kinds.Kind) -> str:
    """A kind as it is written in a tracking plan."""
    match kind:
        case kinds.Whole():
            return "whole number"
        case kinds.Money(currency):
            return f"money {currency}"
        case kinds.OneOf(values):
            return f"one of {' / '.join(values)}"
        case kinds.YesNo():
            return "yes/no"
        case kinds.TimeOfDay():
            return "time of day"
        case kinds.Instant():
            return "date and time"
        case kinds.Length():
            return "duration"
        case kinds.ListOf(item):
            return f"list of {kind_words(item)}"
        case _:
            return type(kind).__name__.lower()
