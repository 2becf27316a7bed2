"""Real mistakes, one at a time, in the example project: the author sees exactly what the corpus
of messages shows, and nothing else.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from dsl.compiler import Compiled, compile_project
from dsl.render import render
from tests.dsl.projects import news, shop_files

CORPUS = Path(__file__).parent / "data" / "messages.txt"


class Case(NamedTuple):
    """A planted mistake, and what the author must see."""

    planted: str
    path: str
    line: int
    shown: str  # the line of the file as the message shows it
    expected: str


def read_cases() -> list[Case]:
    """The cases of the corpus, in its order."""
    cases = []
    for part in re.split(r"^### ", CORPUS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        planted, _, expected = part.partition("\n")
        # The last line, of what was folded, is not binding.
        expected = re.sub(r"\n  \(\+ .*\)\s*$", "\n", expected.rstrip() + "\n")
        head = re.match(r"(?:error|warning) \w\d+  (\S+):(\d+):\d+\n", expected)
        shown = re.search(r"^ *\d+ \| (.*)$", expected, re.MULTILINE)
        assert head is not None
        assert shown is not None
        cases.append(Case(planted, head[1], int(head[2]), shown[1], expected))
    return cases


def plant(case: Case, files: dict[str, str]) -> dict[str, str]:
    """The project with the mistake in it: the line the message shows, at its place."""
    lines = files[case.path].split("\n")
    if case.planted.startswith('("at most'):
        lines = [line for line in lines if line.strip() != "at most: 14 days"]
    elif case.planted == "- wait: 23 hours":  # takes the place of the id and the wait
        lines[case.line - 1 : case.line + 1] = [case.shown]
    elif "owner: me@shop.example" in case.planted:  # a second line of its own
        lines.insert(case.line - 1, case.shown)
    else:
        lines[case.line - 1] = case.shown
    assert lines[case.line - 1] == case.shown
    return {**files, case.path: "\n".join(lines)}


@pytest.fixture(scope="module")
def clean() -> Compiled:
    return compile_project(shop_files())


def test_the_corpus_is_whole() -> None:
    assert len(read_cases()) == 34


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.planted)
def test_the_author_sees(case: Case, clean: Compiled) -> None:
    compiled = compile_project(plant(case, shop_files()))

    found = news(clean, compiled)
    shown = re.sub(r"\n  \(\+ .*\)\n", "\n", render(found, compiled.sources))
    assert shown == case.expected
    assert any(one.stops for one in found)


def test_follow_ups_are_folded_into_their_cause() -> None:
    by_plant = {case.planted: case for case in read_cases()}
    event = compile_project(plant(by_plant["event: cart_update"], shop_files()))
    discount = compile_project(
        plant(next(c for p, c in by_plant.items() if "discont" in p), shop_files())
    )

    assert [one.folded for one in event.diagnostics if one.code == "N04"] == [("N02",)]
    assert [one.folded for one in discount.diagnostics if one.code == "M02"] == [("M03",)]
    assert [one.stops for one in discount.diagnostics if one.code == "M02"] == [True]
