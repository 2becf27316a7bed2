"""Compiled rules and the same rules written by hand agree about everybody."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings

from benchmarks.by_hand import BY_HAND
from benchmarks.rules import run
from dsl.expr.context import Context
from dsl.expr.timing import FIRST_INSTANT, LAST_INSTANT
from tests.dsl.expr.test_grammar import corpus
from tests.dsl.expr.test_properties import holds, people


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(people())
def test_two_ways_to_write_a_rule_agree(who: Context) -> None:
    seen = who.attributes.get("last_seen_at")
    # What no calendar holds is missing to the language; whoever writes by hand does not think of it.
    assume(not isinstance(seen, int) or FIRST_INSTANT <= seen <= LAST_INSTANT)

    differing = [rule for rule, by_hand in BY_HAND.items() if by_hand(who) is not holds(rule, who)]

    assert differing == []


def test_the_rules_by_hand_are_those_of_the_corpus() -> None:
    rules = {text for start, text in corpus("expressions.txt") if start == "rule"}

    assert len(BY_HAND) >= 50
    assert set(BY_HAND) <= rules


def test_the_measurement_runs() -> None:
    table = run(rounds=1, loops=1)

    assert len(table.lines) == len(BY_HAND)
    assert table.median > 0
