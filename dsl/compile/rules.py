"""Several rules as one, and rules where there are none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import cast

from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_rule
from dsl.expr.context import Context
from dsl.expr.flips import flip_of
from dsl.expr.scope import Scope
from dsl.expr.typed_test import All, Not, Test
from dsl.machine import Reads, Rule
from dsl.source import Text

__all__ = ["all_of", "all_reads", "compile_rules", "not_of"]


def compile_rules(
    texts: Iterable[Text], scope: Scope, found: list[Diagnostic], *, exclusion: bool = False
) -> tuple[Rule, ...]:
    """Each of the rules that can be understood. ``exclusion``: they keep people out."""
    made = (compile_rule(text, scope, found, exclusion=exclusion) for text in texts)
    return tuple(rule for rule in made if rule is not None)


def all_of(rules: Sequence[Rule]) -> Rule:
    """One rule that holds if all of them do."""
    if len(rules) == 1:
        return rules[0]
    tests = [rule.holds for rule in rules]
    meaning = All(tuple(cast("Test", rule.meaning) for rule in rules))

    def holds(context: Context) -> bool:
        return all(test(context) for test in tests)

    return Rule(
        text=" and ".join(f"({rule.text})" for rule in rules),
        place=rules[0].place,
        reads=all_reads(rule.reads for rule in rules),
        holds=holds,
        flips=flip_of(meaning),
        meaning=meaning,
    )


def not_of(rule: Rule) -> Rule:
    """The rule that holds where this one does not."""
    meaning = Not(cast("Test", rule.meaning))
    return Rule(
        text=f"not ({rule.text})",
        place=rule.place,
        reads=rule.reads,
        holds=lambda context: not rule.holds(context),
        flips=flip_of(meaning),
        meaning=meaning,
    )


def all_reads(reads: Iterable[Reads | None]) -> Reads:
    """Everything that several rules look at."""
    return reduce(or_, (one for one in reads if one is not None), Reads())
