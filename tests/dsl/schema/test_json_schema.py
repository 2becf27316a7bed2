"""The schemas say what the key tables say, and accept every file that the language accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from dsl.diagnostics import Diagnostic
from dsl.project import FIRST_KEYS, sort_files
from dsl.schema.json_schema import any_file_schema, file_schema
from dsl.schema.places import KINDS

HOUSE = Path(__file__).resolve().parents[3]
PROJECTS = [HOUSE / "tests" / "projects" / "shop", HOUSE / "examples" / "online_retail"]
FILES = [path for project in PROJECTS for path in sorted(project.rglob("*.yaml"))]


def loaded(text: str) -> Any:
    """As an editor's YAML reader hands a file over: dates and the like are texts."""
    return json.loads(json.dumps(YAML(typ="safe").load(text), default=str))


def problems(text: str, schema: Any) -> list[str]:
    return [f"{one.json_path}: {one.message[:80]}" for one in
            Draft7Validator(schema).iter_errors(loaded(text))]  # fmt: skip


def test_every_kind_of_file_has_a_schema() -> None:
    assert set(KINDS) == set(FIRST_KEYS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_can_be_written_as_json(kind: str) -> None:
    schema = json.loads(json.dumps(file_schema(kind)))

    Draft7Validator.check_schema(schema)
    assert schema["title"].startswith(f"{kind}: ")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_files_of_the_example_projects_are_valid(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found: list[Diagnostic] = []
    (kind,) = sort_files({path.name: text}, found).nodes

    assert found == []
    assert problems(text, file_schema(kind)) == []
    assert problems(text, any_file_schema()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_has_a_title_and_says_what_it_means(kind: str) -> None:
    schema: Any = file_schema(kind)
    silent = [
        f"{name}: {key}"
        for name, table in schema["definitions"].items()
        for key, row in table["properties"].items()
        if not row.get("description") or row.get("title") != key
    ]

    assert silent == []


JOURNEY = """\
journey: welcome
category: service
trigger: {event: account_created}
steps:
  - id: pause
    wait: 1 day
"""


def test_a_journey_in_few_lines_is_valid() -> None:
    assert problems(JOURNEY, file_schema("journey")) == []


@pytest.mark.parametrize(
    ("written", "instead", "says"),
    [
        ("category: service\n", "", "'category' is a required property"),
        ("journey: welcome", "journey: welcome\nsteppes: 1", "'steppes' does not match any"),
        ("journey: welcome", "journey: welcome\nstatus: alive", "not valid under any"),
        ("wait: 1 day", "await: 1 day", "not valid under any"),
        ("wait: 1 day", "wait: [1 day]", "not valid under any"),
        ("  - id: pause\n    wait: 1 day", "  pause", "is not of type 'array'"),
    ],
)
def test_what_does_not_belong_is_marked(written: str, instead: str, says: str) -> None:
    found = problems(JOURNEY.replace(written, instead), file_schema("journey"))

    assert len(found) == 1
    assert says in found[0]


@pytest.mark.parametrize("key", ["One_Per", "one-per", "ONE PER", "oneper"])
def test_a_key_may_be_spelt_in_the_other_ways_that_the_language_knows(key: str) -> None:
    schema: Any = file_schema("journey")

    assert problems(f"{JOURNEY}{key}: trigger.id\n", schema) == []
    assert "one per" in schema["definitions"]["journey.JourneyFile"]["properties"]
    assert problems(f"{JOURNEY}one_per_cent: trigger.id\n", schema) != []


@pytest.mark.parametrize("status", ["live", "Live", "PAUSED"])
def test_a_word_of_a_closed_list_may_be_spelt_in_other_ways(status: str) -> None:
    assert problems(f"{JOURNEY}status: {status}\n", file_schema("journey")) == []


@pytest.mark.parametrize("answer", ["yes", "no", "true", "false"])
def test_yes_and_no_are_the_same_with_and_without_types(answer: str) -> None:
    text = f"tests of: a\ngiven: {{in holdout: {answer}}}\nscenarios: []\n"

    assert problems(text, file_schema("tests of")) == []


def test_a_line_that_is_one_word_is_valid() -> None:
    text = "tests of: a\nscenarios: [{scenario: b, script: [expect nothing, {pass: 1 day}]}]\n"

    assert problems(text, file_schema("tests of")) == []
    assert problems(text.replace("expect nothing", "expect less"), file_schema("tests of")) != []


def test_the_first_key_says_which_schema_holds() -> None:
    assert problems(JOURNEY, any_file_schema()) == []
    assert problems("segments: {vip: {who: points > 1}}", any_file_schema()) == []
    assert problems("segments: {vip: {whom: points > 1}}", any_file_schema()) != []
    assert problems("nothing: of ours", any_file_schema()) != []
