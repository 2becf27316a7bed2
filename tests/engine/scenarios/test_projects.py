"""The scenarios that stand in the house itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dsl.compiler import Compiled, compile_folder, compile_project
from dsl.render import render
from engine.scenarios.coverage import cover
from engine.scenarios.play import play
from engine.scenarios.show import as_text
from tests.dsl.projects import shop_files

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


def test_the_shop_s_carts_and_refills_go_as_expected() -> None:
    """With those journeys of the shop that they and their messages speak of."""
    kept = {"cart_abandonment", "price_drop", "replenishment", "welcome"}
    files = {
        path: text
        for path, text in shop_files().items()
        if not path.startswith(("journeys/", "tests/")) or Path(path).stem in kept
    }
    fetching = r"\n    (fetch|with|show if|otherwise):.*"
    files["modules/modules.yaml"] = re.sub(fetching, "", files["modules/modules.yaml"])
    files["policy.yaml"] = files["policy.yaml"].split("webhooks:")[0]

    assert missed(compile_project(files)) == ""
