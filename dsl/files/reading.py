"""From nodes to key tables: every wrong shape becomes a finding, and the rest is still read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar, assert_never

from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.files.shape import Row, Shape, Written
from dsl.source import Text
from dsl.spelling import did_you_mean
from dsl.yaml import Entry, Items, Map, Node, same_key

__all__ = ["error", "listed", "read", "warning"]

_Table = TypeVar("_Table", bound=Written)


def error(code: str, span: Span, message: str, hint: str | None = None) -> Diagnostic:
    """A finding that stops a deploy."""
    return Diagnostic(Severity.ERROR, code, span, message, hint)


def warning(code: str, span: Span, message: str, hint: str | None = None) -> Diagnostic:
    """A finding that does not."""
    return Diagnostic(Severity.WARNING, code, span, message, hint)


def read(table: type[_Table], node: Node, what: str, found: list[Diagnostic]) -> _Table | None:
    """The table filled from ``node``; None only if ``node`` is no map.

    ``what`` is how findings call the place: ``a journey``, ``"wait"``.
    """
    if not isinstance(node, Map):
        found.append(_no_map(node, what))
        return None
    values: dict[str, Any] = {}
    keys: dict[str, Text] = {}
    for entry in node:
        row = table.row(entry.key)
        if row is None:
            found.append(_unknown(entry, what, table))
            continue
        keys[row.name] = entry.key
        value = _value(entry, row, found)
        if value is not None:
            values[row.name] = value
    found += [
        error("S07", node.span(), f'"{row.key}" is missing in {what}.')
        for row in table.table().values()
        if row.needed and row.name not in keys
    ]
    return table.of(values, keys, node.span())


def listed(node: Node, what: str, found: list[Diagnostic]) -> tuple[Node, ...]:
    """The items of a list; a finding and nothing if it is no list."""
    if isinstance(node, Items):
        return node.items
    if not (isinstance(node, Text) and not node):
        found.append(
            error(
                "S08",
                node.span(),
                f"Here should be a list: {what}.",
                'Start each part on a line of its own, with "- ".',
            )
        )
    return ()


def _value(entry: Entry, row: Row, found: list[Diagnostic]) -> Any:
    key, shape, table = row.key, row.shape, row.table
    node = entry.value
    if isinstance(node, Text) and not node:
        if shape is not Shape.ANY:
            found.append(error("S08", entry.key.span(), f'Nothing stands after "{key}".'))
            return None
        return node
    match shape:
        case Shape.TEXT:
            return _text(node, key, row.words, found)
        case Shape.TEXTS | Shape.COMMAS:
            return _texts(node, key, split=shape is Shape.COMMAS, found=found)
        case Shape.ANY:
            return node
        case Shape.MAP | Shape.LIST:
            return _structure(node, key, shape, found)
        case Shape.MODEL | Shape.MODELS:
            assert table is not None
            if shape is Shape.MODEL:
                return read(table, node, f'"{key}"', found)
            made = (read(table, item, f'"{key}"', found) for item in listed(node, key, found))
            return tuple(one for one in made if one is not None)
        case _:
            assert_never(shape)


def _structure(node: Node, key: str, shape: Shape, found: list[Diagnostic]) -> Node | None:
    """A map or a list, left as it is."""
    if isinstance(node, Map if shape is Shape.MAP else Items):
        return node
    if shape is Shape.MAP:
        found.append(_no_map(node, f'"{key}"'))
    else:
        listed(node, f'"{key}"', found)
    return None


def _text(node: Node, key: str, words: tuple[str, ...], found: list[Diagnostic]) -> Text | None:
    if not isinstance(node, Text):
        found.append(_no_text(node, f'after "{key}"'))
        return None
    if words and same_key(node) not in {same_key(word) for word in words}:
        hint = did_you_mean(node, words) or f"Possible here: {', '.join(words)}"
        found.append(error("S09", node.span(), f'"{key}" cannot be "{node}".', hint))
        return None
    return node


def _texts(node: Node, key: str, *, split: bool, found: list[Diagnostic]) -> tuple[Text, ...]:
    if isinstance(node, Text):
        return tuple(_parts(node)) if split else (node,)
    if isinstance(node, Map):
        found.append(_no_text(node, f'after "{key}"'))
        return ()
    made = []
    for item in node:
        if isinstance(item, Text) and item:
            made.append(item)
        elif isinstance(item, Text):
            found.append(error("S08", node.span(), f'An item under "{key}" is empty.'))
        else:
            found.append(_no_text(item, f'under "{key}"'))
    return tuple(made)


def _parts(text: Text) -> Iterator[Text]:
    start = 0
    for piece in text.split(","):
        part = text.part(start, start + len(piece)).trimmed()
        start += len(piece) + 1
        if part:
            yield part


def _no_map(node: Node, what: str) -> Diagnostic:
    return error(
        "S08",
        node.span(),
        f"Here should be keys with values: {what}.",
        "Write a key, a colon and a value on each line.",
    )


def _no_text(node: Node, where: str) -> Diagnostic:
    """A list or keys where one text belongs; often a text with a colon inside."""
    if isinstance(node, Map) and len(node) == 1:
        key = node.entries[0].key
        if " " in key or '"' in key:
            span = key.span(len(key), len(key))
            return error(
                "Y04",
                span,
                "There is a colon followed by a space inside this value.",
                "Put quotation marks around the whole value.",
            )
    form = "a list" if isinstance(node, Items) else "further keys"
    hint = 'For several channels: "to first of" or "to all of".' if where == 'after "to"' else None
    return error("S08", node.span(), f"One text belongs {where}, and not {form}.", hint)


def _unknown(entry: Entry, what: str, table: type[Written]) -> Diagnostic:
    known = list(table.table())
    others = [key for key in known if f'"{key}"' != what]
    hint = did_you_mean(entry.key, others) or f"Possible here: {', '.join(others) or 'nothing'}"
    return error("S04", entry.key.span(), f'"{entry.key}" does not belong to {what}.', hint)
