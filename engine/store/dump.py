"""A store in one file: compressed lines of JSON, a head, pieces of tables, and an end that shows
that nothing is missing.
"""

from __future__ import annotations

import gzip
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import LargeBinary

from engine.store.migrations import LATEST
from engine.store.protocol import StoreError
from engine.store.sql.moving import KEYS, Piece
from engine.store.sql.tables import SCHEMA, metadata_of_schema

__all__ = ["read", "write"]

_KIND = "wayline store"


def write(path: Path, pieces: Iterable[Piece]) -> dict[str, int]:
    """Writes a file that is not there yet, for its owner only; how many rows of each table."""
    counts = dict.fromkeys(KEYS, 0)
    path.touch(mode=0o600, exist_ok=False)
    with gzip.open(path, "wb", compresslevel=3) as file:
        head = {"file": _KIND, "schema": SCHEMA, "revision": LATEST}
        file.write(orjson.dumps(head) + b"\n")
        for piece in pieces:
            file.write(orjson.dumps(_packed(piece), option=orjson.OPT_APPEND_NEWLINE))
            counts[piece.table] += len(piece.rows)
        file.write(orjson.dumps({"rows": counts}) + b"\n")
    return counts


def read(path: Path) -> Iterator[Piece]:
    """The pieces of a file. Raises ``StoreError`` if it is none, of a newer version, or cut off."""
    counts = dict.fromkeys(KEYS, 0)
    try:
        with gzip.open(path, "rb") as file:
            head = orjson.loads(file.readline())
            if not isinstance(head, dict) or head.get("file") != _KIND:
                raise StoreError(f"{path} is not an export of a store.")
            if head["schema"] > SCHEMA:
                raise StoreError(
                    f"{path} was exported by a newer Wayline (schema {head['schema']}, this one"
                    f" knows {SCHEMA}); install that version."
                )
            for line in file:
                found = orjson.loads(line)
                if "table" not in found:
                    if counts == dict.fromkeys(KEYS, 0) | found["rows"]:
                        return
                    break
                piece = _unpacked(found)
                counts[piece.table] = counts.get(piece.table, 0) + len(piece.rows)
                yield piece
    except (OSError, EOFError, orjson.JSONDecodeError) as error:
        raise StoreError(f"{path} cannot be read: {error}.") from error
    raise StoreError(f"{path} is cut off: export again.")


def _packed(piece: Piece) -> dict[str, Any]:
    binary = _binary(piece)
    rows = [
        [
            b64encode(value).decode() if place in binary and value is not None else value
            for place, value in enumerate(row)
        ]
        for row in piece.rows
    ]
    return {"table": piece.table, "columns": piece.columns, "data": rows}


def _unpacked(found: dict[str, Any]) -> Piece:
    piece = Piece(found["table"], tuple(found["columns"]), found["data"])
    binary = _binary(piece)
    rows = [
        tuple(
            b64decode(value) if place in binary and value is not None else value
            for place, value in enumerate(row)
        )
        for row in piece.rows
    ]
    return piece._replace(rows=rows)


def _binary(piece: Piece) -> set[int]:
    """The places of the columns that are bytes."""
    table = metadata_of_schema().tables.get(piece.table)
    if table is None:
        return set()
    kinds = {column.name: column.type for column in table.columns}
    return {
        place
        for place, column in enumerate(piece.columns)
        if isinstance(kinds.get(column), LargeBinary)
    }
