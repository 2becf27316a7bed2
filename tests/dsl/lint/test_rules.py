"""Rules that nobody fulfils, and branches that nobody takes."""

from __future__ import annotations

import pytest

from dsl.render import render
from tests.dsl.projects import POLICY, compile_small, complaints

STOP = "steps:\n  - stop: done\n"


def told(rest: str, **changed: str) -> list[tuple[str, int, int, str]]:
    return complaints(rest, **changed)


def codes(rest: str, **changed: str) -> list[str]:
    return [one[0] for one in complaints(rest, **changed)]


# -------------------------------------------------------------------------------- W104, W105


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("points > 100 and points < 50", "points cannot be above 100 and below 50."),
        ("points >= 100 and points <= 99", "points cannot be at least 100 and at most 99."),
        ("points > 5 and points <= 5", "points cannot be above 5 and at most 5."),
        ('tier is "gold" and tier is "bronze"', 'tier cannot be "gold" and "bronze".'),
        ("points is 3 and points > 3", "points cannot be 3 and above 3."),
        (
            "renewal_date is after 2026-03-01 and renewal_date is before 2026-02-01",
            "renewal_date cannot be above 2026-03-01 and below 2026-02-01.",
        ),
        (
            "did purchase where (total > 100 EUR and total < 50 EUR) in the last 9 days",
            "total cannot be above 100 and below 50.",
        ),
    ],
)
def test_w104_what_is_never_true(rule: str, message: str) -> None:
    ((code, line, _, said),) = told(f"eligible if: {rule}\n{STOP}")

    assert (code, line, said) == ("W104", 1, f"This is never true: {message}")


@pytest.mark.parametrize(
    "rule",
    [
        "points > 50 and points < 100",
        "points >= 5 and points <= 5",
        'tier is "gold" and first_name is "Ada"',
        "points > 100 or points < 50",
        "not (points > 50) and points < 100",
        'first_name is "Ada" and first_name is "ADA "',
        "did purchase where total > 100 EUR in the last 9 days and lifetime_value < 50 EUR",
        "(points > 100 or points is missing) and points < 50",
    ],
)
def test_what_can_be_true_is_not_told(rule: str) -> None:
    assert "W104" not in codes(f"eligible if: {rule}\n{STOP}")


def test_w104_points_at_the_whole_of_it() -> None:
    compiled = compile_small(f"eligible if: tier is known and points > 9 and points < 5\n{STOP}")

    assert (
        render(compiled.diagnostics, compiled.sources)
        == """\
warning W104  journey.yaml:4:14
  This is never true: points cannot be above 9 and below 5.

    4 | eligible if: tier is known and points > 9 and points < 5
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
    )


def choose(*rules: str) -> str:
    cases = "".join(f"      - when: {rule}\n        do: [{{stop: x}}]\n" for rule in rules)
    return f"steps:\n  - choose:\n{cases}"


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("points > 10", "points > 100"),
        ("points > 10", "points >= 11 and tier is known"),
        ("points >= 10", "points is 10"),
        ("tier is known", "tier is known"),
        ('tier is "gold" or points > 5', "points > 6"),
        ("points < 5", "points < 3 and points > 1"),
    ],
)
def test_w105_a_wider_case_above(above: str, below: str) -> None:
    found = told(choose(above, below))

    assert found == [
        (
            "W105",
            5,
            15,
            "This branch is never reached: line 6 already catches everybody in it.",
        )
    ]


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("points > 100", "points > 10"),
        ("points > 10 and tier is known", "points > 100"),
        ("points > 10", "points < 100"),
        ("points > 10", "lifetime_value > 100 EUR"),
        ('tier is "gold"', 'tier is "bronze"'),
        ("points > 10", "points is 10"),
    ],
)
def test_cases_that_take_others_are_not_told(above: str, below: str) -> None:
    assert codes(choose(above, below)) == []


# ----------------------------------------------------------------------------------------- W160

SPOKEN = "format_money(lifetime_value) contains '5'"


def test_w160_a_segment_that_no_database_can_be_asked_for() -> None:
    segments = f"segments:\n  words: {{who: {SPOKEN}}}\n  more: {{who: in segment words}}\n"
    compiled = compile_small(segments=segments)

    assert [str(one.span) for one in compiled.diagnostics] == [
        "segments.yaml:2:16",
        "segments.yaml:3:15",
    ]
    assert (
        render(compiled.diagnostics[:1], compiled.sources)
        == """\
warning W160  segments.yaml:2:16
  This segment is looked up person by person, because format_money writes in the language of each recipient.

    2 |   words: {who: format_money(lifetime_value) contains '5'}
      |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  Hint: It works; with very many people it takes its time.
"""
    )


def test_w160_reach_and_consent() -> None:
    policy = POLICY.replace("  push:\n", f"  push: {{reachable when: {SPOKEN}}}\n").replace(
        "  promotional:\n", f"  promotional: {{consent: {SPOKEN}}}\n"
    )
    found = complaints(policy=policy)

    assert [one[:2] for one in found] == [("W160", 7), ("W160", 10)]
    assert [one[3].split()[1] for one in found] == ["reach", "consent"]


@pytest.mark.parametrize(
    "rule",
    [
        "did purchase in the last 30 days and in segment other",
        "lifetime_value * 2 + 5 EUR > 3 EUR or (points > 3 and not (tier is 'gold' or points > 9))",
        "(" * 30 + "points > 3" + ")" * 30,
        " or ".join(f"points is {n}" for n in range(300)),
    ],
)
def test_w160_is_silent_about_rules_that_are_sql(rule: str) -> None:
    segments = f"segments:\n  one: {{who: {rule}}}\n  other: {{who: did refund}}\n"

    assert "W160" not in [one[0] for one in complaints(segments=segments)]


def test_w160_of_a_rule_that_no_parser_of_a_database_holds() -> None:
    rule = "points"
    for n in range(35):
        rule = f"({rule} + {n}.5)"
    (found,) = complaints(segments=f"segments:\n  one: {{who: {rule} > 3}}\n")

    assert found[0] == "W160"
    assert found[3].endswith("because it is nested too deeply.")
