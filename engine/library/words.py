"""The names that a file uses, as far as they can be told without compiling it.

A word too many keeps something that nobody needs; a word too few would break a project. So every
word counts that could be a name, and only what people read is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dsl.format.outline import outline
from dsl.format.writing import kind_of
from dsl.source import Text
from dsl.yaml import Items, Map, Node

__all__ = ["words_in"]

_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_NAME = re.compile(r"(?<![\w.])(?:profile\.)?([^\W\d]\w*)")
_BRACES = re.compile(r"\{[{%](.*?)[}%]\}", re.DOTALL)
_SAID = frozenset({"notes", "owner", "scenario", "title"})
_MESSAGES = frozenset({"message", "messages", "modules"})


def words_in(node: Map) -> set[str]:
    """Every word of a file that may be the name of something."""
    kind = kind_of(node)
    assert kind is not None
    rules = {id(rule) for rule in outline(kind, node).rules}
    made: set[str] = set()
    for key, text in _scalars(node, ""):
        if key in _SAID:
            continue
        prose = kind in _MESSAGES and " " in text and id(text) not in rules
        for piece in _BRACES.findall(text) if prose and not text.startswith("=") else [text]:
            made.update(_NAME.findall(_QUOTED.sub(" ", piece)))
    return made


def _scalars(node: Node, key: str) -> Iterator[tuple[str, Text]]:
    """Keys and values alike, each with the key it stands behind."""
    match node:
        case Map():
            for entry in node:
                yield "", entry.key
                yield from _scalars(entry.value, str(entry.key))
        case Items():
            for item in node:
                yield from _scalars(item, key)
        case _:
            yield key, node
