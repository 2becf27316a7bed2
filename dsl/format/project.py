"""All files of a project in their canonical form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dsl.diagnostics import Diagnostic
from dsl.format.ids import names_in_plan
from dsl.format.writing import Unreadable, format_text, kind_of, opened
from dsl.source import normal_text

__all__ = ["Formatted", "format_project", "names_taken"]


@dataclass(frozen=True, slots=True)
class Formatted:
    """What became of the files: those that are written differently now, and those that nobody
    can read.
    """

    changed: Mapping[str, str]
    findings: tuple[Diagnostic, ...]


def format_project(files: Mapping[str, str]) -> Formatted:
    """The files of a project, by path. New ids differ from all that the tracking plan names."""
    taken = names_taken(files)
    changed: dict[str, str] = {}
    findings: list[Diagnostic] = []
    for path, text in files.items():
        done = format_text(path, text, taken)
        if isinstance(done, Unreadable):
            findings += done.findings
        elif done != text:
            changed[path] = done
    return Formatted(MappingProxyType(changed), tuple(findings))


def names_taken(files: Mapping[str, str]) -> frozenset[str]:
    """The names of the tracking plan."""
    names: set[str] = set()
    for path, text in files.items():
        node = opened(path, normal_text(text), [])
        if node is not None and kind_of(node) == "tracking plan":
            names |= names_in_plan(node)
    return frozenset(names)
