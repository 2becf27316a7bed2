"""Scenarios of journeys that ask web services: nobody is asked, and what is pretended is said."""

from __future__ import annotations

import pytest

from engine.scenarios.coverage import cover
from tests.dsl.projects import POLICY, complaints
from tests.engine.desk import SERVICES
from tests.engine.scenarios.acting import acted, compiled, failures, script
from tests.engine.scene import SHOP, journey

FILES = {"policy.yaml": f"{SHOP['policy.yaml']}{SERVICES}"}
START = "event: signed_up"
TASK = journey("""
  - {id: task, webhook: crm, with: {reason: new}}
  - {id: offer, send: offer, to: email, with: {discount: = task.score or else 99}}
""")
STOPS = TASK.replace("{reason: new}}", "{reason: new}, if it fails: stop}")
CHOOSES = journey("""
  - {id: task, webhook: crm}
  - if: task.limit >= 50 EUR
    then: [{stop: rich}]
  - if: task is known
    then: [{stop: known}]
""")


def test_a_service_answers_at_once_and_with_nothing() -> None:
    said = "{expect sent: offer, text contains: 99 % off}"

    assert failures(START, "expect called: crm", said, of=TASK, files=FILES) == []
    assert failures(START, "expect left: known", of=CHOOSES, files=FILES) == []


@pytest.mark.parametrize("name", ["task", "crm"])
def test_an_answer_is_pretended_by_the_step_or_by_the_service(name: str) -> None:
    lines = (START, "{expect sent: offer, text contains: 15 % off}")

    given = f"pretend: {{{name}: {{score: 15}}}}"
    assert failures(*lines, of=TASK, files=FILES, given=given) == []


def test_the_step_goes_before_the_service() -> None:
    given = "pretend: {crm: {score: 1}, task: {score: 2}}"
    lines = (START, "{expect sent: offer, text contains: 2 % off}")

    assert failures(*lines, of=TASK, files=FILES, given=given) == []


def test_amounts_are_pretended_as_they_are_written() -> None:
    lines = (START, "expect left: rich")

    assert failures(*lines, of=CHOOSES, files=FILES, given="pretend: {task: {limit: 50 EUR}}") == []
    less = failures(*lines, of=CHOOSES, files=FILES, given="pretend: {task: {limit: 49.99 EUR}}")
    assert less != []


@pytest.mark.parametrize("name", ["task", "crm"])
def test_a_service_can_be_pretended_to_fail(name: str) -> None:
    given = f"pretend: {{{name}: fails}}"

    assert failures(START, "expect left: failed", of=STOPS, files=FILES, given=given) == []
    assert failures(START, "expect left: end", of=CHOOSES, files=FILES, given=given) == []


def test_the_innermost_pretence_counts() -> None:
    """The file says that it fails, the scenario that it answers."""
    outer = (
        "clock: 2026-03-02 10:00 Europe/Berlin\nprofile: {email: ada@example.com}\n"
        "channels: email\npretend: {task: fails}"
    )
    inner = script(START, "expect left: known", given="pretend: {task: {score: 1}}")
    (played,) = acted(inner, of=CHOOSES, given=outer, files=FILES)

    assert played.failures == ()


def test_calls_are_expected_in_their_order_and_each_once() -> None:
    rounds = journey("""
  - id: tries
    repeat: up to 2 times
    do:
      - {id: task, webhook: crm}
      - {id: other, webhook: desk}
      - {id: nap, wait: 1 day}
""")
    files = {
        "policy.yaml": f"{FILES['policy.yaml']}  desk: {{address: https://desk.example.com}}\n"
    }
    both = ["expect called: crm", "expect called: desk"]

    assert failures(START, *both, "pass: 3 days", *both, of=rounds, files=files) == []
    assert failures(START, both[0], both[0], of=rounds, files=files) != []
    assert failures(START, *reversed(both), of=rounds, files=files) != []


def test_what_was_not_called_is_told() -> None:
    late = journey("  - {id: nap, wait: 1 day}\n  - {id: task, webhook: crm}\n")
    ((expected, but),) = failures(START, "expect called: crm", of=late, files=FILES)

    assert "crm" in expected
    assert but.startswith("it did not")


def test_what_can_never_be_called_is_a_mistake_of_the_scenario() -> None:
    tests = (
        "tests of: first\ngiven: {clock: 2026-03-02 10:00}\nscenarios:\n"
        "  - scenario: one\n    script:\n      - expect called: crm\n"
    )
    policy = f"{POLICY}webhooks:\n  crm: {{address: https://crm.example.com}}\n"
    (found,) = complaints(policy=policy, tests=tests)

    assert (found[0], found[3]) == ("S30", 'The journey "first" does not call "crm".')


def test_a_step_that_calls_is_covered_by_reaching_it() -> None:
    early = journey("  - {id: task, webhook: crm}\n  - {id: nap, wait: 1 day}\n  - stop: over\n")
    made = compiled(script(START), of=early, files=FILES)
    assert made.project is not None
    played = acted(script(START, "pass: 2 days"), of=early, files=FILES)

    (covered,) = cover(made.project.machines.values(), played)
    assert covered.steps.missing == ()
