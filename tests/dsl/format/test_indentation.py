"""Two blanks for every level, and everything else goes along."""

from __future__ import annotations

from textwrap import dedent

from dsl.format import format_text
from tests.dsl.format.writing import formatted

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
