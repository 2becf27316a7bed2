"""What steps become: a flat table in the order of the file, whose targets are places in it."""

from __future__ import annotations

from decimal import Decimal

from dsl.calendar import HOUR, Duration
from dsl.machine import (
    Branch,
    Case,
    Emit,
    End,
    Jump,
    NextChannel,
    Path,
    Send,
    SetProfile,
    Skip,
    Split,
    Stop,
    Timer,
    WaitUpTo,
)
from tests.dsl.projects import POLICY, code_of


def test_steps_stand_one_after_the_other_with_an_end() -> None:
    code = code_of(
        """\
steps:
  - id: pause
    wait: 1 hour
  - id: hello
    send: hello
    to: email
"""
    )

    pause, hello, end = code
    assert isinstance(pause, Timer)
    assert (pause.id, pause.length.text, pause.length.place, pause.then) == (
        "pause",
        "1 hour",
        "journey.yaml:6",
        1,
    )
    assert isinstance(hello, Send)
    assert (hello.id, hello.message, hello.then, hello.place) == (
        "hello",
        "hello",
        2,
        "journey.yaml:8",
    )
    assert end == End()


def test_if_goes_one_of_two_ways_and_comes_together_again() -> None:
    code = code_of(
        """\
steps:
  - id: which
    if: tier is "gold"
    then:
      - stop: gold
    else:
      - id: pause
        wait: 1 day
  - stop: done
"""
    )

    branch = code[0]
    assert isinstance(branch, Branch)
    assert [(case.when.text, case.then) for case in branch.cases] == [('tier is "gold"', 1)]
    assert (branch.otherwise, branch.id) == (3, "which")
    assert code[1:3] == (Stop("gold"), Jump(4))
    assert isinstance(code[3], Timer)
    assert code[3].then == 4
    assert code[4:] == (Stop("done"), End())


def test_without_else_an_if_goes_on() -> None:
    code = code_of('steps:\n  - if: tier is "gold"\n    then:\n      - stop: gold\n')

    branch = code[0]
    assert isinstance(branch, Branch)
    assert branch.otherwise == 2
    assert code[1:] == (Stop("gold"), End())


def test_choose_takes_the_first_case_that_fits() -> None:
    code = code_of(
        """\
steps:
  - choose:
      - when: points > 10
        do:
          - stop: many
      - when: points > 5
        do:
          - stop: some
      - otherwise:
          - stop: few
  - stop: never
"""
    )

    branch = code[0]
    assert isinstance(branch, Branch)
    assert [(case.when.text, case.then) for case in branch.cases] == [
        ("points > 10", 1),
        ("points > 5", 3),
    ]
    assert branch.otherwise == 5
    assert code[1:] == (
        Stop("many"),
        Jump(6),
        Stop("some"),
        Jump(6),
        Stop("few"),
        Stop("never"),
        End(),
    )


def test_choose_without_otherwise_goes_on() -> None:
    code = code_of("steps:\n  - choose:\n      - {when: points > 1, do: [{stop: many}]}\n")

    assert isinstance(code[0], Branch)
    assert isinstance(code[0].cases[0], Case)
    assert code[0].otherwise == 2


def test_a_split_divides_everybody_and_a_path_may_be_empty() -> None:
    code = code_of(
        """\
steps:
  - id: test
    split:
      story 40%:
        - stop: story
      nothing 60%:
    reshuffle: 2
    reassign: every time
  - stop: after
"""
    )

    assert code == (
        Split(
            id="test",
            paths=(Path("story", Decimal("0.4"), 1), Path("nothing", Decimal("0.6"), 3)),
            scope="first/test#2",
            every_time=True,
        ),
        Stop("story"),
        Jump(3),
        Stop("after"),
        End(),
    )


def test_the_scope_of_a_split_is_the_journey_and_the_step() -> None:
    code = code_of("steps:\n  - {id: test, split: {a 100%: [{stop: a}]}}\n")

    assert isinstance(code[0], Split)
    assert (code[0].scope, code[0].every_time) == ("first/test", False)


def test_a_send_carries_everything_the_pipeline_needs() -> None:
    code = code_of(
        """\
when quiet: wait up to 2 hours
when capped: skip
steps:
  - id: tell
    send: hello
    to first of:
      - push if points > 3
      - email
    category: service
    expires after: 12 hours
    when capped: next channel
"""
    )

    send = code[0]
    assert isinstance(send, Send)
    assert [(one.channel, one.when and one.when.text) for one in send.choices] == [
        ("push", "points > 3"),
        ("email", None),
    ]
    assert send.every is False
    assert send.category == "service"
    assert send.expires is not None
    assert send.expires.text == "12 hours"
    assert send.blocking.capped == NextChannel()
    assert send.blocking.quiet == WaitUpTo(Duration(micros=2 * HOUR))
    assert send.blocking.unreachable == NextChannel()


def test_all_channels_on_purpose() -> None:
    code = code_of("steps:\n  - {id: tell, send: hello, to all of: [email, push]}\n")

    assert isinstance(code[0], Send)
    assert code[0].every is True


def test_the_policy_answers_what_a_journey_leaves_open() -> None:
    code = code_of(
        "steps:\n  - {id: tell, send: hello, to: email}\n",
        policy=POLICY + "when capped: skip\nwhen quiet: next channel\n",
    )

    assert isinstance(code[0], Send)
    assert (code[0].blocking.capped, code[0].blocking.quiet) == (Skip(), NextChannel())


def test_values_have_the_kind_of_the_input() -> None:
    code = code_of(
        """\
let:
  base: 5
steps:
  - id: tell
    send: offer
    to: sms
    with:
      discount: = base + points
      code: SPRING 10
"""
    )

    assert isinstance(code[0], Send)
    assert [(name, value.text) for name, value in code[0].values] == [
        ("discount", "base + points"),
        ("code", '"SPRING 10"'),
    ]


def test_profile_and_events_are_written_with_values_of_their_kind() -> None:
    code = code_of(
        """\
steps:
  - set profile:
      points: = (points or else 0) + 1
      tier: gold
      lifetime_value: 10 EUR
  - emit: refund
    with: {order_id: = trigger.order_id, reason: late}
"""
    )

    write, emit, end = code
    assert isinstance(write, SetProfile)
    assert [name for name, _ in write.values] == ["points", "tier", "lifetime_value"]
    assert write.then == 1
    assert isinstance(emit, Emit)
    assert (emit.event, [name for name, _ in emit.values]) == ("refund", ["order_id", "reason"])
    assert emit.then == 2
    assert end == End()
