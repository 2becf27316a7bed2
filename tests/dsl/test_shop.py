"""The example project uses the whole language, and nothing is wrong with it."""

from __future__ import annotations

from dsl.compiler import compile_folder, compile_project
from dsl.diagnostics import Severity
from dsl.render import render, to_json
from tests.dsl.projects import SHOP, shop_files


def test_nothing_is_wrong_with_the_example_project() -> None:
    compiled = compile_folder(SHOP)

    assert [one for one in compiled.diagnostics if one.severity is Severity.ERROR] == []
    assert compiled.project is not None
    assert len(compiled.project.machines) == 13


def test_its_warnings_are_known() -> None:
    compiled = compile_folder(SHOP)

    warnings = {one.code for one in compiled.diagnostics if one.severity is Severity.WARNING}
    assert warnings == {"W101", "W103", "W115", "W118", "W120", "W146"}


def test_a_folder_and_its_texts_are_the_same_project() -> None:
    assert compile_folder(SHOP) == compile_project(shop_files())


def test_every_finding_can_be_shown() -> None:
    compiled = compile_folder(SHOP)

    assert "And " in render(compiled.diagnostics, compiled.sources)
    assert len(to_json(compiled.diagnostics)) == len(compiled.diagnostics)
