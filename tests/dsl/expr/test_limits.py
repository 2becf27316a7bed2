"""Rules as deep and as wide as they may be still compile, and soon."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.shop import person, scope
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_formula, compile_rule
from dsl.source import Text

DEEP: dict[str, Callable[[str], str]] = {
    "round": lambda inner: f"round({inner}, 2)",
    "or else": lambda inner: f"(attempts or else {inner})",
    "or else, the other way": lambda inner: f"({inner} or else attempts)",
    "if": lambda inner: f"(if is_member then {inner} else attempts)",
    "if in the condition": lambda inner: f"(if {inner} > 3 then score else attempts)",
    "plus": lambda inner: f"(score + {inner})",
    "times and minus": lambda inner: f"(-{inner} * attempts)",
    "divided": lambda inner: f"({inner} / attempts)",
    "one of looked up": lambda inner: f"(if {inner} in (attempts, score, 3) then 1 else 2)",
    "between": lambda inner: f"(if {inner} is between 1 and 5 then 1 else 2)",
    "not": lambda inner: f"(if not {inner} > 3 then 1 else 2)",
    "history": lambda inner: f"(count of purchase since today - {inner} * 1 day)",
    "lengths": lambda inner: f"in_days(time since (today - {inner} * 1 day))",
    "spans": lambda inner: f"(if time since (now - {inner} * 1 month) > 1 day then 1 else 2)",
    "texts": lambda inner: f"length((if {inner} > 1 then city + name else title(name)))",
}


@pytest.mark.parametrize("wrap", DEEP.values(), ids=DEEP)
def test_deep_rules_compile_and_never_fail(wrap: Callable[[str], str]) -> None:
    """Each is nested until it is refused; what is not refused must work."""
    text, depth = "winback_count", 0
    begin = time.thread_time()
    for _ in range(60):
        text = wrap(text)
        found: list[Diagnostic] = []
        formula = compile_formula(Text.of(text), scope(), found)
        if formula is None:
            break
        depth += 1
        formula.value(person())
    else:
        pytest.fail("never too deep")

    assert found[0].code == "E10"
    assert depth >= 5
    assert time.thread_time() - begin < 20


@settings(max_examples=100)
@given(st.lists(st.sampled_from(list(DEEP)), min_size=5, max_size=40))
def test_any_mixture_compiles_until_it_is_too_deep(names: list[str]) -> None:
    text = "winback_count"
    for name in names:
        inner = text
        text = DEEP[name](inner)
        found: list[Diagnostic] = []
        formula = compile_formula(Text.of(text), scope(), found)
        if formula is None:
            assert {one.code for one in found} <= {"E10", "T13", "T07", "T02", "T08"}
            break
        formula.value(person())


@pytest.mark.parametrize(
    "part",
    [
        "attempts is 3",
        "did purchase in the last 30 days",
        'tags has any of ("a", tier)',
        "price in (cart.value, 3 EUR, lifetime_value)",
    ],
)
@pytest.mark.parametrize("word", [" and ", " or "])
def test_wide_rules_compile(part: str, word: str) -> None:
    text = word.join([part] * (9_900 // len(part + word)))
    begin = time.thread_time()
    found: list[Diagnostic] = []
    rule = compile_rule(Text.of(text), scope(), found)

    assert rule is not None, found
    assert rule.holds(person()) in (True, False)
    assert time.thread_time() - begin < 20


def test_a_long_list_is_one_look_up() -> None:
    codes = ", ".join(f'"c{n}"' for n in range(1_200))
    rule = compile_rule(Text.of(f"city in ({codes})"), scope(), [])

    assert rule is not None
    assert rule.holds(person()) is False


def test_messages_quote_no_more_than_a_line() -> None:
    found: list[Diagnostic] = []
    codes = ", ".join(f'"c{n}"' for n in range(1_000))
    compile_rule(Text.of(f"city not in ({codes})"), scope(), found)

    assert [one.code for one in found] == ["W102"]
    assert len(found[0].message) < 250
