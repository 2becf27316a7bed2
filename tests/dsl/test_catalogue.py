"""The catalogue: every code has a page, every page a code, and its examples are what they say."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from dsl.catalogue import codes, completed, page, pages
from dsl.compiler import compile_project
from dsl.lint import past_dates

HOUSE = Path(__file__).resolve().parents[2]
CODE = re.compile(r"[YSNETMW]\d{2,3}")

TOLD_ELSEWHERE = {"W150", "W152"}  # by what plays scenarios, by who knows what day it is
TOLD_OF_DEPLOYS = {
    "E140",
    "E141",
    "E142",
    "E151",
    "W112",
}  # by who knows what runs, and who is inside


def codes_in_use() -> set[str]:
    """Every code that stands in the code of the language, as a word of its own."""
    return {
        node.value
        for file in sorted((HOUSE / "dsl").rglob("*.py"))
        if "catalogue" not in file.parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value)
    }


def found(example: dict[str, str]) -> set[str]:
    return {one.code for one in compile_project(example).diagnostics}


def test_every_code_has_a_page() -> None:
    assert codes_in_use() - set(codes()) == set()


def test_every_page_belongs_to_a_code() -> None:
    assert set(codes()) - codes_in_use() == set()


def test_the_small_project_is_without_a_mistake() -> None:
    assert found(completed({})) == set()


@pytest.mark.parametrize("code", codes())
def test_a_page_says_what_and_why_and_shows_it(code: str) -> None:
    one = pages()[code]

    assert one.title
    assert not one.title.endswith(".")
    assert one.says.endswith(".")
    assert one.why.endswith((".", "?"))
    assert bool(one.wrong) == bool(one.right)


@pytest.mark.parametrize(
    "code",
    [code for code in codes() if code not in TOLD_ELSEWHERE | TOLD_OF_DEPLOYS],
)
def test_the_examples_of_a_page_are_what_they_say(code: str) -> None:
    one = pages()[code]

    assert found(completed(one.wrong)) == {code}
    assert found(completed(one.right)) == set()


def test_the_page_of_past_dates_is_about_past_dates() -> None:
    def told(example: Mapping[str, str]) -> list[str]:
        files = completed(example)
        project = compile_project(files).project
        assert project is not None
        return [one.code for one in past_dates(project, files, date(2026, 3, 1))]

    assert told(pages()["W152"].wrong) == ["W152"]
    assert told(pages()["W152"].right) == []


def test_a_page_is_found_however_its_letter_is_written() -> None:
    assert page("n04") is page("N04") is not None
    assert page("N99") is None
