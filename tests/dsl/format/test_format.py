"""The canonical form: what is written anew, and what is left exactly as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from textwrap import dedent

import pytest

from dsl.compile.steps import _NEED_IDS
from dsl.compiler import compile_project
from dsl.format import format_project, format_text
from dsl.format.ids import NEED_IDS
from dsl.format.writing import Unreadable
from tests.dsl.projects import HEAD, PLAN, compile_small, small_files

JOURNEY = "journey: first\ncategory: service\ntrigger:\n  event: purchase\n"


def formatted(text: str, taken: tuple[str, ...] = ()) -> str:
    done = format_text("file.yaml", dedent(text), taken)
    assert isinstance(done, str)
    assert format_text("file.yaml", done, taken) == done
    return done


def steps(text: str) -> str:
    """The steps of a journey, formatted."""
    done = formatted(JOURNEY + "steps:\n" + dedent(text))
    assert done.startswith(JOURNEY + "steps:\n")
    return done.removeprefix(JOURNEY + "steps:\n")


# -------------------------------------------------------------------------------------- keys


def test_keys_are_spelt_with_blanks_and_small_letters() -> None:
    before = """\
    Journey: first
    category: service
    trigger: {Event: purchase, accept_older: 7 days}
    eligible_if: points > 1
    ReEnter: any time
    When-Capped: skip
    steps:
      - {id: a, Send: hello, to_first_of: [push, email], expires-after: 1 day}
    """

    assert formatted(before) == dedent("""\
    journey: first
    category: service
    trigger: {event: purchase, accept older: 7 days}
    re-enter: any time
    eligible if: points > 1
    when capped: skip
    steps:
      - {id: a, send: hello, to first of: [push, email], expires after: 1 day}
    """)


def test_names_of_the_author_are_left_alone() -> None:
    text = """\
    journey: first
    category: service
    trigger: {event: purchase}
    let:
      Eligible_If: = 1
      to-first-of: 2
    steps:
      - id: a
        split:
          When_Capped 50%:
            - set profile: {Send_To: 1}
          "If 50%":
            - stop: Eligible_If
    """

    assert formatted(text) == dedent(text)


def test_a_key_in_quotation_marks_is_a_key_as_well() -> None:
    assert steps('- "Wait_Until": today\n  id: a\n') == "  - wait until: today\n    id: a\n"


def test_every_kind_of_file_has_its_keys() -> None:
    policy = "Policy: shop\ntime_zone: UTC\nquiet-hours:\n  - On: push\n    From: 21:00 to 08:00\n"
    messages = "messages:\n  Hello_World:\n    Push: {Title: Hi, Body: You}\n"
    modules = "modules:\n  Text:\n    Show_If: count of items > 1\n    Blocks:\n      - Text: Hi\n"
    plan = (
        "Tracking_Plan: x\nProfile:\n  Tier: text\nevents:\n  Buy: {From: Bought, Has: {A: text}}\n"
    )

    assert formatted(policy).splitlines()[:4] == [
        "policy: shop",
        "time zone: UTC",
        "quiet hours:",
        "  - on: push",
    ]
    assert formatted(messages).splitlines()[1:] == [
        "  Hello_World:",
        "    push: {title: Hi, body: You}",
    ]
    assert formatted(modules).splitlines()[1:] == [
        "  Text:",
        "    show if: count of items > 1",
        "    blocks:",
        "      - text: Hi",
    ]
    assert formatted(plan).splitlines() == [
        "tracking plan: x",
        "profile:",
        "  Tier: text",
        "events:",
        "  Buy: {from: Bought, has: {A: text}}",
    ]


# ------------------------------------------------------------------------------------- order


def test_the_head_is_put_in_order_with_its_comments_and_blank_lines() -> None:
    before = """\
    # What this is for.
    journey: first

    # who
    eligible if: points > 1    # enough
    trigger:
      event: purchase
      # of any size

    category: service
    # Said by the boss.
    title: First
    steps:
      - stop: done
    """

    assert formatted(before) == dedent("""\
    # What this is for.
    journey: first
    # Said by the boss.
    title: First

    category: service
    trigger:
      event: purchase
      # of any size

    # who
    eligible if: points > 1    # enough
    steps:
      - stop: done
    """)


def test_a_key_that_nobody_knows_stays_behind_the_one_before_it() -> None:
    before = "journey: a\nsteps: []\nstepz: 2\ncategory: b\nnonsense: 1\n"

    assert formatted(before) == "journey: a\ncategory: b\nnonsense: 1\nsteps: []\nstepz: 2\n"


def test_only_journeys_are_put_in_order() -> None:
    policy = "policy: shop\ncurrency: EUR\ntime zone: UTC\n"

    assert formatted(policy) == policy


def test_the_order_of_variables_means_something() -> None:
    text = "journey: a\nlet:\n  b: = 1\n  a: = b + 1\nsteps:\n  - set profile: {y: 1, x: 2}\n"

    assert formatted(text) == text


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


# ------------------------------------------------------------------------------- indentation


def test_two_blanks_for_every_level() -> None:
    before = """\
    journey: first
    trigger:
       event: purchase
    exit if:
    - points > 1
    -    points < 0
    steps:
    -    id: a
         send: hello
         to first of:
         -   push
         # a fallback
         -   email
    -
        if: points > 1
        then:
                - id: b
                  wait: 1 day
                # then go
                - stop: done
         # the end of it
    # nothing more
    """

    assert formatted(before) == dedent("""\
    journey: first
    trigger:
      event: purchase
    exit if:
      - points > 1
      - points < 0
    steps:
      - id: a
        send: hello
        to first of:
          - push
          # a fallback
          - email
      -
        if: points > 1
        then:
          - id: b
            wait: 1 day
          # then go
          - stop: done
         # the end of it
    # nothing more
    """)


def test_folded_rules_and_brackets_move_with_their_key() -> None:
    before = """\
    journey: first
    eligible if: >
          points > 1
            and tier is "gold"

          and points < 100
    exit if: "points > 1
         and points < 2"
    notes: |-
     one
        two
     three
    goal: points > 1
        or points < 0
    steps:
        - id: a
          send: hello
          with: {
            a: 1,
            b: [1,
                2]
          }
          to: push
    """

    assert formatted(before) == dedent("""\
    journey: first
    notes: |-
      one
         two
      three
    eligible if: >
      points > 1
        and tier is "gold"

      and points < 100
    goal: points > 1
        or points < 0
    exit if: "points > 1
         and points < 2"
    steps:
      - id: a
        send: hello
        with: {
          a: 1,
          b: [1,
              2]
        }
        to: push
    """)


def test_blanks_at_the_ends_of_lines_go_and_the_file_ends_with_one_line_break() -> None:
    assert (
        formatted("journey: a   \nsteps:  \n  - stop: b \n\n\n")
        == "journey: a\nsteps:\n  - stop: b\n"
    )
    assert formatted("journey: a\nsteps: []") == "journey: a\nsteps: []\n"


def test_blanks_that_belong_to_a_text_stay() -> None:
    text = "journey: a\nnotes: |\n  one  \n   \n  two\nsteps: []\n"

    assert format_text("a.yaml", text) == text


def test_line_ends_of_windows_stay() -> None:
    done = format_text("a.yaml", "Journey: a\r\nsteps: []\r\n")

    assert done == "journey: a\r\nsteps: []\r\n"


# --------------------------------------------------------------------- what is not formatted


def test_a_file_with_a_wrong_layout_is_left_alone() -> None:
    done = format_text("a.yaml", "journey: a\n\tsteps: []\n")

    assert isinstance(done, Unreadable)
    assert [one.code for one in done.findings] == ["Y01"]


@pytest.mark.parametrize("text", ["", "# only a comment", "- a\n- b", "services:\n    web:  1\n"])
def test_what_is_no_file_of_a_project_is_left_alone(text: str) -> None:
    assert format_text("a.yaml", text) == text


def test_a_clean_project_stays_as_it_is() -> None:
    assert not compile_small().diagnostics
    assert (
        format_project(
            {"journey.yaml": HEAD + "steps:\n  - {id: hi, send: hello, to: email}\n"}
        ).changed
        == {}
    )


def test_what_a_project_means_does_not_depend_on_how_it_is_written() -> None:
    files: Mapping[str, str] = small_files("Steps:\n- ID: hi\n  SEND: hello\n  To: email\n")
    done = {**files, **format_project(files).changed}
    one, other = compile_project(files).project, compile_project(done).project

    assert one is not None
    assert other is not None
    assert one.version == other.version
