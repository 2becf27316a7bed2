"""``wayline explain`` and ``wayline graph`` from the command line."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from engine.cli.explain import explain
from engine.cli.graph import graph
from tests.dsl.projects import STEPS, small_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in small_files().items():
        (tmp_path / name).write_text(text)
    return tmp_path


def run(command: click.Command, *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), catch_exceptions=False)


def test_a_code_is_explained_with_what_is_wrong_and_what_is_right() -> None:
    result = run(explain, "n04")

    assert result.exit_code == 0
    assert result.output.startswith("N04  There is no event of this name\n\n")
    assert "Wrong, in journey.yaml:\n\n    trigger: {event: purchse}\n" in result.output
    assert result.output.endswith("Right, in journey.yaml:\n\n    trigger: {event: purchase}\n")


def test_a_code_that_does_not_exist_is_a_mistake_of_the_call() -> None:
    result = run(explain, "N99")

    assert result.exit_code == 2
    assert "There is no code N99. Codes are: E01, " in result.output


def test_a_journey_is_explained_in_words(folder: Path) -> None:
    result = run(explain, "first", str(folder))

    assert result.exit_code == 0
    assert result.output.startswith("Starts when a person buys. Nobody enters twice.\n")
    assert result.output.endswith("Steps:\n  1. Sends hello by e-mail. (hi)\n")


@pytest.mark.parametrize("command", [explain, graph])
def test_a_journey_that_does_not_exist_is_a_mistake_of_the_call(
    command: click.Command, folder: Path
) -> None:
    result = run(command, "frist", str(folder))

    assert result.exit_code == 2
    assert 'There is no journey called "frist". Did you mean "first"?' in result.output


@pytest.mark.parametrize("command", [explain, graph])
def test_a_project_with_mistakes_is_not_explained(command: click.Command, folder: Path) -> None:
    (folder / "journey.yaml").write_text("journey: first\n" + STEPS)
    result = run(command, "first", str(folder))

    assert result.exit_code == 1
    assert "error S07" in result.output


def test_a_graph_is_mermaid_unless_a_picture_is_asked_for(folder: Path) -> None:
    result = run(graph, "first", str(folder))
    same = run(graph, "first", str(folder), "--mermaid")

    assert result.output.startswith('flowchart TD\n  start(["Starts on purchase"])\n')
    assert same.output == result.output


def test_a_picture_is_written_or_printed(folder: Path) -> None:
    result = run(graph, "first", str(folder), "--svg", str(folder / "first.svg"))
    printed = run(graph, "first", str(folder), "--svg", "-")

    assert (result.exit_code, result.output) == (0, "")
    assert (folder / "first.svg").read_text().startswith("<svg")
    assert printed.output.startswith("<svg")


def test_a_place_that_cannot_be_written_to_is_a_mistake_of_the_call(folder: Path) -> None:
    result = run(graph, "first", str(folder), "--svg", str(folder / "none" / "first.svg"))

    assert result.exit_code == 2
    assert "cannot be written to" in result.output
