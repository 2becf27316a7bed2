"""Projects for the tests of the language server, and a cursor written into a text."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from engine.lsp.document import units
from engine.lsp.project import Project

__all__ = ["CURSOR", "SHOP", "YEAR", "at_cursor", "cursor_in", "project_of", "read", "shop"]

HOUSE = Path(__file__).resolve().parents[3]
SHOP = HOUSE / "tests" / "projects" / "shop"
YEAR = HOUSE / "examples" / "online_retail"
CURSOR = "‸"


def shop() -> Project:
    """The example project of the language, read from the disk."""
    return read(SHOP)


def read(folder: Path) -> Project:
    project = Project(folder)
    project.read()
    return project


def project_of(files: dict[str, str]) -> Project:
    """A project of these texts, all of them open."""
    project = Project(Path("/nowhere"))
    for path, text in files.items():
        project.put(path, text)
        project.opened.add(path)
    return project


def cursor_in(text: str) -> tuple[str, types.Position]:
    """The text without the mark, and where the mark stood."""
    before, _, after = text.partition(CURSOR)
    line = before.count("\n")
    return before + after, types.Position(line, units(before.rpartition("\n")[2]))


def at_cursor(project: Project, path: str, text: str) -> types.Position:
    """Puts the text into the project; where its mark stood."""
    plain, position = cursor_in(text)
    project.opened.add(path)
    project.put(path, plain)
    return position
