"""Ids that are added, and quotation marks that are straightened."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest

from dsl.compile.steps import _NEED_IDS
from dsl.compiler import compile_project
from dsl.format import format_project
from dsl.format.ids import NEED_IDS
from tests.dsl.format.writing import formatted, steps
from tests.dsl.projects import PLAN, small_files

# --------------------------------------------------------------------------------------- ids


def test_an_id_is_made_of_the_kind_and_the_words_of_a_step() -> None:
    before = """\
      - wait: 23 hours
      - send: hello
        to: push
      - send: hello
        to: email
      - wait until: Friday at 20:00
      - wait until: today
        if past: stop
      - wait for: refund
        at most: 3 days
      - wait for:
          - event: refund
        at most: 3 days
      - split:
          long story 50%: [{stop: a}]
          short 50%: [{stop: b}]
      - webhook: crm
      - {send: offer, to: sms}
      - stop: done
    """

    done = steps(before)

    assert re.findall(r"(?:- |\{)id: (\w+)", done) == [
        "wait_23_hours",
        "hello",
        "hello_2",
        "until_friday_at_20_00",
        "until_today",
        "wait_for_refund",
        "wait_for_refund_2",
        "long_story_or_short",
        "crm",
        "offer",
    ]
    assert done.startswith(
        "  - id: wait_23_hours\n    wait: 23 hours\n  - id: hello\n    send: hello\n"
    )
    assert "  - {id: offer, send: offer, to: sms}\n" in done


def test_nested_steps_get_ids_too() -> None:
    before = """\
      - if: points > 1
        then:
          - wait: 1 day
        else:
          - choose:
              - when: points is 0
                do:
                  - send: hello
              - otherwise:
                  - wait: 2 days
    """
    done = steps(before)

    assert [line.strip() for line in done.splitlines() if "id:" in line] == [
        "- id: wait_1_day",
        "- id: hello",
        "- id: wait_2_days",
    ]


def test_no_new_id_hides_a_name() -> None:
    """Attributes, events, variables, words of the language and other ids are taken."""
    before = """\
    journey: first
    category: service
    trigger: {event: purchase}
    let: {hello: 1}
    steps:
      - send: purchase
      - send: buy
      - send: hello
      - send: tier
      - send: today
      - send: offer
      - {send: other, id: offer}
    """
    done = format_project({"plan.yaml": PLAN, "journey.yaml": dedent(before)}).changed

    assert [
        line.split("id: ")[1] for line in done["journey.yaml"].splitlines() if "id: " in line
    ] == [
        "purchase_2",
        "buy_2",
        "hello_2",
        "tier_2",
        "today_2",
        "offer_2",
        "offer}",
    ]


def test_a_journey_without_ids_can_be_compiled_afterwards() -> None:
    rest = "steps:\n- send: hello\n  to: email\n- wait: 1 day\n- if: hello was sent\n  then:\n  - stop: x\n"
    files = small_files(rest)
    done = {**files, **format_project(files).changed}

    assert {one.code for one in compile_project(files).diagnostics} == {"S05", "N12"}
    assert compile_project(done).diagnostics == ()


def test_the_checker_and_the_formatter_want_the_same_ids() -> None:
    assert frozenset(_NEED_IDS) == NEED_IDS


# ------------------------------------------------------------------------------------ quotes


@pytest.mark.parametrize(
    ("written", "straight"),
    [
        ("first_name is “Ada”", 'first_name is "Ada"'),
        ("first_name is „Ada“", 'first_name is "Ada"'),
        ("first_name is «Ada»", 'first_name is "Ada"'),
        ("first_name is ‘Ada’", "first_name is 'Ada'"),
        ("first_name is “Ada’s”", 'first_name is "Ada’s"'),
        ('first_name is "“Ada”"', 'first_name is "“Ada”"'),
        ("first_name is '“Ada”' and tier is “gold”", "first_name is '“Ada”' and tier is \"gold\""),
        ("first_name is Ada’s", "first_name is Ada’s"),
        ("“gold” is tier", "“gold” is tier"),
        ('"first_name is “Ada”"', r'"first_name is \"Ada\""'),
        ("'first_name is ‘Ada’'", "'first_name is ''Ada'''"),
    ],
)
def test_quotation_marks_are_straightened_where_they_quote(written: str, straight: str) -> None:
    head = f"journey: a\neligible if: {written}\nexit if:\n  - {written}\n"
    done = formatted(head)

    assert done == f"journey: a\neligible if: {straight}\nexit if:\n  - {straight}\n"


def test_texts_keep_their_typography_but_not_in_their_formulas() -> None:
    before = (
        "messages:\n  a:\n    sms:\n      text: “Hi” {{ name | default(“you”) }} {{ '“' }} ‘x’\n"
    )
    after = before.replace("(“you”)", '("you")')

    assert formatted(before) == after


def test_titles_and_reasons_keep_theirs() -> None:
    text = "journey: a\ntitle: “First”\nnotes: it’s\nsteps:\n  - stop: “done”\n"

    assert formatted(text) == text


def test_formulas_after_their_sign_are_straightened() -> None:
    before = "journey: a\nlet:\n  x: = if tier is “gold” then 1 else 2\n  y: “gold”\n"

    assert formatted(before) == before.replace("is “gold”", 'is "gold"')
