"""How Meta tells things: lists that may be missing, and seconds written as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dsl.calendar import SECOND, Instant

__all__ = ["listed", "moment_of", "part"]


def listed(node: object, key: str) -> Iterator[Mapping[str, Any]]:
    """The entries of a list, if there is one."""
    found = node.get(key) if isinstance(node, Mapping) else None
    for each in found if isinstance(found, list) else ():
        if isinstance(each, Mapping):
            yield each


def part(node: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """What stands under a key, if it is a record; else an empty one."""
    found = node.get(key)
    return found if isinstance(found, Mapping) else {}


def moment_of(node: Mapping[str, Any]) -> Instant:
    """When it was; 0 if it is not said."""
    said = str(node.get("timestamp") or "")
    return int(said[:12]) * SECOND if said.isascii() and said.isdecimal() else 0
