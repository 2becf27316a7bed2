"""A project as it lies on disk or in memory: texts by path, sorted by what each one is.

A file's first key says what it is, so folders are the author's own.
"""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from dsl.compose import LARGEST, compose
from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.source import Source, normal_text
from dsl.spelling import did_you_mean
from dsl.yaml import Map, same_key

__all__ = ["FIRST_KEYS", "Folder", "Kind", "Read", "decoded", "read_folder", "sort_files"]

_SUFFIXES = (".yaml", ".yml")
_BYTES = 4 * LARGEST  # the most that so many characters can take

FIRST_KEYS = (
    "tracking plan",
    "policy",
    "segments",
    "journey",
    "fragment",
    "message",
    "messages",
    "modules",
    "tests of",
)
"""The first key of each kind of file."""

Kind = str


class Folder(NamedTuple):
    """What was found in a folder: texts by path, and what could not be read as text."""

    files: Mapping[str, str]
    refused: tuple[Diagnostic, ...]


@dataclass(slots=True)
class Read:
    """Files by kind. ``broken`` are names that stand in files nobody can read."""

    nodes: dict[Kind, list[Map]] = field(default_factory=dict)
    broken: dict[Kind, set[str]] = field(default_factory=dict)

    def of(self, *kinds: Kind) -> list[Map]:
        """The files of these kinds, in the order of their paths."""
        return [node for kind in kinds for node in self.nodes.get(kind, ())]


def read_folder(folder: Path) -> Folder:
    """Every YAML file below ``folder``; hidden folders are left out, links are not followed."""
    files: dict[str, str] = {}
    refused: list[Diagnostic] = []
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(top, name)
            if name.startswith(".") or file.suffix.lower() not in _SUFFIXES:
                continue
            path = file.relative_to(folder).as_posix().encode(errors="replace").decode()
            text = _read(file, path, refused)
            if text is not None:
                files[path] = text
    return Folder(MappingProxyType(files), tuple(refused))


def _read(file: Path, path: str, refused: list[Diagnostic]) -> str | None:
    start = Span(path, 1, 1)
    if not file.is_file():  # a pipe or a dangling link
        refused.append(_error("Y11", start, "This is not a file that can be read.", None))
        return None
    try:
        with file.open("rb") as stream:
            raw = stream.read(_BYTES + 1)
    except OSError as problem:
        message = f"This file cannot be opened: {problem.strerror}."
        refused.append(_error("Y11", start, message, None))
        return None
    if len(raw) > _BYTES:
        hint = f"A file can have up to {LARGEST // 1_000_000} million characters. Divide it."
        refused.append(_error("Y12", start, "This file is too large.", hint))
        return None
    return decoded(raw, path, refused)


def decoded(raw: bytes, path: str, refused: list[Diagnostic]) -> str | None:
    """The text of a file; None and a finding if it is none."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        before = raw[: problem.start].decode("utf-8")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        hint = "Save it as UTF-8."
        if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            refused.append(_error("Y11", Span(path, 1, 1), "This file is saved as UTF-16.", hint))
            return None
        span = Span(path, line, column)
        refused.append(_error("Y11", span, "From here on, this file is not text in UTF-8.", hint))
        return None


def sort_files(files: Mapping[str, str], found: list[Diagnostic]) -> Read:
    """Every file read and put with its kind."""
    read = Read()
    for path in sorted(files):
        source = Source(path, normal_text(files[path]))
        before = len(found)
        node = compose(source, found)
        if isinstance(node, Map) and len(node):
            kind = _kind(node, found)
            if kind is not None:
                read.nodes.setdefault(kind, []).append(node)
        elif len(found) == before:
            hint = f"Its first key says what it is: {', '.join(FIRST_KEYS)}"
            message = "This file is empty." if node is None else "This file has no keys."
            found.append(_error("S01", Span(path, 1, 1), message, hint))
        if node is None:
            for kind, names in _sniff(source.text).items():
                read.broken.setdefault(kind, set()).update(names)
    return read


def _kind(node: Map, found: list[Diagnostic]) -> Kind | None:
    first = node.entries[0].key
    for key in FIRST_KEYS:
        if same_key(key) == same_key(first):
            return key
    hint = did_you_mean(first, FIRST_KEYS) or f"Possible here: {', '.join(FIRST_KEYS)}"
    message = f'A file cannot start with "{first[:60]}".'
    if any(node.entry(key) is not None for key in FIRST_KEYS):
        message = f'"{first[:60]}" cannot be the first key of a file.'
        hint = "Put the key that says what it is into the first line."
    found.append(_error("S01", first.span(), message, hint))
    return None


def _sniff(text: str) -> dict[Kind, set[str]]:
    """The names in a file that cannot be read, so that nobody else is blamed for using them."""
    first = re.search(r"^[ \t]*([A-Za-z][A-Za-z _-]*):[ \t]*(\w*)", text[:100_000], re.MULTILINE)
    if first is None:
        return {}
    kind = next((key for key in FIRST_KEYS if same_key(key) == same_key(first[1])), None)
    if kind is None:
        return {}
    if kind in {"messages", "segments", "modules"}:
        return {kind: set(re.findall(r"^ {1,8}(\w+):", text[:LARGEST], re.MULTILINE))}
    return {kind: {first[2]} - {""}}


def _error(code: str, span: Span, message: str, hint: str | None) -> Diagnostic:
    return Diagnostic(Severity.ERROR, code, span, message, hint)
