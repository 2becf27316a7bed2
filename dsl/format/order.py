"""The head of a journey in the order of its key table. Comments and blank lines go along."""

from __future__ import annotations

from dsl.files.journey import JourneyFile
from dsl.source import Source
from dsl.yaml import Map, same_key

__all__ = ["in_key_order"]


def in_key_order(source: Source, node: Map) -> str:
    """The text with the keys of the head in order; as it was if they are, or stand in brackets.

    What the language does not know stays behind the key it followed.
    """
    if source.text[source.starts[node.start.line - 1] :].lstrip().startswith("{"):
        return source.text
    ranks = {same_key(key): rank for rank, key in enumerate(JourneyFile.table())}
    starts = [_first_line(source, source.position(entry.key.extent[0])[0]) for entry in node]
    starts[0] = 1  # what opens the file stays at its top
    lines = source.text.rstrip("\n").split("\n")
    ends = [start - 1 for start in starts[1:]] + [_first_line(source, len(lines) + 1) - 1]
    blocks = [lines[start - 1 : end] for start, end in zip(starts, ends, strict=True)]
    places = [-1]
    for entry in node.entries[1:]:
        places.append(ranks.get(same_key(entry.key), places[-1]))
    order = sorted(range(len(blocks)), key=lambda number: places[number])
    if order == list(range(len(blocks))):
        return source.text
    moved = [line for number in order for line in blocks[number]]
    return "\n".join([*moved, *lines[ends[-1] :], ""])


def _first_line(source: Source, line: int) -> int:
    """The first of the blank lines and comments above a key that go with it."""
    first = line
    while first > 1 and (not (above := source.line(first - 1)).strip() or above.startswith("#")):
        first -= 1
    return first
