"""What each file of a project defines, by name and place.

Most files say it at the beginning of a line, so the names of hundreds of files are known without
parsing them; where a line does not say it plainly, the file is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from dsl.compose import compose
from dsl.diagnostics import Span
from dsl.project import FIRST_KEYS
from dsl.scoring import GRID
from dsl.source import Source, Text
from dsl.yaml import Map, same_key

__all__ = ["Defined", "Names", "definitions_in", "first_key"]

_FIRST = re.compile(
    r"(?:[ \t]*(?:#[^\n]*)?\n|---[^\n]*\n)*"
    r"[ \t]*(?P<key>[A-Za-z][A-Za-z _-]*?)[ \t]*:(?=\s|$)[ \t]*(?P<value>[^\n]*)"
)
_PLAIN = re.compile(r"""(?P<quote>["']?)(?P<name>[^\W\d]\w*)(?P=quote)\s*(?:\s#.*)?""")
_ENTRY = re.compile(r"""(?P<quote>["']?)(?P<name>[^\W\d]\w*)(?P=quote)\s*:(?=\s|$)""")

_LARGE, _SMALL = 200_000, 20_000  # characters worth parsing: of a file of ours, and of any other

_ALONE = {"journey": "journey", "fragment": "fragment", "message": "message"}
_TABLES = {"messages": "message", "modules": "module", "segments": "segment"}
_FOLLOWING = re.compile(r"^(?:rfm|lifecycle)[ \t]*:", re.MULTILINE | re.IGNORECASE)
_INSIDE = {
    "tracking plan": {"profile": "attribute", "events": "event"},
    "policy": {"channels": "channel", "categories": "category", "webhooks": "service"},
}


class Defined(NamedTuple):
    """A name and where it is given. ``sort``: journey, message, event, attribute ..."""

    sort: str
    name: str
    span: Span


def first_key(text: str) -> str | None:
    """The kind of file a text is, as its first key says it; None if it says none."""
    found = _FIRST.match(text)
    if found is None:
        return None
    return next((key for key in FIRST_KEYS if same_key(key) == same_key(found["key"])), None)


def definitions_in(source: Source) -> tuple[Defined, ...]:
    """The names that a file defines."""
    kind = first_key(source.text)
    made: list[Defined] | None = None
    if kind in _ALONE:
        made = _alone(source, _ALONE[kind])
    elif kind in _TABLES and not _FOLLOWING.search(source.text):
        made = _table(source, _TABLES[kind])
    if made is None and len(source.text) <= (_LARGE if kind is not None else _SMALL):
        made = list(_parsed(source))
    return tuple(made or ())


def _alone(source: Source, sort: str) -> list[Defined] | None:
    found = _FIRST.match(source.text)
    assert found is not None
    name = _PLAIN.fullmatch(found["value"])
    if name is None:
        return None
    start = found.start("value") + name.start("name")
    return [Defined(sort, name["name"], source.span(start, start + len(name["name"])))]


def _table(source: Source, sort: str) -> list[Defined] | None:
    """Names at the first indentation below the first key; None if it is written in brackets."""
    found = _FIRST.match(source.text)
    assert found is not None
    if found["value"].strip() and not found["value"].lstrip().startswith("#"):
        return None
    made: list[Defined] = []
    width = 0
    line, _ = source.position(found.start("key"))
    for number in range(line + 1, len(source.starts) + 1):
        text = source.line(number)
        bare = text.lstrip(" ")
        if not bare.strip() or bare.startswith("#"):
            continue
        indent = len(text) - len(bare)
        width = width or indent
        if indent < width or not width:
            break
        if indent == width:
            entry = _ENTRY.match(bare)
            if entry is None:
                return None
            span = Span(source.path, number, indent + entry.start("name") + 1, len(entry["name"]))
            made.append(Defined(sort, entry["name"], span))
    return made


def _parsed(source: Source) -> Iterator[Defined]:
    node = compose(source, [])
    if not isinstance(node, Map) or not len(node):
        return
    first = node.entries[0]
    kind = next((key for key in FIRST_KEYS if same_key(key) == same_key(first.key)), "")
    if kind in _ALONE and isinstance(first.value, Text):
        yield Defined(_ALONE[kind], str(first.value), first.value.span())
    elif kind in _TABLES:
        yield from _entries(first.value, _TABLES[kind])
    if kind == "segments":
        yield from _entries(node.get("lifecycle"), "segment")
        rfm = node.entry("rfm")
        own = {str(entry.key) for entry in first.value} if isinstance(first.value, Map) else set()
        for name, *_ in GRID if rfm is not None else ():
            if name not in own and rfm is not None:
                yield Defined("segment", name, rfm.key.span())
    for key, sort in _INSIDE.get(kind, {}).items():
        yield from _entries(node.get(key), sort)


def _entries(node: object, sort: str) -> Iterator[Defined]:
    for entry in node if isinstance(node, Map) else ():
        yield Defined(sort, str(entry.key), entry.key.span())


@dataclass(slots=True)
class Names:
    """All names of a project. Asked by sort and name; told file by file."""

    _by_path: dict[str, tuple[Defined, ...]] = field(default_factory=dict)
    _by_sort: dict[str, dict[str, list[Defined]]] = field(default_factory=dict)
    _stale: bool = False

    def tell(self, path: str, defined: Iterable[Defined]) -> bool:
        """What a file defines now. Whether that is something else than before."""
        now = tuple(defined)
        before = self._by_path.get(path, ())
        if now:
            self._by_path[path] = now
        else:
            self._by_path.pop(path, None)
        changed = [one[:2] for one in before] != [one[:2] for one in now]
        self._stale = self._stale or before != now
        return changed

    def of_file(self, path: str) -> tuple[Defined, ...]:
        """What a file defines."""
        return self._by_path.get(path, ())

    def of(self, sort: str) -> Mapping[str, list[Defined]]:
        """The names of a sort, with their places in the order of files."""
        if self._stale:
            self._by_sort.clear()
            for path in sorted(self._by_path):
                for one in self._by_path[path]:
                    self._by_sort.setdefault(one.sort, {}).setdefault(one.name, []).append(one)
            self._stale = False
        return self._by_sort.get(sort, {})

    def place(self, sort: str, name: str) -> Defined | None:
        """Where a name is given first."""
        found = self.of(sort).get(name)
        return found[0] if found else None
