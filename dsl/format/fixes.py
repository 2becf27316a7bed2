"""Fixes of findings: what a program may write so that a finding goes away.

Safe are those that cannot mean anything else: straight quotation marks in a rule, an id for a step
that needs one. A name that was probably meant is offered, and never written without a person.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

from dsl.diagnostics import Diagnostic, Edit, Fix
from dsl.format.change import Change
from dsl.format.project import names_taken
from dsl.format.writing import changes_in, opened
from dsl.source import Source, normal_text

__all__ = ["fixed", "with_fixes"]

_MEANT = re.compile(r'Did you mean "([^"\n]+)"\?')


def with_fixes(
    diagnostics: Iterable[Diagnostic], files: Mapping[str, str]
) -> tuple[Diagnostic, ...]:
    """The findings, each with its fix if there is one. ``files`` are the texts by path."""
    writer = _Writer(files)
    return tuple(replace(one, fix=one.fix or writer.fix(one)) for one in diagnostics)


def fixed(files: Mapping[str, str], diagnostics: Iterable[Diagnostic]) -> dict[str, str]:
    """The files that look different once the safe fixes have been applied, by path."""
    edits: dict[str, set[Edit]] = {}
    for one in diagnostics:
        if one.fix is not None and one.fix.safe:
            for edit in one.fix.edits:
                edits.setdefault(edit.path, set()).add(edit)
    return {path: _applied(files[path], some) for path, some in edits.items() if path in files}


def _applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits; of two that overlap, the first one."""
    plain = normal_text(text)
    lines = plain.split("\n")
    done: dict[int, int] = {}
    for edit in sorted(edits, key=lambda edit: (edit.line, -edit.column)):
        line, start = lines[edit.line - 1], edit.column - 1
        end = start + edit.width
        if end <= done.get(edit.line, len(line)):
            lines[edit.line - 1] = line[:start] + edit.text + line[end:]
            done[edit.line] = start
    joined = "\n".join(lines)
    return joined.replace("\n", "\r\n") if "\r\n" in text else joined


class _Writer:
    """Looks fixes up, one file at a time."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self.known: dict[str, tuple[Source, list[Change]]] = {}
        self.sources: dict[str, Source] = {}
        self.taken: frozenset[str] | None = None

    def fix(self, one: Diagnostic) -> Fix | None:
        if one.span.path not in self.files:
            return None
        match one.code:
            case "E03":
                return self._changed(one, "quotes", "Write straight quotation marks")
            case "S05":
                return self._changed(one, "id", "Add an id")
            case _:
                return self._meant(one)

    def _changed(self, one: Diagnostic, why: str, title: str) -> Fix | None:
        source, changes = self._changes(one.span.path)
        if one.span.line > len(source.starts):
            return None
        index = source.starts[one.span.line - 1] + one.span.column - 1
        before = bisect_right(changes, index, key=lambda change: change.about[0])
        about = changes[before - 1].about if before else (0, 0)
        chosen = []
        while before and changes[before - 1].about == about and index < about[1]:
            before -= 1
            if changes[before].why == why:
                chosen.append(changes[before])
        edits = tuple(map(partial(_edit, source), reversed(chosen)))
        return Fix(title, edits, safe=True) if edits else None

    def _changes(self, path: str) -> tuple[Source, list[Change]]:
        if path not in self.known:
            if self.taken is None:
                self.taken = names_taken(self.files)
            source = self._source(path)
            node = opened(path, source.text, [])
            changes = [] if node is None else changes_in(source, node, self.taken)
            self.known[path] = source, sorted(changes, key=lambda change: change.about)
        return self.known[path]

    def _source(self, path: str) -> Source:
        if path not in self.sources:
            self.sources[path] = Source(path, normal_text(self.files[path]))
        return self.sources[path]

    def _meant(self, one: Diagnostic) -> Fix | None:
        meant = _MEANT.fullmatch(one.hint or "")
        if meant is None:
            return None
        line = self._source(one.span.path).line(one.span.line)
        start, end = one.span.column - 1, one.span.column - 1 + one.span.width
        if line[start : start + 1] in ('"', "'") and line[end - 1 : end] == line[start]:
            start, end = start + 1, end - 1
        edit = Edit(one.span.path, one.span.line, start + 1, max(0, end - start), meant[1])
        return Fix(f'Write "{meant[1]}"', (edit,), safe=False)


def _edit(source: Source, change: Change) -> Edit:
    line, column = source.position(change.start)
    return Edit(source.path, line, column, change.end - change.start, change.text)
