"""Missing data, case by case as the language reference has it (section 2.6).

A value is missing if it is absent, null, an empty text or an empty list. Every rule is yes or no.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.shop import person, scope
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_rule
from dsl.source import Text
from tests.dsl.expr.asking import ask, event, somebody, told, value

NOBODY = somebody()

POSITIVE = [
    "attempts > 3",
    "attempts < 3",
    "attempts >= 0",
    "attempts is 0",
    'country is "DE"',
    'country is exactly "DE"',
    'tier is "gold"',
    'country is one of ("DE", "AT")',
    'country in ("DE")',
    "attempts is between 0 and 9",
    'city contains "a"',
    'city starts with "a"',
    'city ends with "a"',
    'city matches "*"',
    'tags has "a"',
    'tags has any of ("a", "b")',
    'tags has all of ("a")',
    "renewal_date is within the next 30 days",
    "last_login is within the last 7 days",
    "is_member",
    "is_member is yes",
    "is_member is no",
    "age(birthday) < 18",
    "time since last_login >= 0 seconds",
    "time since last_login < 99 years",
    "time until renewal_date > 1 day",
    "cart.value > 0",
    "any of trigger.items where price > 0",
    "all of trigger.items where price > 0",
    'unique purchase.category has "x"',
    "last purchase.total > 0",
    "first purchase.total > 0",
    "average of purchase.total > 0",
    "lowest purchase.total >= 0",
    "highest purchase.total >= 0",
    "first_name is last_name",
    "country is one of tags",
    "tags has any of favourite_categories",
]


@pytest.mark.parametrize("rule", POSITIVE)
def test_a_positive_test_of_what_is_missing_is_no(rule: str) -> None:
    assert ask(rule, NOBODY) is False
    assert ask(f"not ({rule})", NOBODY) is True


@pytest.mark.parametrize(
    ("positive", "negative"),
    [
        ('country is "DE"', 'country is not "DE"'),
        ("attempts is 3", "attempts is not 3"),
        ('city contains "b"', 'city does not contain "b"'),
        ('country in ("DE")', 'country not in ("DE")'),
        ('country is one of ("DE")', 'country is none of ("DE")'),
        ('tags has "a"', 'tags does not have "a"'),
        ('tags has any of ("a")', 'tags has none of ("a")'),
        ("any of trigger.items where price > 1", "none of trigger.items where price > 1"),
        ("did purchase", "did not purchase"),
        ("first_name is last_name", "first_name is not last_name"),
    ],
)
@pytest.mark.parametrize(
    "who",
    [
        NOBODY,
        person(),
        somebody(
            country="DE", attempts=3, city="Berlin", tags=["a"], first_name="A", last_name="a"
        ),
        somebody(country="", attempts=None, city=None, tags=[]),
    ],
)
def test_the_negative_form_is_the_exact_negation(positive: str, negative: str, who: Any) -> None:
    assert ask(negative, who) is not ask(positive, who)


def test_two_missing_values_are_not_equal() -> None:
    assert ask("first_name is last_name", NOBODY) is False
    assert ask("first_name is not last_name", NOBODY) is True
    assert ask("renewal_date is birthday", NOBODY) is False


@pytest.mark.parametrize("empty", [None, "", []])
def test_null_and_empty_are_missing(empty: Any) -> None:
    who = somebody(first_name=empty, tags=empty)

    assert ask("first_name is missing and tags is missing", who) is True
    assert ask("first_name is known or tags is known", who) is False


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("attempts + 1", None),
        ("first_name + city", None),
        ("round(cart.value)", None),
        ("first purchase.total", None),
        ("last purchase.total", None),
        ("average of purchase.total", None),
        ("lowest purchase.total", None),
        ("highest purchase.total", None),
        ("unique purchase.category", None),
        ("count of purchase", 0),
        ("sum of purchase.total", 0),
        ("count of purchase in the last 30 days", 0),
        ("sum of purchase.total since 2026-01-01", 0),
        ("count of trigger.items", 0),
        ("sum of trigger.items.price", 0),
        ("count of tags", 0),
        ("attempts or else 7", 7),
        ("attempts + 1 or else 7", 7),
        ('first_name or else last_name or else "x"', "x"),
        ("if is_member then 1 else 2", 2),
        ('""', None),
    ],
)
def test_calculating_with_nothing(formula: str, expected: Any) -> None:
    assert value(formula, NOBODY) == expected


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("did purchase", False),
        ("did not purchase", True),
        ("did purchase at most 3 times", True),
        ("did purchase exactly 0 times", True),
        ("did purchase fewer than 1 time", True),
        ("did purchase at least 1 time", False),
        ("did purchase at least 0 times", True),
        ("did purchase more than 0 times", False),
        ("did purchase at most 3 times in the last 30 days", True),
        ("purchases is 0", True),
        ("sum of purchase.total < 1", True),
    ],
)
def test_somebody_who_did_nothing(rule: str, holds: bool) -> None:
    assert ask(rule, NOBODY) is holds


def test_a_window_that_hangs_on_missing_data_holds_nothing() -> None:
    who = somebody(event("purchase", 5))

    assert ask("did purchase since last_seen_at", who) is False
    assert ask("did purchase before last_seen_at", who) is False
    assert ask("count of purchase since last_seen_at is 0", who) is True
    assert ask("did purchase since entry", who) is False


BAD: list[Any] = [
    "text",
    7,
    -(10**40),
    1.5,
    float("nan"),
    float("inf"),
    True,
    [],
    [None, 3, "x", {}, []],
    {},
    {"value": "x", "items": 3},
    {"value": 5, "items": [1, None, {"price": "x"}, {"price": 3}]},
    "NaN",
    "1E+999999",
    "9" * 100,
    "2026-02-31",
    "25:00",
    [1, 2, 3, "x"],
    [10**20, 10**20, 10**20, 10**20],
    b"bytes",
    object(),
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_data_of_the_wrong_kind_is_missing_and_never_an_error(bad: Any) -> None:
    """Whatever lies at rest under whatever name, every rule of the corpus is yes or no."""
    names = scope().plan.attributes
    twisted = replace(person(), attributes=dict.fromkeys(names, bad))
    for rule in CORPUS:
        found: list[Diagnostic] = []
        compiled = compile_rule(Text.of(rule), scope(), found)
        if compiled is not None:
            assert compiled.holds(twisted) in (True, False)


def test_numbers_out_of_the_language_are_missing() -> None:
    for bad in ("NaN", "Infinity", "1E+999999", "9" * 100, 1.5, "x", ""):
        assert ask("score is known", somebody(score=bad)) is False, bad
    assert value("score * 2", somebody(score="0.25")) * 2 == 1


class TestWarnings:
    def test_is_not_speaks_of_those_without_a_value(self) -> None:
        (said,) = told('country is not "DE"')

        assert (said.code, said.severity) == ("W102", "warning")
        assert said.message == '"country is not "DE"" is also true for people without a country.'
        assert said.hint == (
            'If you mean known countries only: country is known and country is not "DE"'
        )
        assert (said.span.column, said.span.width) == (1, 19)

    def test_not_before_a_comparison_does_too(self) -> None:
        (said,) = told("not attempts >= 3 and is_member")

        assert said.code == "W102"
        assert said.message == '"not attempts >= 3" is also true for people without attempts.'

    @pytest.mark.parametrize(
        "rule",
        [
            'country is known and country is not "DE"',
            'country is missing or country is not "DE"',
            'country is "DE"',
            "not is_member",
            'trigger.cart_id is not "x"',
            'did purchase where category is not "x"',
            "purchases is not 3",
            '(country or else "DE") is not "DE"',
        ],
    )
    def test_who_has_thought_of_it_is_not_warned(self, rule: str) -> None:
        assert told(rule) == []

    def test_a_required_attribute_is_never_missing(self) -> None:
        here = scope()
        country = replace(here.plan.attributes["country"], required=True)
        attributes = {**here.plan.attributes, "country": country}
        sure = replace(here, plan=replace(here.plan, attributes=attributes))

        assert told('country is not "DE"', sure) == []

    def test_it_is_said_once_per_file(self) -> None:
        found: list[Diagnostic] = []
        for line in (1, 2, 3):
            compile_rule(Text.of('country is not "DE"', "a.yaml", line), scope(), found)
        compile_rule(Text.of('country is not "DE"', "b.yaml"), scope(), found)

        assert [(one.span.path, one.span.line) for one in found] == [("a.yaml", 1), ("b.yaml", 1)]

    def test_an_exclusion_that_lets_people_in(self) -> None:
        found: list[Diagnostic] = []
        compile_rule(Text.of("age(birthday) < 18"), scope(), found, exclusion=True)
        compile_rule(
            Text.of("age(birthday) < 18 or birthday is missing"), scope(), found, exclusion=True
        )

        (said,) = found
        assert said.code == "W101"
        assert said.message == (
            '"age(birthday)" can be missing, and then this exclusion lets the person in.'
        )
        assert said.hint == (
            "To keep out people whose age you do not know: "
            "age(birthday) < 18 or birthday is missing"
        )


CORPUS = [
    *POSITIVE,
    "round(cart.value * 0.1, 2) > 3 and floor(score) > 0 and length(tags) > 1",
    "score * attempts / price * 1 EUR > 3 EUR",
    "2 * refill_interval > 3 days and today + attempts * 1 day > renewal_date",
    "last_seen_at + refill_interval < now or last_login - refill_interval > now",
    "renewal_date + refill_interval > now and anniversary(renewal_date) is today",
    "did purchase since last_seen_at and did login within 3 days after last_login",
    "did purchase between last_seen_at and last_login or did login before renewal_date",
    'month(last_seen_at) is 3 or hour(opens_at) > 3 or weekday(last_login) is "Monday"',
    "now is after last_seen_at or last_login is renewal_date or last_login is today",
    'join(tags, ", ") contains "a" or title(name) is upper(name) or trim(city) is lower(plan)',
    "sum of cart.items.price > 3 or highest cart.items.price > 1 or count of cart.items > 1",
    'any of cart.items where category is "x" or unique purchase.category has city',
    "order.total is between price and lifetime_value or in_days(refill_interval) > 3",
    'format_money(price) is "x" or abs(winback_count) > 3 or ceil(score) is attempts',
    "renewal_date is between birthday and last_login or opens_at is between 08:00 and 09:00",
]
