"""What an author is told who wrote something that cannot be read."""

from __future__ import annotations

import pytest

from dsl.diagnostics import Diagnostic
from dsl.expr.parse import StartSymbol, parse
from dsl.source import Text


def mistake(text: str, start: StartSymbol = "rule") -> tuple[str, str, str, str | None]:
    """Code, the words under the caret, message, hint."""
    found: list[Diagnostic] = []
    assert parse(Text.of(text), start, found) is None
    (one,) = found
    at = one.span.column - 1
    return one.code, text[at : at + one.span.width], one.message, one.hint


BRACKETS = (
    '"and" and "or" are mixed without brackets, so this can be read in two ways.',
    "Put brackets around the part that belongs together, for example: a and (b or c)",
)


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ('tier is "gold" or is_member and lifetime_value > 100', "and"),
        ("a and b or c", "or"),
        ("(a or b) and c or d", "or"),
        ("x is between 1 and 2 and y or z", "or"),
        ("if a then b else c and d or e", "or"),
    ],
)
def test_and_mixed_with_or_needs_brackets(rule: str, word: str) -> None:
    assert mistake(rule) == ("E01", word, *BRACKETS)


def test_brackets_of_their_own_are_no_mixture() -> None:
    assert mistake("(a or b) and c d")[0] == "E05"


def test_a_text_must_end() -> None:
    code, words, message, _ = mistake('name is "a')

    assert (code, words, message) == ("E02", '"a', "There is no closing quotation mark.")


def test_typographic_quotation_marks() -> None:
    assert mistake("first_name is \u201cAda\u201d") == (
        "E03",
        "\u201c",
        "These are typographic quotation marks.",
        'Use straight ones: "..."  (fix with: wayline fmt)',
    )


@pytest.mark.parametrize(
    ("rule", "sign", "hint"),
    [
        ('tier is "gold" && is_member', "&&", 'Write "and" or "or".'),
        ("a || b", "||", 'Write "and" or "or".'),
        ("! a", "!", 'Write "not".'),
        ("cart.value >= $50", "$", "Write the currency after the amount: 50 USD"),
        ("cart.value >= 50€", "€", "Write the currency after the amount: 50 EUR"),
        ("{{ first_name }} is known", "{{", "In a rule, names stand without {{ }}."),
        ('country in ["DE"]', "[", "Lists stand in round brackets: (1, 2, 3)"),
        ("cart.value >= 1,000", ",", "Write the digits without it: 1000"),
        ("price > 10%", "%", "Write a share as a number: 0.1 for 10%"),
    ],
)
def test_signs_of_other_languages(rule: str, sign: str, hint: str) -> None:
    code, words, message, given_hint = mistake(rule)

    assert (code, words, given_hint) == ("E04", sign, hint)
    assert f'"{sign}"' in message


def test_a_blank_that_is_none() -> None:
    assert mistake("a\u00a0is known")[2] == "There is a special blank here."


@pytest.mark.parametrize("rule", ["email is reachable and", "not", "x is", "count of"])
def test_a_rule_that_stops_too_early(rule: str) -> None:
    code, _, message, hint = mistake(rule)

    assert (code, message) == ("E06", "The rule stops too early.")
    assert hint == "Something is missing after the last word."


def test_the_caret_stands_where_something_is_missing() -> None:
    found: list[Diagnostic] = []
    parse(Text.of("email is reachable and", column=14), "rule", found)

    assert (found[0].span.column, found[0].span.width) == (36, 1)


def test_nothing_at_all() -> None:
    assert mistake("")[2] == "There is no rule here."
    assert mistake("   ", "length")[2] == "There is no length of time here."


def test_did_cannot_be_compared() -> None:
    assert mistake("did purchase in the last 30 days >= 3") == (
        "E07",
        ">=",
        '"did ..." is already yes or no and cannot be compared with a number.',
        "Write: did ... at least 3 times, or: count of ... >= 3",
    )


def test_brackets_are_paired() -> None:
    assert mistake("(a or b")[:3] == ("E08", "(", "This bracket is never closed.")
    assert mistake("a or b)")[:3] == ("E08", ")", "This bracket was never opened.")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("x is 2026-02-31", 'There is no such day: "2026-02-31".'),
        ("x is 2026-02-28 24:10", 'There is no such moment: "2026-02-28 24:10".'),
        ("x > 1.5 months", '"1.5 months" is not a length of time.'),
        ("x > " + "9" * 40, "This number is too large."),
        ("x > " + "9" * 40 + " EUR", "This amount is too large."),
        ("did purchase at least 99999999999 times", "This count is too large."),
    ],
)
def test_words_that_only_look_right(rule: str, message: str) -> None:
    assert mistake(rule)[2] == message


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ("did purchase in the last month", "Write: in the last 30 days, or: this month"),
        ("did purchase in the last day", "Write: in the last 24 hours, or: today"),
        ("did purchase at least three times", "Write it in digits: 3"),
        ("did purchase once", "Write: exactly 1 time"),
        ('country is in "DE"', 'Write: is one of ("DE", "AT"), or: is "DE"'),
        ("sum purchase.total > 3", "Write: sum of purchase"),
        ("a but b", 'Write "and".'),
        ("did purchase in last 30 days", "Write: in the last 30 days"),
        ("purchases in last 30 days > 3", "Write: in the last 30 days"),
        ("did purchase 3 times", "Write: at least 3 times, or: exactly 3 times"),
        ("did purchase at least 3", "Write: at least 3 times"),
        ("did purchase within 30 days", "Write: in the last 30 days"),
        ("cart.value > 50 euros", "Write: 50 EUR"),
        ("email contains @example.com", 'A text stands in quotation marks: "@example.com"'),
        ('tags contains any of ("a")', 'For a list write: has any of ("a", "b")'),
        ("age(birthday) is more than 18", "Write: > or <"),
        ("in the last 30 days", "Say first what happened: did purchase in the last 30 days"),
        (
            "sum of purchase.total in the last 30 days / 2 > 3",
            (
                "To calculate with it, put it in brackets: "
                "(sum of purchase.total in the last 30 days) / ..."
            ),
        ),
        ("cart.value > 50 eur", "If it is a currency, write it in capitals: 50 EUR"),
        (
            "10 < cart.value < 20",
            'Write: x is between 10 and 20, or join them with "and": x > 10 and x < 20',
        ),
    ],
)
def test_habits_of_everyday_speech(rule: str, hint: str) -> None:
    assert mistake(rule)[3] == hint


@pytest.mark.parametrize(
    ("start", "text", "hint"),
    [
        ("length", "3d hours", "Write: 3 days"),
        ("moment", "tomorrow at 9am", "Write: 09:00"),
        ("moment", "25:00", "Times go from 00:00 to 23:59."),
        ("span", "21:00-08:00", "For example: 21:00 to 08:00"),
        ("cap", "3 a week", "For example: 3 per 7 days, 1 per day on push"),
        ("blocked", "delay", "Possible: wait, wait up to 2 days, next channel, skip"),
        ("channel_choice", "push unless x", 'Write "if not ..." or "and not ...".'),
    ],
)
def test_every_small_language_has_its_example(start: StartSymbol, text: str, hint: str) -> None:
    assert mistake(text, start)[3] == hint


def test_a_rule_that_is_too_long_or_too_deep() -> None:
    assert mistake("x is 1 and " * 2000 + "y")[2] == "This is longer than 10,000 characters."
    assert mistake("(" * 50 + "x" + ")" * 50)[2] == "This is nested more than 40 levels deep."
    assert mistake("not " * 60 + "x")[0] == "E10"
