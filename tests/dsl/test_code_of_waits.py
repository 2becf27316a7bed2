"""What waits become: states people rest in, with every way out of them."""

from __future__ import annotations

from dsl.machine import End, Jump, Listen, ListenFor, Moment, Rule, Stop, Until
from tests.dsl.projects import code_of, compile_small


def test_wait_until_a_moment_goes_on_if_it_is_past() -> None:
    code = code_of(
        """\
steps:
  - id: morning
    wait until: a weekday at 10:00
    after: 1 day
"""
    )

    until = code[0]
    assert isinstance(until, Until)
    assert isinstance(until.target, Moment)
    assert until.after is not None
    assert (until.after.text, until.at_most) == ("1 day", None)
    assert (until.then, until.otherwise, until.past) == (1, 1, 1)


def test_a_moment_that_is_past_can_skip_the_next_step_of_its_list_or_stop() -> None:
    code = code_of(
        """\
steps:
  - id: before
    wait until: renewal_date - 14 days at 10:00
    if past: skip next step
  - if: tier is "gold"
    then:
      - stop: gold
  - id: again
    wait until: renewal_date - 1 day at 10:00
    if past: stop
  - stop: done
"""
    )

    before, again = code[0], code[3]
    assert isinstance(before, Until)
    assert (before.then, before.past) == (1, 3)
    assert isinstance(again, Until)
    assert (again.then, again.past) == (4, None)


def test_wait_until_a_rule_has_two_ways_out() -> None:
    code = code_of(
        """\
steps:
  - id: bought
    wait until: did buy since entry
    at most: 5 days
    then:
      - stop: bought
    otherwise:
      - stop: not bought
  - stop: never
"""
    )

    until = code[0]
    assert isinstance(until, Until)
    assert isinstance(until.target, Rule)
    assert until.at_most is not None
    assert (until.then, until.otherwise, until.past) == (1, 3, 1)
    assert code[1:4] == (Stop("bought"), Jump(4), Stop("not bought"))


def test_with_only_otherwise_who_waited_to_the_end_goes_on_behind_it() -> None:
    code = code_of(
        """\
steps:
  - {id: bought, wait until: did buy since entry, at most: 5 days, otherwise: [{stop: no}]}
"""
    )

    assert isinstance(code[0], Until)
    assert (code[0].then, code[0].otherwise) == (2, 1)


def test_wait_for_one_event() -> None:
    code = code_of(
        """\
steps:
  - id: back
    wait for: refund
    where: order_id is trigger.order_id
    at most: 14 days
    looking back: 1 hour
    then:
      - stop: came back
  - id: late
    if: back.reason is "late"
    then:
      - stop: late
"""
    )

    listen = code[0]
    assert isinstance(listen, Listen)
    (entry,) = listen.entries
    assert (entry.event, entry.then, entry.restart) == ("refund", 1, False)
    assert entry.where is not None
    assert entry.where.place == "journey.yaml:7"
    assert (listen.at_most.text, listen.otherwise) == ("14 days", 2)
    assert listen.looking_back is not None


def test_wait_for_several_events_each_with_its_own_steps() -> None:
    code = code_of(
        """\
steps:
  - id: heard
    wait for:
      - event: refund
        where: reason is "broken"
        do:
          - if: heard.reason is "broken"
            then:
              - stop: broken
      - event: purchases
        restart wait: yes
      - signed_up
    at most: 3 days
    otherwise:
      - stop: silence
  - stop: went on
"""
    )

    listen = code[0]
    assert isinstance(listen, Listen)
    assert [(entry.event, entry.then, entry.restart) for entry in listen.entries] == [
        ("refund", 1, False),
        ("purchase", 5, True),
        ("signed_up", 5, False),
    ]
    assert isinstance(listen.entries[1], ListenFor)
    assert listen.otherwise == 4
    assert code[3:] == (Jump(5), Stop("silence"), Stop("went on"), End())


def test_the_record_of_a_wait_has_what_all_its_events_have() -> None:
    steps = """\
steps:
  - id: heard
    wait for: [purchase, refund]
    at most: 3 days
  - if: heard.{} is known
    then:
      - stop: heard
"""

    assert compile_small(steps.format("order_id")).project is not None
    assert [one.code for one in compile_small(steps.format("total")).diagnostics] == ["N02"]
