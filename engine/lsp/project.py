"""A project as an editor works on it: files on disk, and those that are open, as they are there.

Parsed files and names are kept until their text changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from dsl.compile.rfm import with_scoring
from dsl.compile.segments import read_segments
from dsl.compile.tracking_plan import compile_plan
from dsl.compose import compose
from dsl.diagnostics import Diagnostic
from dsl.plan import BUILT_IN_EVENTS, TrackingPlan
from dsl.project import read_folder
from dsl.yaml import Map, Node
from engine.lsp.document import Document
from engine.lsp.names import Names, definitions_in, first_key

__all__ = ["LARGE", "Project", "find_root", "is_file_name"]

_YAML = (".yaml", ".yml")
LARGE = 200_000
"""Characters; a larger file is looked at only by the whole check, which nobody waits for."""

_NO_PLAN = TrackingPlan("", MappingProxyType({}), BUILT_IN_EVENTS)


def find_root(file: Path, top: Path | None) -> Path | None:
    """The folder of the project that ``file`` belongs to; None if it belongs to none.

    It is the nearest folder above the file with a tracking plan or a ``wayline.toml`` in it, not
    above ``top``; without one, ``top`` itself if the file says that it is one of ours.
    """
    for folder in file.parents:
        if (folder / "wayline.toml").is_file() or _has_plan(folder):
            return folder
        if folder == top:
            break
    return None


def is_file_name(path: str) -> bool:
    """Whether a project takes a file of this name for one of its own: YAML, and not hidden."""
    return path.lower().endswith(_YAML) and not any(
        part.startswith(".") for part in path.split("/")
    )


def _has_plan(folder: Path) -> bool:
    try:
        files = [path for path in folder.iterdir() if path.suffix.lower() in _YAML]
    except OSError:
        return False
    return any(_kind(path) == "tracking plan" for path in files)


def _kind(path: Path) -> str | None:
    try:
        with path.open(encoding="utf-8") as stream:
            return first_key(stream.read(4000))
    except (OSError, ValueError):
        return None


@dataclass(slots=True)
class Project:
    """One project."""

    root: Path
    documents: dict[str, Document] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    unreadable: tuple[Diagnostic, ...] = ()
    names: Names = field(default_factory=Names)
    version: int = 0
    _kinds: dict[str, str | None] = field(default_factory=dict)
    _nodes: dict[str, tuple[Document, Node | None]] = field(default_factory=dict)
    _readable: dict[str, Map] = field(default_factory=dict)
    _plan: tuple[Map, TrackingPlan] | None = None

    def path_of(self, file: Path) -> str:
        """How the project calls a file."""
        try:
            return file.relative_to(self.root).as_posix()
        except ValueError:
            return file.as_posix()

    def read(self) -> bool:
        """Reads the folder again; what is open stays as it is there. Whether anything changed."""
        files, self.unreadable = read_folder(self.root)
        before = self.version
        for path in [*self.documents]:
            if path not in files and path not in self.opened:
                self.forget(path)
        for path, text in files.items():
            if path not in self.opened:
                self.put(path, text)
        return self.version != before

    def put(self, path: str, text: str) -> Document:
        """A file has this text now."""
        known = self.documents.get(path)
        if known is not None and known.text == text:
            return known
        document = self.documents[path] = Document.of(path, text)
        self._kinds[path] = first_key(document.source.text)
        self.names.tell(path, definitions_in(document.source))
        self.version += 1
        return document

    def forget(self, path: str) -> None:
        """A file is no longer there."""
        if self.documents.pop(path, None) is not None:
            self.names.tell(path, ())
            self._nodes.pop(path, None)
            self._kinds.pop(path, None)
            self._readable.pop(path, None)
            self.version += 1

    def texts(self) -> dict[str, str]:
        """All files."""
        return {path: document.text for path, document in self.documents.items()}

    def node(self, path: str) -> Node | None:
        """A file, parsed; None if it cannot be or is not there."""
        document = self.documents.get(path)
        if document is None:
            return None
        known = self._nodes.get(path)
        if known is None or known[0] is not document:
            node = compose(document.source, []) if len(document.text) <= LARGE else None
            known = self._nodes[path] = document, node
            if isinstance(node, Map) and len(node):
                self._readable[path] = node
        return known[1]

    def readable(self, path: str) -> Map | None:
        """A file as it was when it could last be parsed; its places may not hold any more."""
        return self.map(path) or self._readable.get(path)

    def map(self, path: str) -> Map | None:
        """A file, parsed, if it consists of keys."""
        node = self.node(path)
        return node if isinstance(node, Map) and len(node) else None

    def kind(self, path: str) -> str | None:
        """The kind of a file."""
        return self._kinds.get(path)

    def paths(self, *kinds: str) -> Iterator[str]:
        """The files of these kinds, in their order."""
        return iter(sorted(path for path, kind in self._kinds.items() if kind in kinds))

    def maps(self, *kinds: str) -> list[Map]:
        """The files of these kinds, parsed."""
        found = (self.map(path) for path in self.paths(*kinds))
        return [node for node in found if node is not None]

    def plan(self) -> TrackingPlan:
        """The tracking plan, as far as it can be read; while it cannot, as it was last."""
        node = next(iter(self.maps("tracking plan")), None)
        if node is not None and (self._plan is None or self._plan[0] is not node):
            self._plan = node, compile_plan(node, [])
        plan = _NO_PLAN if self._plan is None else self._plan[1]
        scored = [
            node
            for path in self.paths("segments")
            if "rfm" in self.documents[path].text and (node := self.map(path)) is not None
        ]
        return with_scoring(plan, read_segments(scored, []), []) if scored else plan

    def known(self, sort: str) -> Iterable[str]:
        """The names of a sort."""
        return self.names.of(sort)
