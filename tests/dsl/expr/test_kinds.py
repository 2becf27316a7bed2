"""What can be compared and calculated, and the five implicit conversions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from benchmarks.shop import NOW, scope
from dsl import kinds
from dsl.calendar import DAY, Duration
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import compile_formula, compile_length
from dsl.kinds import Kind
from dsl.source import Text
from tests.dsl.expr.asking import ask, at, complaints, event, somebody, told, value


@pytest.mark.parametrize(
    ("rule", "code", "words", "message", "hint"),
    [
        (
            'lifetime_value >= "50"',
            "T02",
            '"50"',
            "This compares money EUR with text.",
            "Write the amount with its currency, or the number without quotation marks.",
        ),
        (
            "lifetime_value >= 50 USD",
            "T05",
            "50 USD",
            "This compares EUR with USD.",
            "Amounts are never converted silently.",
        ),
        (
            'tier is "golden"',
            "T03",
            '"golden"',
            '"golden" is not one of the values.',
            'Did you mean "gold"?',
        ),
        (
            'first_name has "A"',
            "T04",
            "has",
            '"has" looks into a list, but this is text.',
            'For a piece of text use "contains".',
        ),
        (
            'last_seen_at > "2026-01-01"',
            "T02",
            '"2026-01-01"',
            "This compares date and time with text.",
            "Dates are written without quotation marks: 2026-01-01",
        ),
        (
            'tags contains "x"',
            "T04",
            "contains",
            '"contains" looks into a text, but this is a list.',
            'For a list write "has".',
        ),
        (
            "country",
            "T01",
            "country",
            "A rule is yes or no, but this is text.",
            "Compare it with something, or write: country is known",
        ),
        (
            "purchases",
            "T01",
            "purchases",
            "A rule is yes or no, but this is a whole number.",
            "Write: did purchases",
        ),
        (
            "country < city",
            "T06",
            "city",
            '"<" needs numbers, amounts or dates, but this is text.',
            None,
        ),
        (
            'country is ""',
            "T10",
            '""',
            "Nothing is ever equal to an empty text.",
            'Write "is missing" or "is known".',
        ),
        (
            "time since last_seen_at > 14",
            "T02",
            "14",
            "This compares a length of time with a whole number.",
            "Write it with its unit, for example: 60 days",
        ),
        ("price + 5 > 10 EUR", "T07", "price + 5", None, None),
        ("renewal_date - 14 > today", "T07", "renewal_date - 14", None, None),
        ("age(country) > 3", "T09", "age(country)", '"age" does not work with text.', None),
        ("country is after 2026-01-01", "T02", "2026-01-01", None, None),
        ("did purchase where (did login)", "T12", "login", None, None),
        ("sum of purchase > 3", "N05", "purchase", None, "Write: sum of purchase.total"),
        ("country in ()", "T10", "()", "This list is empty.", None),
        ("reply was opened", "T11", "reply", None, None),
        (
            'unique purchase.items has "x"',
            "T07",
            "purchase.items",
            '"purchase.items" is a list of text: there is no unique of it.',
            None,
        ),
        (
            'country is "DE" or "AT"',
            "T01",
            '"AT"',
            "A rule is yes or no, but this is text.",
            'For one of several write: country is one of ("DE", "AT")',
        ),
        (
            "did purchase since 30 days",
            "T07",
            "30 days",
            "Here stands a date, but this is a length of time.",
            "Write: in the last 30 days",
        ),
        (
            "time since purchase > 3 days",
            "T07",
            "purchase",
            '"time since" needs a date, but this is a whole number.',
            "Write: time since last purchase",
        ),
        (
            "last purchase > 30 days",
            "T02",
            "30 days",
            "This compares date and time with duration.",
            "For how long ago write: time since ...",
        ),
        (
            "purchase is known",
            "T01",
            "purchase",
            "A number of events is always known, even if it is 0.",
            "Write: did purchase",
        ),
        ("tags in the last 3 days is 0", "T11", "in the last 3 days", None, None),
        ("is_member is 1", "T02", "1", "This compares yes/no with whole number.", None),
    ],
)
def test_what_does_not_fit(
    rule: str, code: str, words: str, message: str | None, hint: str | None
) -> None:
    ((given_code, given_words, given_hint),) = complaints(rule)
    given_message = told(rule)[0].message

    assert (given_code, given_words) == (code, words)
    if message is not None:
        assert given_message == message
    if hint is not None:
        assert given_hint == hint


def test_two_currencies_never_meet() -> None:
    for rule in (
        "lifetime_value + 5 USD > 3 EUR",
        "lifetime_value is between 3 USD and 5 USD",
        "lifetime_value is one of (3 EUR, 3 USD)",
        "(lifetime_value or else 0 USD) > 3 EUR",
        "lifetime_value / 5 USD > 3",
    ):
        assert complaints(rule), rule


class TestTheFiveConversions:
    def test_a_number_takes_the_currency_it_is_compared_with(self) -> None:
        who = somebody(lifetime_value=5000, price=999)

        assert ask("lifetime_value is 50", who) is True
        assert ask("lifetime_value > 49.99", who) is True
        assert ask("50 <= lifetime_value", who) is True
        assert ask("price is between 9.98 and 10", who) is True
        assert ask("lifetime_value is one of (50, 60)", who) is True
        assert complaints("lifetime_value > attempts")[0][0] == "T02"

    def test_a_date_used_as_an_instant_is_its_start(self) -> None:
        who = somebody(last_seen_at=at("2026-03-01 00:00"))

        assert ask("last_seen_at >= 2026-03-01", who) is True
        assert ask("last_seen_at > 2026-03-01", who) is False
        assert ask("last_seen_at < 2026-03-01", who) is False

    def test_an_instant_against_a_date_is_that_day_where_a_word_says_so(self) -> None:
        who = somebody(last_seen_at=at("2026-03-01 23:59"))

        assert ask("last_seen_at is 2026-03-01", who) is True
        assert ask("last_seen_at is on or before 2026-03-01", who) is True
        assert ask("last_seen_at is after 2026-03-01", who) is False
        assert ask("last_seen_at is between 2026-02-01 and 2026-03-01", who) is True
        assert ask("last_seen_at is not 2026-03-01", who) is False

    def test_a_record_used_as_an_instant_is_its_time(self) -> None:
        who = somebody(event("purchase", NOW - 3 * DAY))

        assert ask("time since last purchase is 3 days", who) is True
        assert ask("trigger is before now")
        assert ask("nudge is before now")

    def test_an_event_where_a_number_is_needed_is_its_count(self) -> None:
        who = somebody(event("purchase", 1), event("purchase", 2))

        assert ask("purchases is 2", who) is True
        assert ask("purchases + 1 >= 3", who) is True


@pytest.mark.parametrize(
    ("formula", "kind", "expected"),
    [
        ("1 + 2 * 3", kinds.Whole(), 7),
        ("0.1 + 0.2", kinds.Number(), Decimal("0.3")),
        ("1 / 3", kinds.Number(), Decimal("0.3333333333333333333333333333")),
        ("10 EUR / 4", kinds.Money("EUR"), 250),
        ("10 EUR / 4 EUR", kinds.Number(), Decimal("2.5")),
        ("3 * 2 EUR - 1 EUR", kinds.Money("EUR"), 500),
        ("5 JPY * 2", kinds.Money("JPY"), 10),
        ("1.5 KWD * 2", kinds.Money("KWD"), 3000),
        ("-(2 EUR)", kinds.Money("EUR"), -200),
        ("2 hours + 1 day", kinds.Length(), Duration(days=1, micros=2 * DAY // 24)),
        ("3 * 1 week", kinds.Length(), Duration(days=21)),
        ("2026-01-31 + 1 month", kinds.Date(), date(2026, 2, 28)),
        ("2026-01-31 - 1 day", kinds.Date(), date(2026, 1, 30)),
        ("2026-03-01 - 2026-02-01", kinds.Length(), Duration(days=28)),
        ('"a" + "b"', kinds.Text(), "ab"),
        ("round(2.345, 2)", kinds.Number(), Decimal("2.35")),
        ("round(-2.5)", kinds.Whole(), -3),
        ("floor(-2.5)", kinds.Whole(), -3),
        ("ceil(2.1)", kinds.Whole(), 3),
        ("abs(-2 EUR)", kinds.Money("EUR"), 200),
        ("round(12.345 EUR * 1, 2)", kinds.Money("EUR"), 1235),
        ("round(12.34 EUR)", kinds.Money("EUR"), 1200),
        ("in_days(36 hours)", kinds.Number(), Decimal("1.5")),
        ("in_days(2 weeks)", kinds.Number(), 14),
        ('length("Ada")', kinds.Whole(), 3),
        ('title("anna maria")', kinds.Text(), "Anna Maria"),
        ('upper("ß") + lower("X")', kinds.Text(), "SSx"),
        ('trim("  a ")', kinds.Text(), "a"),
        ("weekday(2026-03-01)", None, "Sunday"),
        ("day(2026-03-01) + month(2026-03-01) + year(2026-03-01)", kinds.Whole(), 2030),
        ("hour(09:30)", kinds.Whole(), 9),
        ("date(2026-03-01 23:30)", kinds.Date(), date(2026, 3, 1)),
        ("if 1 < 2 then 3 EUR else 4 EUR", kinds.Money("EUR"), 300),
        ("1 < 2", kinds.YesNo(), True),
    ],
)
def test_a_calculation_and_its_kind(formula: str, kind: Kind | None, expected: Any) -> None:
    found: list[Diagnostic] = []
    compiled = compile_formula(Text.of(formula), scope(), found)

    assert compiled is not None, found
    assert compiled.value(somebody()) == expected
    assert kind is None or compiled.kind == kind


def test_a_formula_for_a_place_must_be_of_its_kind() -> None:
    def codes(formula: str, kind: Kind) -> list[str]:
        found: list[Diagnostic] = []
        compiled = compile_formula(Text.of(formula), scope(), found, kind)
        assert (compiled is None) == bool(found)
        assert compiled is None or compiled.kind == kind
        return [one.code for one in found]

    assert codes("winback_count + 1", kinds.Whole()) == []
    assert codes("winback_count + 1", kinds.Number()) == []
    assert codes("winback_count / 2", kinds.Whole()) == ["T13"]
    assert codes("round(winback_count / 2)", kinds.Whole()) == []
    assert codes("5", kinds.Money("EUR")) == ["T13"]
    assert codes("5 USD", kinds.Money("EUR")) == ["T13"]
    assert codes("renewal_date", kinds.Instant()) == []
    assert codes("now", kinds.Date()) == ["T13"]
    assert codes("tier", kinds.Text()) == []
    assert codes('"gold"', kinds.OneOf(("gold", "silver"))) == []
    assert codes('"golden"', kinds.OneOf(("gold", "silver"))) == ["T03"]
    assert codes("trigger.items", kinds.ListOf(kinds.Record(()))) == []
    assert codes("tags", kinds.ListOf(kinds.Whole())) == ["T13"]


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("refill_interval is between 1 day and 30 days", True),
        ("refill_interval is between 1 Day AND 29 days 23 hours", False),
        ("refill_interval is between 1 week 2 days and 2 months and attempts is 7", True),
        ("refill_interval is between 3 working days and refill_interval", True),
        ("refill_interval is between 1 day and 12 hours or attempts is 7", True),
        ("did purchase where time is between profile.last_seen_at and now", False),
    ],
)
def test_two_lengths_after_between_are_its_ends(rule: str, holds: bool) -> None:
    """Everywhere else, "1 day and 12 hours" is one length."""
    assert ask(rule, somebody(refill_interval=[0, 30, 0, 0], attempts=7)) is holds
    assert ask("refill_interval > 1 day and 12 hours", somebody(refill_interval=[0, 2, 0, 0]))


def test_a_length_is_a_length() -> None:
    found: list[Diagnostic] = []
    length = compile_length(Text.of("refill_interval or else 30 days"), scope(), found)
    wrong = compile_length(Text.of("attempts"), scope(), found)

    assert length is not None
    assert length.value(somebody()) == Duration(days=30)
    assert length.value(somebody(refill_interval=[1, 0, 0, 0])) == Duration(months=1)
    assert wrong is None
    assert [(one.code, one.hint) for one in found] == [("T13", "For example: 2 days")]


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ('country is "de"', True),
        ('country is " DE "', True),
        ('country is exactly "De"', True),
        ('country is exactly "DE"', False),
        ('country contains "e"', True),
        ('country starts with "d"', True),
        ('country is one of ("at", "de")', True),
        ('tags has "NEWS"', True),
        ('tags has all of ("news", "x")', True),
        ('tags has all of ("news", "y")', False),
        ('tags has any of ("y", "X")', True),
        ('city is "strasse"', True),
        ('city is "STRASSE"', True),
        ('name is "Zoe\u0308"', True),
        ('name ends with "\u00cb"', True),
        ('plan matches "PRO-*"', True),
        ('plan matches "pro-?????"', False),
        ('plan matches "p?o-*ual"', True),
        ('plan matches "ro*"', False),
        ('plan matches "*"', True),
        ('plan matches "pro-annual"', True),
        ('plan matches "pro.annual"', False),
    ],
)
def test_text_is_compared_without_case_and_outer_spaces(rule: str, holds: bool) -> None:
    who = somebody(
        country="De", tags=["News ", "x"], city="Stra\u00dfe", name="ZO\u00cb", plan="Pro-annual"
    )

    assert ask(rule, who) is holds


def test_codes_and_words_of_a_list_are_compared_as_they_are() -> None:
    who = somebody(event("purchase", 1, order_id="A1"), tier="gold")

    assert ask('did purchase where order_id is "A1"', who) is True
    assert ask('did purchase where order_id is "a1"', who) is False
    assert ask('did purchase where order_id starts with "a"', who) is False
    assert ask('tier is "gold"', who) is True


def test_a_pattern_cannot_make_a_rule_slow() -> None:
    who = somebody(plan="a" * 5000)

    assert ask(f'plan matches "{"*a" * 200}*b"', who) is False


def test_a_division_by_zero_is_missing() -> None:
    assert value("1 / 0") is None
    assert value("lifetime_value / attempts or else 5 EUR", somebody(attempts=0)) == 500
    assert ask("1 / (attempts - attempts) > 0") is False


def test_an_amount_is_written_in_the_language_of_the_recipient() -> None:
    who = somebody(price=123456)
    who.language = "de"

    assert value("format_money(price)", who) == "1.234,56\u00a0€"
    assert value('format_money(price) or else "-"', somebody()) == "-"
