"""The scenarios that stand in the house itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.compiler import Compiled, compile_folder, compile_project
from dsl.render import render
from engine.scenarios.coverage import cover
from engine.scenarios.play import play
from engine.scenarios.show import as_text
from tests.dsl.projects import SHOP, shop_files

HOUSE = Path(__file__).resolve().parents[3]
YEAR = HOUSE / "examples" / "online_retail"
HARD_CASES = HOUSE / "tests" / "projects" / "hard_cases"


def missed(compiled: Compiled) -> str:
    """What did not go as expected, as it would be printed."""
    assert compiled.project is not None, render(compiled.diagnostics, compiled.sources)
    assert compiled.scenarios
    played = play(compiled.project, compiled.scenarios)
    return "\n".join(line for each in played if each.failures for _, line in as_text(each))


@pytest.mark.parametrize("folder", [YEAR, HARD_CASES], ids=lambda path: path.name)
def test_everything_goes_as_expected(folder: Path) -> None:
    assert missed(compile_folder(folder)) == ""


def test_the_example_year_s_scenarios_reach_everything() -> None:
    compiled = compile_folder(YEAR)
    assert compiled.project is not None
    played = play(compiled.project, compiled.scenarios)
    coverage = cover(compiled.project.machines.values(), played)

    assert len(coverage) == 5
    assert [each for each in coverage if each.messages.missing] == []
    assert [each for each in coverage if each.branches.missing or each.steps.missing] == []


def test_every_hard_case_has_scenarios() -> None:
    compiled = compile_folder(HARD_CASES)
    assert compiled.project is not None

    assert {each.journey for each in compiled.scenarios} == set(compiled.project.machines)


def test_the_example_project_s_scenarios_go_as_expected() -> None:
    """With modules that fetch: what a service answers is pretended, or it answers nothing."""
    compiled = compile_folder(SHOP)

    assert missed(compiled) == ""
    assert {each.journey for each in compiled.scenarios} >= {"cart_abandonment", "welcome"}


def test_what_a_service_is_pretended_to_answer_matters() -> None:
    """The other way round, both scenarios fail."""
    files = shop_files()
    told = (
        files["tests/welcome.yaml"].replace("[Teapot]", "[Pot, Pan]").replace("[Teapot, Cup]", "[]")
    )
    failed = missed(compile_project({**files, "tests/welcome.yaml": told}))

    assert failed.count("the text does not contain") == 2


AFTER_A_PURCHASE = """\
tests of: post_purchase
given:
  clock: 2026-05-04 10:00 Europe/Berlin
  profile: {email: ada@example.com, first_name: Ada, marketing_consent: double opt-in}
  channels: email
scenarios:
  - scenario: somebody is unhappy, and a person takes care of it
    given:
      pretend: {task: {ticket: T-42}}
    script:
      - event: purchase
        with: {order_id: o1, total: 80 EUR}
      - pass: 2 days
      - event: order_delivered
        with: {order_id: o1}
      - pass: 3 days
      - expect sent: nps_question
      - event: nps_answered
        with: {score: 3}
      - expect called: crm_task
      - expect sent: we_are_sorry
      - expect left: end
"""


@pytest.mark.parametrize("answer", ["{ticket: T-42}", "fails"])
def test_the_shop_s_unhappy_customers_are_taken_care_of(answer: str) -> None:
    """With a ticket, and also if the help desk cannot be reached."""
    scenario = AFTER_A_PURCHASE.replace("{ticket: T-42}", answer)
    files = {**shop_files(), "tests/post_purchase.yaml": scenario}

    assert missed(compile_project(files)) == ""
