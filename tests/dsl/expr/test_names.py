"""Names that are not there, and names that stand for something else where they stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.shop import scope
from dsl import kinds
from dsl.diagnostics import Diagnostic
from dsl.expr.compile import (
    compile_choice,
    compile_formula,
    compile_moment,
    compile_where,
    read_cap,
)
from dsl.expr.scope import Scope
from dsl.plan import TrackingPlan
from dsl.source import Text
from tests.dsl.expr.asking import ask, complaints, event, somebody, told

OUTSIDE = replace(scope(), trigger=None, entry=False, steps={}, owner="A segment")


@pytest.mark.parametrize(
    ("rule", "code", "words", "hint"),
    [
        ('contry is "DE"', "N01", "contry", 'Did you mean "country"?'),
        ('profile.contry is "DE"', "N01", "contry", 'Did you mean "country"?'),
        ("country is DE", "N01", "DE", 'If it is a text, put it in quotation marks: "DE"'),
        ("first_name = null", "N01", "null", "Write: is missing"),
        ("age > 18", "N01", "age", "It is a function: age(birthday)"),
        ("trigger.valeu > 5 EUR", "N02", "valeu", 'Did you mean "value"?'),
        ("last purchase.totl > 5 EUR", "N02", "totl", 'Did you mean "total"?'),
        ("did purchase where valeu > 5 EUR", "N02", "valeu", None),
        ("did purchase where totall > 5 EUR", "N02", "totall", 'Did you mean "total"?'),
        (
            'did purchase where tier is "gold"',
            "N02",
            "tier",
            "For the attribute of the person: profile.tier",
        ),
        ('reply.txt is "x"', "N02", "txt", 'Did you mean "text"?'),
        ("sum of trigger.items.prise > 5 EUR", "N02", "prise", 'Did you mean "price"?'),
        ("did purchse", "N04", "purchse", 'Did you mean "purchase"?'),
        ("did cart_update", "N04", "cart_update", 'Did you mean "cart_updated"?'),
        ("purchase.total > 5 EUR", "N05", "purchase.total", None),
        ("agee(birthday) >= 18", "N08", "agee", 'Did you mean "age"?'),
        ("psuh is reachable", "N09", "psuh", 'Did you mean "push"?'),
        ("messaged on psuh", "N09", "psuh", 'Did you mean "push"?'),
        ("in segment vipp", "N10", "vipp", 'Did you mean "vip"?'),
        ("in journey welcom", "N11", "welcom", 'Did you mean "welcome"?'),
        ("nugde was clicked", "N12", "nugde", 'Did you mean "nudge"?'),
        ("messaged about promotion", "N16", "promotion", 'Did you mean "promotional"?'),
        ("subscribed to promotion", "N16", "promotion", 'Did you mean "promotional"?'),
    ],
)
def test_a_name_that_is_not_there(rule: str, code: str, words: str, hint: str | None) -> None:
    ((given_code, given_words, given_hint),) = complaints(rule)

    assert (given_code, given_words) == (code, words)
    if hint is not None:
        assert given_hint == hint


def test_the_sentences() -> None:
    """Word for word as the language reference has them."""
    said = {
        rule: told(rule)[0].message
        for rule in (
            'contry is "DE"',
            "did purchse",
            "agee(birthday) >= 18",
            "in journey welcom",
            "nugde was clicked",
            "psuh is reachable",
            "trigger.valeu is known",
            "did purchase where valeu is known",
        )
    }

    assert list(said.values()) == [
        'I do not know "contry".',
        'There is no event called "purchse".',
        'There is no function called "agee".',
        'There is no journey called "welcom".',
        'There is no step "nugde" before this one.',
        'There is no channel called "psuh".',
        '"trigger" has no property called "valeu".',
        'The event has no property called "valeu".',
    ]


def test_every_mistake_of_a_rule_is_told_at_once() -> None:
    rule = 'contry is "DE" and (did purchse or agee(birthday) > 3) and lifetime_value > "x"'

    assert [code for code, *_ in complaints(rule)] == ["N01", "N04", "N08", "T02"]


def test_what_follows_from_an_unknown_event_is_folded() -> None:
    (said,) = told("did cart_update where valeu >= 50 EUR")

    assert said.code == "N04"
    assert said.folded == ("N02",)


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ("did purchase where cart_id is trigger.cart_id", "trigger"),
        ("did purchase since entry", "entry"),
        ("whatsapp window is open", "window"),
    ],
)
def test_a_segment_has_no_journey(rule: str, word: str) -> None:
    (said,) = told(rule, OUTSIDE)

    assert said.code == "E143"
    assert said.message == f'A segment cannot use "{word}": it has no journey.'


def test_a_fragment_has_an_entry_but_no_trigger() -> None:
    fragment = replace(scope(), trigger=None, entry=True, owner="A fragment")

    assert told("did purchase since entry", fragment) == []
    assert [one.code for one in told("trigger.value > 5 EUR", fragment)] == ["E143"]


def test_after_where_an_and_belongs_to_the_person() -> None:
    """E107 if the name is only the event's, W106 if it is both, nothing if it is the person's."""
    only_event = told('did purchase where total > 20 EUR and currency is "EUR"')
    both = told('did purchase where total > 20 EUR and country is "DE"')
    only_person = told('did purchase where total > 20 EUR and tier is "gold"')

    assert [(one.code, one.message, one.hint, one.span.column) for one in only_event] == [
        (
            "E107",
            '"currency" is a property of purchase, and not of the person.',
            'Put both tests in brackets: where (total > 20 EUR and currency is "EUR")',
            39,
        )
    ]
    assert [(one.code, one.severity, one.message, one.hint) for one in both] == [
        (
            "W106",
            "warning",
            (
                '"country" is a property of purchase and an attribute of the person. '
                "Here it means the person."
            ),
            'For the property: where (total > 20 EUR and country is "DE")',
        )
    ]
    assert only_person == []


def test_brackets_after_where_leave_no_doubt() -> None:
    assert told('did purchase where (total > 20 EUR and country is "DE")') == []
    assert told('did purchase where (total > 20 EUR) and country is "DE"') == []


def test_inside_where_the_person_is_reached_by_profile() -> None:
    who = somebody(event("purchase", 5, country="AT"), country="DE")

    assert ask("did purchase where country is profile.country", who) is False
    assert ask('did purchase where country is "AT"', who) is True
    assert ask('profile.country is "DE" and country is "DE"', who) is True


def test_an_event_is_called_by_its_name_its_plural_and_its_verb() -> None:
    who = somebody(event("app_opened", 5), event("purchase", 5))

    assert ask("did open_app and did app_opened", who) is True
    assert ask("purchases >= 1 and purchase >= 1", who) is True


def test_names_of_rules_are_case_sensitive_and_words_are_not() -> None:
    assert ask("DID purchase IN THE LAST 1000 DAYS") is True
    assert complaints("did Purchase")[0][2] == 'Did you mean "purchase"?'


def test_the_names_of_a_where_are_the_events_alone() -> None:
    found: list[Diagnostic] = []
    where = scope()
    purchase = where.plan.events["purchase"]

    assert compile_where(Text.of("tier is known"), purchase, where, found) is None
    assert compile_where(Text.of("did login"), purchase, where, found) is None
    assert [one.code for one in found] == ["N02", "T12"]


def test_a_best_time_is_one_on_a_channel_that_is_there() -> None:
    found: list[Diagnostic] = []

    one = compile_moment(Text.of("best time on email within 2 days"), scope(), found)
    any_ = compile_moment(Text.of("best time within 2 days"), scope(), found)

    assert one is not None
    assert one.reads.times == {"email"}
    assert any_ is not None
    assert any_.reads.times == {""}
    assert compile_moment(Text.of("best time on fax within 2 days"), scope(), found) is None
    assert [one.code for one in found] == ["N09"]


def test_channels_and_caps_know_their_names() -> None:
    found: list[Diagnostic] = []

    assert compile_choice(Text.of("psuh if not messaged on push"), scope(), found) is None
    assert read_cap(Text.of("1 per day on psuh about promotion"), scope(), found) is None
    assert [one.code for one in found] == ["N09", "N09", "N16"]


def test_a_formula_may_stand_anywhere_a_variable_is_known() -> None:
    found: list[Diagnostic] = []
    where = Scope(TrackingPlan("empty", {}, {})).with_variables({"points": kinds.Whole()})
    formula = compile_formula(Text.of("points * 2"), where, found)

    assert found == []
    assert formula is not None
    assert formula.value(replace(somebody(), variables={"points": 21})) == 42
