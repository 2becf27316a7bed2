"""A project's folder, as a command or the daemon looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dsl.project import Folder, read_folder
from engine.operator import OperatorError

__all__ = ["Watched", "project_folder"]


def project_folder(path: Path) -> Folder:
    """The files of a project. Raises ``OperatorError`` if there are none at all."""
    if not path.is_dir():
        raise OperatorError(f"There is no folder {path}.")
    folder = read_folder(path)
    if not folder.files and not folder.refused:
        raise OperatorError(
            f"There is no project in {path.resolve()}: it has no YAML files. Name the project's"
            " folder."
        )
    return folder


@dataclass(slots=True)
class Watched:
    """A folder that is looked at again and again."""

    path: Path
    seen: Folder | None = None

    def changed(self) -> Folder | None:
        """What is in it, if that is not what was in it when last looked at; else None."""
        found = read_folder(self.path)
        if found == self.seen:
            return None
        self.seen = found
        return found
