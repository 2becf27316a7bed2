"""Whatever is typed, and wherever the cursor is then: an answer, never an exception."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from engine.lsp.complete import complete
from engine.lsp.findings import as_shown, quick_fixes
from engine.lsp.pointing import definition, hover
from engine.lsp.project import Project
from engine.lsp.rename import CannotRename, rename, step_at
from engine.lsp.slices import check_file
from tests.engine.lsp.desks import SHOP, shop

PATHS = sorted(path.relative_to(SHOP).as_posix() for path in SHOP.rglob("*.yaml"))
PIECES = ["\n", "  ", "- ", ": ", "{", "}", "[", "]", '"', "'", "|", ">", "#", "{{ ", "= ", "\t",
          "\r\n", "\ufeff", "\x00", "\u2028", "🎉", "ü", "&a", "*a", "!x", "%", "---\n", "\ud800",
          "where ", "did ", "purchase", "in segment ", "trigger.", "steps:\n", "id: x\n"]  # fmt: skip


@pytest.fixture(scope="module")
def project() -> Project:
    return shop()


def ask_everything(project: Project, path: str, position: types.Position) -> None:
    found = check_file(project, path)
    as_shown(project.documents[path], found)
    quick_fixes(project, path, found, types.Range(types.Position(0, 0), position))
    complete(project, path, position)
    hover(project, path, position)
    span = definition(project, path, position)
    assert span is None or span.path in project.documents
    if step_at(project, path, position) is not None:
        with suppress(CannotRename):
            rename(project, path, position, "another_name")


@settings(max_examples=60)
@given(data=st.data())
def test_a_real_file_with_anything_typed_into_it(project: Project, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(PATHS))
    original = project.documents[path].text
    start = data.draw(st.integers(0, len(original)))
    gone = data.draw(st.integers(0, 40))
    typed = "".join(data.draw(st.lists(st.sampled_from(PIECES), max_size=6)))
    project.put(path, original[:start] + typed + original[start + gone :])
    document = project.documents[path]
    index = min(start + len(typed), len(document.source.text))

    try:
        ask_everything(project, path, document.stretch(index, index).start)
    finally:
        project.put(path, original)


@settings(max_examples=60)
@given(
    text=st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES)).map("".join)),
    line=st.integers(0, 5),
    character=st.integers(0, 50),
)
def test_any_text_as_a_file(project: Project, text: str, line: int, character: int) -> None:
    project.put("any.yaml", text)

    ask_everything(project, "any.yaml", types.Position(line, character))


@pytest.mark.parametrize(
    "text",
    [
        "journey: " + "[" * 5000,
        "journey: a\nsteps:\n" + "".join(f"{'  ' * n}- then:\n" for n in range(200)),
        "goal: " + "(" * 5000,
        "journey: a\ngoal: " + "not " * 3000 + "x",
        "- " * 3000,
        "a: {" * 800,
    ],
    ids=["brackets", "levels", "rule", "nots", "dashes", "maps"],
)
def test_deep_nesting(project: Project, text: str) -> None:
    project.put("deep.yaml", text)

    ask_everything(project, "deep.yaml", types.Position(0, len(text.split("\n", maxsplit=1)[0])))


def test_a_file_that_is_no_project_file_is_left_to_others() -> None:
    project = Project(Path("/nowhere"))
    project.put("a.yaml", "on: push\njobs: {}\n")

    assert project.plan().attributes == {}
    assert complete(project, "a.yaml", types.Position(1, 2)) == []
