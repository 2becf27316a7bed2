"""What must hold of any files whatsoever: findings with a place, never an exception, and writing
that can be read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from lsprotocol import types

from dsl.compiler import Compiled, compile_project
from dsl.compose import compose
from dsl.diagnostics import Diagnostic
from dsl.format import fixed, format_project, with_fixes
from dsl.project import decoded
from dsl.render import render, to_json
from dsl.source import Source, Text, normal_text
from dsl.yaml import Items, Map, Node, same_key
from engine.lsp.complete import complete
from engine.lsp.findings import as_shown, quick_fixes
from engine.lsp.pointing import definition, hover
from engine.lsp.project import Project
from engine.lsp.rename import CannotRename, rename, step_at
from engine.lsp.slices import check_file
from tests.fuzz.mutate import Pick

__all__ = ["look_at"]

_STRAIGHT = str.maketrans(dict.fromkeys("“”„‟«»‹›‘’‚‛", "'") | {'"': "'"})
_MOST_ROUNDS = 12  # a fix can bring another mistake to light, but not for ever


def look_at(files: Mapping[str, bytes], path: str, pick: Pick) -> None:
    """Everything that is done to files on disk, and to one file in an editor."""
    refused: list[Diagnostic] = []
    read = {name: decoded(raw, name, refused) for name, raw in files.items()}
    texts = {name: text for name, text in read.items() if text is not None}
    compiled = compile_project(texts, refused)
    shown(compiled)
    formatted(texts, compiled)
    repaired(texts, compiled, refused)
    if path in texts and pick(4) == 0:
        edited(texts, path, pick)


def shown(compiled: Compiled) -> None:
    """Every finding has a place and words, and what stops a deploy is one of them."""
    findings = with_fixes(compiled.diagnostics, compiled.sources)
    render(findings, compiled.sources, colour=True).encode("utf-8", "surrogatepass")
    to_json(findings)
    for one in findings:
        assert one.message, one
        assert min(one.span.line, one.span.column, one.span.width) >= 1, one
    stops = any(one.stops for one in findings)
    assert stops == (compiled.project is None), findings


def formatted(texts: Mapping[str, str], compiled: Compiled) -> None:
    """The canonical form is one, and means the same."""
    changed = format_project(texts).changed
    after = {**texts, **changed}
    assert format_project(after).changed == {}, "fmt twice"
    if changed and compiled.project is not None:
        again = compile_project(after)
        assert again.project is not None, again.diagnostics
        assert again.project.version == compiled.project.version, "fmt changed the meaning"


def repaired(texts: Mapping[str, str], compiled: Compiled, refused: list[Diagnostic]) -> None:
    """Fixing comes to an end, and what was right stays as it was."""
    before, files = compiled.project, compiled.sources
    for _ in range(_MOST_ROUNDS):
        findings = with_fixes(compiled.diagnostics, compiled.sources)
        news = {
            path: text
            for path, text in fixed(compiled.sources, findings).items()
            if text != compiled.sources[path]
        }
        if not news:
            break
        compiled = compile_project({**compiled.sources, **news}, refused)
    else:
        raise AssertionError("the fixes go on for ever")
    if before is not None:
        assert compiled.project is not None, compiled.diagnostics
        assert before.version == compiled.project.version, "--fix changed the meaning"
    for path, text in compiled.sources.items():
        if text != files[path]:
            assert alike(_node(path, files[path]), _node(path, text)), f"--fix wrote more: {path}"


def alike(before: Node | None, after: Node | None) -> bool:
    """Whether nothing but ids and the form of quotation marks differs: what fixes say they do."""
    match before, after:
        case Text(), Text():
            return before.translate(_STRAIGHT) == after.translate(_STRAIGHT)
        case Items(), Items():
            return len(before) == len(after) and all(map(alike, before, after))
        case Map(), Map():
            known = {same_key(entry.key) for entry in before}
            kept = [entry for entry in after if same_key(entry.key) in known]
            added = [same_key(entry.key) for entry in after if same_key(entry.key) not in known]
            return (
                len(kept) == len(before)
                and set(added) <= {"id"}
                and all(
                    one.key == other.key and alike(one.value, other.value)
                    for one, other in zip(before, kept, strict=True)
                )
            )
        case _:
            return before is None and after is None


def _node(path: str, text: str) -> Node | None:
    return compose(Source(path, normal_text(text)), [])


def edited(texts: Mapping[str, str], path: str, pick: Pick) -> None:
    """An editor gets an answer to whatever it asks, wherever the cursor is."""
    project = Project(Path("/nowhere"))
    for name, text in texts.items():
        project.put(name, text)
    document = project.documents[path]
    for position in _positions(document.text, pick):
        found = check_file(project, path)
        as_shown(document, found)
        quick_fixes(project, path, found, types.Range(types.Position(0, 0), position))
        complete(project, path, position)
        hover(project, path, position)
        span = definition(project, path, position)
        assert span is None or span.path in project.documents, span
        if step_at(project, path, position) is not None:
            with suppress(CannotRename):
                rename(project, path, position, "another_name")


def _positions(text: str, pick: Pick) -> Iterator[types.Position]:
    lines = text.split("\n")
    for _ in range(2):
        line = pick(len(lines))
        yield types.Position(line, pick(min(300, len(lines[line])) + 2))
