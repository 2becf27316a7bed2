"""The library of journeys: checked, in canonical form, and played to its last branch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from dsl.compiler import Compiled, compile_project
from dsl.files.journey import JourneyFile
from dsl.files.reading import read
from dsl.format import format_project
from dsl.project import read_folder, sort_files
from dsl.scenario import ExpectSent, Scenario
from dsl.source import Text
from dsl.yaml import Items, Map, Node
from engine.scenarios.coverage import cover
from engine.scenarios.play import play
from engine.scenarios.result import Played
from engine.scenarios.show import as_text

LIBRARY = Path(__file__).parent.parent.parent / "journeys"
LANGUAGES = ("en", "de")


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    folder = read_folder(LIBRARY)
    assert folder.refused == ()
    return dict(folder.files)


@pytest.fixture(scope="module")
def compiled(files: dict[str, str]) -> Compiled:
    return compile_project(files)


@pytest.fixture(scope="module")
def played(compiled: Compiled) -> list[Played]:
    assert compiled.project is not None
    return play(compiled.project, compiled.scenarios)


def failures(played: list[Played]) -> str:
    """Every scenario that went another way, told as the command tells it."""
    return "\n".join(line for each in played if each.failures for _, line in as_text(each))


def test_nothing_is_wrong_with_it_and_nothing_doubtful(compiled: Compiled) -> None:
    assert compiled.diagnostics == ()


def test_its_files_are_in_canonical_form(files: dict[str, str]) -> None:
    formatted = format_project(files)

    assert (formatted.findings, dict(formatted.changed)) == ((), {})


def test_every_scenario_goes_as_it_says(played: list[Played]) -> None:
    assert failures(played) == ""
    assert len(played) > 200


def test_scenarios_reach_every_step_every_branch_and_every_message(
    compiled: Compiled, played: list[Played]
) -> None:
    assert compiled.project is not None
    missing = {
        each.journey: (*each.steps.missing, *each.branches.missing, *each.messages.missing)
        for each in cover(compiled.project.machines.values(), played)
        if not each.scenarios
        or each.steps.missing
        or each.branches.missing
        or each.messages.missing
    }

    assert missing == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_happens_to_readers_of_each_language(compiled: Compiled, language: str) -> None:
    """What is said differs, so only what is sent, when and where is compared."""
    assert compiled.project is not None
    scenarios = [speaking(language, each) for each in compiled.scenarios]

    assert failures(play(compiled.project, scenarios)) == ""


def speaking(language: str, scenario: Scenario) -> Scenario:
    """The scenario of somebody who reads ``language``, whatever the texts say."""
    attributes = MappingProxyType({**scenario.given.attributes, "language": language})
    script = tuple(
        replace(step, contains=()) if isinstance(step, ExpectSent) else step
        for step in scenario.script
    )
    return replace(scenario, given=replace(scenario.given, attributes=attributes), script=script)


def test_each_journey_has_a_folder_with_its_messages_and_scenarios(files: dict[str, str]) -> None:
    folders = {path.split("/")[0] for path in files if path.endswith("/journey.yaml")}
    complete = {
        folder
        for folder in folders
        if {f"{folder}/messages.yaml", f"{folder}/scenarios.yaml"} <= files.keys()
    }

    assert len(folders) >= 18
    assert folders == complete


def test_each_journey_says_what_it_is_for_whose_it_is_and_what_to_change(
    files: dict[str, str],
) -> None:
    silent = []
    for node in sort_files(files, []).of("journey"):
        head = read(JourneyFile, node, "a journey", [])
        assert head is not None
        path = node.span().path
        comment = files[path].split("\njourney:")[0]
        if not (head.title and head.owner and head.notes and "Change first:" in comment):
            silent.append(path)
        assert head.journey == path.split("/")[0]

    assert silent == []


def test_the_company_is_named_where_any_name_can_stand(files: dict[str, str]) -> None:
    """Between double quotation marks: whatever it is called there, it stays one text."""
    loose = [
        text.place
        for node in sort_files(files, []).nodes.values()
        for file in node
        for text in texts_of(file)
        if "Lindenhof" in text and text.style != '"'
    ]

    assert loose == []


def texts_of(node: Node) -> Iterator[Text]:
    """Every value of a file."""
    match node:
        case Map():
            for entry in node:
                yield from texts_of(entry.value)
        case Items():
            for item in node:
                yield from texts_of(item)
        case _:
            yield node


def test_no_text_is_for_readers_of_all_languages(files: dict[str, str]) -> None:
    """Each has both languages: one without would be shown to everybody."""
    alone = re.compile(r"^\s*(?:- )?(text|subject|preview|title|body|button|html|alt): (?=\S)")
    lines = [
        f"{path}: {line.strip()}"
        for path, text in files.items()
        if path.endswith("messages.yaml")
        for line in text.split("\n")
        if alone.match(line)
        and not re.search(r"\{en: .*de: ", line)
        and not line.startswith("    title:")  # what the team calls it
    ]

    assert lines == []
