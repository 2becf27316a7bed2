"""The example project uses the whole language: what is not built yet is named, and nothing else
is wrong with it.
"""

from __future__ import annotations

from dsl.compiler import compile_folder, compile_project
from dsl.diagnostics import Severity
from dsl.render import render, to_json
from tests.dsl.projects import SHOP, shop_files

NOT_BUILT = [
    ("modules/modules.yaml", 27, "fetch"),
]


def test_the_example_project_is_right_but_for_what_is_not_built() -> None:
    compiled = compile_folder(SHOP)

    errors = [one for one in compiled.diagnostics if one.severity is Severity.ERROR]
    told = [(one.span.path, one.span.line, one.message) for one in errors]
    assert told == [(path, line, f'"{key}" is not built yet.') for path, line, key in NOT_BUILT]
    assert {one.code for one in errors} == {"S90"}
    assert compiled.project is None


def test_its_warnings_are_known() -> None:
    compiled = compile_folder(SHOP)

    warnings = {one.code for one in compiled.diagnostics if one.severity is Severity.WARNING}
    assert warnings == {"W101", "W103", "W120"}


def test_a_folder_and_its_texts_are_the_same_project() -> None:
    assert compile_folder(SHOP) == compile_project(shop_files())


def test_every_finding_can_be_shown() -> None:
    compiled = compile_folder(SHOP)

    assert "And " in render(compiled.diagnostics, compiled.sources)
    assert len(to_json(compiled.diagnostics)) == len(compiled.diagnostics)
