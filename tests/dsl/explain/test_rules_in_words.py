"""Rules in words: every sentence of the corpus can be said, and these are said like this."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.shop import scope
from dsl.diagnostics import Diagnostic
from dsl.explain.moments import moment_words
from dsl.explain.rules import Wording
from dsl.explain.steps import formula_words
from dsl.expr.compile import compile_formula, compile_moment, compile_rule
from dsl.source import Text

CORPUS = Path(__file__).parents[1] / "expr" / "data" / "expressions.txt"
SCOPE = scope()
WORDING = Wording(SCOPE.plan)


def said(rule: str) -> str:
    found: list[Diagnostic] = []
    compiled = compile_rule(Text.of(rule), SCOPE, found)
    assert compiled is not None, found
    return WORDING.clause(compiled.meaning)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("in segment vip", "the person is in the segment vip"),
        (
            "entered segment vip in the last 7 days",
            "the person has entered the segment vip in the last 7 days",
        ),
        ("not left segment vip", "the person has not left the segment vip"),
        ("not in journey welcome", "the person is not in the journey welcome"),
        ("push is not reachable", "push is not possible"),
        ('country is not "DE"', 'country is not "DE" (or unknown)'),
        ('country in ("DE", "AT", "CH")', 'country is "DE", "AT" or "CH"'),
        ("first_name is missing", "first name is unknown"),
        ("age(birthday) >= 18", "the age by birthday is at least 18"),
        ("is_member", "is member is yes"),
        ("not is_member", "is member is not yes"),
        ("did not purchase in the last 90 days", "there has been no purchase in the last 90 days"),
        (
            "did purchase at least 3 times in the last 365 days",
            "there have been at least 3 purchases in the last 365 days",
        ),
        ("count of purchase is 1", "there has been exactly 1 purchase"),
        ("count of purchase is 0", "there has been no purchase"),
        (
            "did purchase where total > 20 EUR since entry",
            "there has been a purchase (total is more than 20 EUR) after entry",
        ),
        (
            "did cart_updated in the last 3 days not followed by purchase within 1 day",
            'there has been the event "cart updated" in the last 3 days, followed by no purchase within 1 day',
        ),
        (
            "sum of purchase.total in the last 365 days >= 500 EUR",
            "the sum of total over all purchases in the last 365 days is at least 500 EUR",
        ),
        (
            "time since last purchase.time >= 60 days",
            "the time of the last purchase is at least 60 days ago",
        ),
        (
            "renewal_date is within the next 30 days",
            "renewal date is within the next 30 days",
        ),
        (
            "not messaged on push about promotional in the last 24 hours",
            "there has been no promotional message by push in the last 24 hours",
        ),
        ('tags does not have "blocked"', 'tags does not have "blocked" (or unknown)'),
        ('email does not contain "+test"', 'email does not contain "+test" (or unknown)'),
        ("count of trigger.items >= 2", "there are at least 2 entries of the trigger's items"),
        (
            '(tier is "gold" or tier is "silver") and did purchase',
            '(tier is "gold" or tier is "silver") and there has been a purchase',
        ),
        ("nudge was not opened", "nudge was not opened"),
        ("whatsapp window is closed", "the WhatsApp window is closed"),
    ],
)
def test_a_rule_is_said_as_people_say_it(rule: str, words: str) -> None:
    assert said(rule) == words


def test_every_sentence_of_the_corpus_can_be_said() -> None:
    told = 0
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        start, _, text = (part.strip() for part in line.partition("|"))
        found: list[Diagnostic] = []
        match start:
            case "rule" if rule := compile_rule(Text.of(text), SCOPE, found):
                words = WORDING.test(rule.meaning)
            case "value" if formula := compile_formula(Text.of(text), SCOPE, found):
                words = formula_words(formula, WORDING)
            case "moment" if moment := compile_moment(Text.of(text), SCOPE, found):
                words = moment_words(moment, WORDING)
            case _:
                continue
        told += 1
        assert words.strip() == words != ""
        assert "None" not in words
        assert "  " not in words

    assert told > 100


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("a weekday at 10:00", "the next weekday at 10:00"),
        ("next Monday or Thursday at 18:30", "the next Monday or Thursday at 18:30"),
        (
            "a working day between 09:00 and 17:00",
            "it is a working day between 09:00 and 17:00",
        ),
        ("renewal_date - 14 days at 10:00", "14 days before renewal date at 10:00"),
        ("did purchase since entry", "there has been a purchase after entry"),
    ],
)
def test_a_moment_is_said_as_people_say_it(moment: str, words: str) -> None:
    found: list[Diagnostic] = []
    compiled = compile_moment(Text.of(moment), SCOPE, found)

    assert compiled is not None
    assert moment_words(compiled, WORDING) == words
