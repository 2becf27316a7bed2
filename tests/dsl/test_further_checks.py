"""The checks of a whole project say what was specified, word for word, of the example of their page.

Those of what a store runs (E140, E141, E142, E151, W112) and of scenarios (W150) are tested where they are made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from dsl.catalogue import codes, completed, page
from dsl.compiler import compile_project
from dsl.diagnostics import Diagnostic
from dsl.lint import past_dates

DATA = Path(__file__).parent / "data" / "further.txt"
ELSEWHERE = {"E140", "E141", "E142", "E151", "W112", "W150"}
OURS = {
    "E123",
    "E124",
    "E148",
    "E149",
    "E150",
    "E152",
    "W126",
    "W156",
    "W157",
    "W160",
    "W161",
    "W171",
    "W172",
    "W173",
    "W174",
    "W175",
    "W176",
    "W177",
    "W178",
    "W179",
}  # not specified


class Specified(NamedTuple):
    """What a check says; ``hint`` None leaves it open."""

    severity: str
    code: str
    message: str
    hint: str | None


def specified() -> Iterator[Specified]:
    """The checks of the data file."""
    text = re.sub(r"^#.*\n", "", DATA.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for found in re.finditer(r"^(\w+) (\w+)\n  (.+)\n(?:  Hint: (.+)\n)?", text, re.MULTILINE):
        yield Specified(found[1], found[2], found[3], found[4])


def pattern(words: str) -> str:
    return re.escape(words).replace(r"\.\.\.", "(?s:.+?)")


def told(code: str) -> Diagnostic:
    """The finding of the wrong example of a page."""
    one = page(code)
    assert one is not None
    files = completed(one.wrong)
    compiled = compile_project(files)
    found = list(compiled.diagnostics)
    if compiled.project is not None:
        found += past_dates(compiled.project, files, date(2026, 3, 1))
    return next(each for each in found if each.code == code)


def test_none_is_left_out() -> None:
    checks = {code for code in codes() if code[0] in "EW" and len(code) == 4}

    assert checks == {one.code for one in specified()} | ELSEWHERE | OURS


@pytest.mark.parametrize("one", list(specified()), ids=lambda one: one.code)
def test_it_says_what_was_specified(one: Specified) -> None:
    found = told(one.code)

    assert found.severity == one.severity
    assert re.fullmatch(pattern(one.message), found.message), found.message
    if one.hint is not None:
        assert re.fullmatch(pattern(one.hint), found.hint or ""), found.hint
