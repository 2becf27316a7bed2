"""YAML as structure only: texts, maps and lists that know where they stand.

No constructor runs, so nothing has a type before the key it belongs to gives it one
(language reference, section 3.1). Anchors, aliases, merge keys, tags and several documents in
one file are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from dsl.diagnostics import Span
from dsl.source import Text

__all__ = ["Entry", "Items", "Map", "Node", "same_key"]


def same_key(key: str) -> str:
    """The form in which keys are compared: without case, ``_``, ``-`` and blanks."""
    return "".join(key.casefold().replace("_", " ").replace("-", " ").split())


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a map."""

    key: Text
    value: Node


@dataclass(frozen=True, slots=True)
class Map:
    """Keys and values in the order of the file. No key is there twice.

    ``end`` is the index in the file behind the closing bracket, if it is written in brackets.
    """

    entries: tuple[Entry, ...]
    start: Span
    end: int = field(default=0, compare=False)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def entry(self, key: str) -> Entry | None:
        """The entry with this key, however it is spelt."""
        wanted = same_key(key)
        return next((entry for entry in self.entries if same_key(entry.key) == wanted), None)

    def get(self, key: str) -> Node | None:
        """The value of this key, or None."""
        entry = self.entry(key)
        return None if entry is None else entry.value

    def span(self) -> Span:
        """Where it begins: its first key, or its bracket."""
        return self.entries[0].key.span() if self.entries else self.start


@dataclass(frozen=True, slots=True)
class Items:
    """A list, in the order of the file. ``end`` as in a map."""

    items: tuple[Node, ...]
    start: Span
    end: int = field(default=0, compare=False)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def span(self) -> Span:
        """Where it begins: its first dash, or its bracket."""
        return self.start


Node: TypeAlias = Text | Map | Items
