"""Checks one file while somebody types in it: that file, and of the others what it touches.

The names of all other files are known, so nothing is called unknown that is there. What only the
whole project can tell is told by the whole check, which runs when the typing stops.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from dsl.compiler import compile_read
from dsl.diagnostics import Diagnostic, Span, in_order
from dsl.project import Read, sort_files
from dsl.source import Text
from dsl.yaml import Entry, Items, Map, Node, same_key
from engine.lsp.project import Project

__all__ = ["WHOLE", "check_file"]

WHOLE = frozenset({"E116", "E122", "E123", "E124", "W112", "W115", "W126", "W150", "W175", "W177"})
"""What can be said only when all files are looked at; here it is left to the whole check."""

_WORD = re.compile(r"[^\W\d]\w*")
_HEAD = frozenset(map(same_key, ("journey", "category", "trigger")))
_NOWHERE = Span("", 1, 1)


def check_file(project: Project, path: str) -> list[Diagnostic]:
    """What is wrong in one file, as far as it can be told without the whole project."""
    document = project.documents[path]
    found: list[Diagnostic] = []
    read = sort_files({path: document.text}, found)
    if not read.nodes:
        return in_order(one for one in found if one.span.path == path)
    ((kind, (node,)),) = read.nodes.items()
    around = _Around(project, path)
    around.add(kind, node)
    compiled = compile_read(around.read(), {}, found)
    return [one for one in compiled.diagnostics if one.span.path == path and one.code not in WHOLE]


class _Around:
    """Gathers what a file needs to be checked."""

    def __init__(self, project: Project, path: str) -> None:
        self.project = project
        self.path = path
        self.whole: dict[str, dict[str, Map]] = {}
        self.messages: set[str] = set()
        self.modules: set[str] = set()
        self.heads: set[str] = set()

    def add(self, kind: str, node: Map) -> None:
        """The file itself, and what it needs."""
        self._put(kind, self.path, node)
        words = set(_words(node))
        for other in ("tracking plan", "policy"):
            self._put_all(other)
        if kind not in ("segments", "policy"):
            self._put_scores()
        match kind:
            case "journey":
                self._journey(words)
            case "fragment":
                self._put_all("fragment")
                for user in self._users(node):
                    self._whole_journey(user)
                self.messages |= words
            case "message" | "messages":
                self.modules = words
                self.messages |= words & set(self.project.names.of("message"))
                self.heads |= words
            case "modules":
                self.modules = words
            case "segments" | "policy":
                self._put_all("segments")
            case "tests of":
                self.heads |= words
                journey = node.entries[0].value
                if isinstance(journey, Text):
                    self._whole_journey(str(journey))
            case _:
                pass

    def read(self) -> Read:
        """The files as the compiler takes them; names that are left out count as defined."""
        self._add_messages()
        self._add_modules()
        self._add_heads()
        names = self.project.names
        made = Read()
        for kind, files in self.whole.items():
            made.nodes[kind] = [files[path] for path in sorted(files)]
        made.broken["journey"] = set(names.of("journey"))
        made.broken["message"] = set(names.of("message"))
        made.broken["segments"] = set(names.of("segment"))
        return made

    def _put(self, kind: str, path: str, node: Map) -> None:
        self.whole.setdefault(kind, {}).setdefault(path, node)

    def _put_all(self, kind: str) -> None:
        for path in self.project.paths(kind):
            node = self.project.map(path)
            if node is not None:
                self._put(kind, path, node)

    def _put_scores(self) -> None:
        """What says how people buy: scores are attributes."""
        for path in self.project.paths("segments"):
            if "rfm" not in self.project.documents[path].text:
                continue
            node = self.project.map(path)
            entry = None if node is None else node.entry("rfm")
            if node is not None and entry is not None:
                first = Entry(node.entries[0].key, Map((), node.start))
                self._put("segments", path, Map((first, entry), node.start))

    def _journey(self, words: Set[str]) -> None:
        self._put_all("fragment")
        self.messages |= words
        self.heads |= words
        for fragment in words & set(self.project.names.of("fragment")):
            place = self.project.names.place("fragment", fragment)
            node = None if place is None else self.project.map(place.span.path)
            self.messages |= set() if node is None else set(_words(node))

    def _whole_journey(self, name: str) -> None:
        place = self.project.names.place("journey", name)
        node = None if place is None else self.project.map(place.span.path)
        if place is not None and node is not None:
            self._put("journey", place.span.path, node)
            self._journey(set(_words(node)))

    def _users(self, fragment: Map) -> Iterator[str]:
        """A journey that uses a fragment, for its steps are checked where they are used."""
        name = fragment.entries[0].value
        if not isinstance(name, Text):
            return
        used = re.compile(rf"\buse[ \t]*:[ \t]*[\"']?{re.escape(name)}\b", re.IGNORECASE)
        for path in self.project.paths("journey"):
            document = self.project.documents[path]
            if used.search(document.source.text):
                yield from (
                    one.name for one in self.project.names.of_file(path) if one.sort == "journey"
                )
                return

    def _add_messages(self) -> None:
        """The messages that are named, without the rest of the files they stand in."""
        if self.path in self.whole.get("messages", {}):
            self.messages -= {one.name for one in self.project.names.of_file(self.path)}
        for path, names in self._places("message", self.messages).items():
            node = self.project.map(path)
            if node is None:
                continue
            if self.project.kind(path) == "message":
                self._put("message", path, node)
            else:
                self._put("messages", path, _only(node, names))

    def _add_modules(self) -> None:
        """The modules that are named, and of the others the names."""
        wanted = set(self.modules)
        maps = {path: node for path in self.project.paths("modules")
                if (node := self.project.map(path)) is not None}  # fmt: skip
        bodies = {str(entry.key): entry for node in maps.values() for entry in _table(node)}
        queue = [name for name in bodies if name in wanted]
        while queue:
            for word in _words(bodies[queue.pop()].value):
                if word in bodies and word not in wanted:
                    wanted.add(word)
                    queue.append(word)
        for path, node in maps.items():
            self._put("modules", path, _only(node, wanted, empty=("blocks",)))

    def _add_heads(self) -> None:
        """How the journeys that are named begin: what starts them is what others must know."""
        for path in self._places("journey", self.heads):
            node = self.project.map(path)
            if node is not None:
                head = tuple(one for one in node if same_key(one.key) in _HEAD)
                self._put("journey", path, Map(head, node.start))

    def _places(self, sort: str, names: Set[str]) -> dict[str, set[str]]:
        known = self.project.names.of(sort)
        made: dict[str, set[str]] = {}
        for name in names & set(known):
            for one in known[name]:
                if one.span.path != self.path:
                    made.setdefault(one.span.path, set()).add(name)
        return made


def _table(node: Map) -> Iterable[Entry]:
    value = node.entries[0].value
    return value if isinstance(value, Map) else ()


def _only(node: Map, names: Set[str], empty: tuple[str, ...] = ()) -> Map:
    """A file of several things, with those of these names; with ``empty`` keys for the others."""
    first = node.entries[0]
    if not isinstance(first.value, Map):
        return node
    nothing = Map(tuple(Entry(Text.of(key), Items((), _NOWHERE)) for key in empty), _NOWHERE)
    kept = tuple(
        entry if entry.key in names else Entry(entry.key, nothing)
        for entry in first.value
        if entry.key in names or empty
    )
    return Map((Entry(first.key, Map(kept, first.value.start)), *node.entries[1:]), node.start)


def _words(node: Node) -> Iterator[str]:
    """Every word that stands in a part of a file."""
    match node:
        case Map():
            for entry in node:
                yield from _words(entry.value)
        case Items():
            for item in node:
                yield from _words(item)
        case _:
            yield from _WORD.findall(node)
