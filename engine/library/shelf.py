"""What stands in the library: its files, and its journeys by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import journeys
from dsl.compose import compose
from dsl.project import read_folder
from dsl.source import Source, Text
from dsl.yaml import Map

__all__ = ["Shelf", "Title", "opened_library"]

_POLICY = "policy.yaml"


class Title(NamedTuple):
    """A journey of the library."""

    name: str
    title: str


class Shelf(NamedTuple):
    """The library. Each journey has a folder of its own name; all else is shared."""

    files: Mapping[str, str]
    maps: Mapping[str, Map]
    journeys: tuple[Title, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that everything is written in."""
        return tuple(each.strip() for each in self._policy("languages").split(","))

    @property
    def company(self) -> str:
        """The company that the texts speak of, as it calls itself in rules."""
        return self._policy("policy")

    def _policy(self, key: str) -> str:
        value = self.maps[_POLICY].get(key)
        assert isinstance(value, Text)
        return str(value)


def opened_library() -> Shelf:
    """The library as it was installed."""
    assert journeys.__file__ is not None
    files = read_folder(Path(journeys.__file__).parent).files
    maps = {path: _map(path, text) for path, text in files.items()}
    titles = [
        Title(str(node.get("journey")), str(node.get("title")))
        for path, node in maps.items()
        if path.endswith("/journey.yaml")
    ]
    return Shelf(files, MappingProxyType(maps), tuple(titles))


def _map(path: str, text: str) -> Map:
    node = compose(Source(path, text), [])
    assert isinstance(node, Map), path
    return node
