"""What stands at each place of a parsed file: a key and what it means, a sentence, a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from dsl.files.shape import Row, Written
from dsl.schema.places import (
    KINDS,
    Chosen,
    Either,
    Entries,
    Fields,
    Leaf,
    ListOf,
    Place,
    place_of,
)
from dsl.source import Text
from dsl.yaml import Items, Map, Node, same_key

__all__ = ["Key", "Name", "Spot", "Value", "character_at", "spot_at", "spots", "step_maps"]


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a table."""

    text: Text
    table: type[Written]
    row: Row
    verb: bool  # it says which table this is


@dataclass(frozen=True, slots=True)
class Name:
    """A name that the author chose, where keys stand."""

    text: Text
    what: str
    value: Node


@dataclass(frozen=True, slots=True)
class Value:
    """A text behind a key. ``around`` are the keys and values it stands among."""

    text: Text
    leaf: Leaf
    key: str
    around: Map


Spot = Key | Name | Value


def spots(kind: str, node: Map) -> Iterator[Spot]:
    """Everything in a file of this kind, in its order."""
    return _fields((KINDS[kind],), node, None)


def spot_at(kind: str, node: Map, index: int) -> Spot | None:
    """What stands at an index of the file's text."""
    for spot in spots(kind, node):
        start, end = spot.text.extent
        if start <= index <= end and (spot.text or start < end):
            return spot
    return None


def character_at(text: Text, index: int) -> int:
    """Which character of a text stands at an index of its file, or the first one behind it."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high) // 2
        if text.stands_at(middle) < index:
            low = middle + 1
        else:
            high = middle
    return low


def step_maps(node: Map) -> Iterator[Map]:
    """The steps of a journey or a fragment, however deep they stand."""
    kind = same_key(node.entries[0].key)
    for spot in spots("journey" if kind == "journey" else "fragment", node):
        if isinstance(spot, Value) and spot.key == "id" and spot.leaf.sort == "name":
            yield spot.around


def _fields(tables: tuple[type[Written], ...], node: Node, verb: str | None) -> Iterator[Spot]:
    if not isinstance(node, Map):
        return
    for entry in node:
        known = same_key(entry.key)
        for table in tables:
            row = table.row(entry.key)
            if row is not None:
                yield Key(entry.key, table, row, verb is not None and known == verb)
                yield from _place(place_of(table, row.key), entry.value, row.key, node)
                break


def _place(place: Place, node: Node, key: str, around: Map) -> Iterator[Spot]:
    inner = partial(_place, key=key, around=around)
    match place:
        case Leaf():
            yield from _texts(place, node, key, around)
        case Fields(tables):
            yield from _fields(tables, node, None)
        case Chosen(_, tables):
            yield from _chosen(place, node)
        case Entries(each, what):
            for entry in node if isinstance(node, Map) else ():
                yield Name(entry.key, what, entry.value)
                yield from inner(each, entry.value)
        case ListOf(each):
            for item in node if isinstance(node, Items) else ():
                yield from inner(each, item)
        case Either(ways):
            for way in ways:
                if _fits(way, node):
                    yield from inner(way, node)
                    break


def _chosen(place: Chosen, node: Node) -> Iterator[Spot]:
    if not isinstance(node, Map):
        return
    verbs = {same_key(verb): table for verb, table in place.tables.items()}
    for entry in node:
        known = same_key(entry.key)
        if known in verbs:
            yield from _fields((verbs[known],), node, known)
            return


def _fits(place: Place, node: Node) -> bool:
    match place:
        case Leaf():
            return isinstance(node, Text)
        case ListOf():
            return isinstance(node, Items)
        case _:
            return isinstance(node, Map)


def _texts(leaf: Leaf, node: Node, key: str, around: Map) -> Iterator[Value]:
    match node:
        case Text():
            yield Value(node, leaf, key, around)
        case Items():
            for item in node:
                yield from _texts(leaf, item, key, around)
        case Map():
            for entry in node:
                yield from _texts(leaf, entry.value, key, node)
