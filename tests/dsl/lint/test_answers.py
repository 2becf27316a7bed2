"""Rules about what a web service has answered (W154)."""

from __future__ import annotations

import pytest

from dsl.render import render
from tests.dsl.projects import POLICY, compile_small, complaints

ASKS = f"""{POLICY}webhooks:
  desk:
    address: https://crm.example.com/score
    returns: {{credit_score: whole number}}
"""
STEPS = """\
steps:
  - {id: crm, webhook: desk}
  - {id: hi, send: hello, to: email}
"""
NAP = "[{id: nap, wait: 1 day}]"


def test_w154_a_guard_that_uses_an_answer() -> None:
    compiled = compile_small(f"exit if: crm.credit_score < 3\n{STEPS}", policy=ASKS)

    assert (
        render(compiled.diagnostics, compiled.sources)
        == """\
warning W154  journey.yaml:4:10
  This rule can change by itself, and we only notice at the next step.

    4 | exit if: crm.credit_score < 3
      |          ^^^^^^^^^^^^^^^^^^^^
"""
    )


@pytest.mark.parametrize(
    ("rest", "line", "column"),
    [
        (f"goal: crm.credit_score > 3\n{STEPS}", 1, 7),
        (f"exclude if: [tier is missing, crm is known]\n{STEPS}", 1, 31),
        (f'exit if:\n  - tier is "gold"\n  - not crm.credit_score > 3\n{STEPS}', 3, 5),
        (
            f"{STEPS}  - id: later\n    wait until: crm.credit_score > 3\n    at most: 1 day\n",
            5,
            17,
        ),
        (
            f"{STEPS}  - {{id: rounds, repeat: up to 3 times, while: crm is known, do: {NAP}}}\n",
            4,
            48,
        ),
    ],
)
def test_where_it_is_told(rest: str, line: int, column: int) -> None:
    told = [one[:3] for one in complaints(rest, policy=ASKS) if one[0] == "W154"]

    assert told == [("W154", line, column)]


@pytest.mark.parametrize(
    "rest",
    [
        STEPS,
        f"{STEPS}  - if: crm.credit_score < 3\n    then: [{{stop: low}}]\n",
        f"exit if: hi was opened\n{STEPS}",
        f"{STEPS}  - {{id: later, wait until: points > 3, at most: 1 day}}\n",
        f"{STEPS}  - {{id: later, wait until: crm.time + 1 day}}\n",
    ],
)
def test_what_is_asked_at_a_step_is_not_told(rest: str) -> None:
    assert [one[0] for one in complaints(rest, policy=ASKS)] == []
