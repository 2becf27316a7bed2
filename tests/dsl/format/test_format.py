"""The canonical form: keys, the order of a head, and what is left exactly as it was."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

import pytest

from dsl.compiler import compile_project
from dsl.format import format_project, format_text
from dsl.format.writing import Unreadable
from tests.dsl.format.writing import formatted, steps
from tests.dsl.projects import HEAD, compile_small, small_files

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


def test_fragments_and_scenarios_have_their_keys() -> None:
    fragment = "Fragment: a\nInputs: {Points: text}\nSteps:\n  - {Stop: it}\n"
    tests = """\
    Tests_Of: first
    Given:
      Not_In_Holdout: yes
      History: [{Event: purchase, Happened: 3 days ago}]
      Profile: {First_Name: Ada}
    Scenarios:
      - Scenario: one
        Script:
          - Event: purchase
            With: {Order_Id: a}
          - Expect_Sent: hello
            Because_Not push: rule
          - Pass: 1 day
    """

    assert formatted(fragment) == "fragment: a\ninputs: {Points: text}\nsteps:\n  - {stop: it}\n"
    assert formatted(tests) == dedent("""\
    tests of: first
    given:
      not in holdout: yes
      history: [{event: purchase, happened: 3 days ago}]
      profile: {First_Name: Ada}
    scenarios:
      - scenario: one
        script:
          - event: purchase
            with: {Order_Id: a}
          - expect sent: hello
            Because_Not push: rule
          - pass: 1 day
    """)


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
