"""Rules that nobody fulfils, and branches that nobody takes."""

from __future__ import annotations

import pytest

from dsl.render import render
from tests.dsl.projects import compile_small, complaints

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
