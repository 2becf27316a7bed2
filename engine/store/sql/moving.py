"""A whole store as rows that any other can take in: what is common to all databases, and not how
each of them lays it out.
"""

# ruff: noqa: S608 - statements are put together from our own tables and columns

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from engine.store.protocol import StoreError
from engine.store.sql import numbers
from engine.store.sql import statements as sql
from engine.store.sql.session import Row, Session
from engine.store.sql.statements import Add, Remove
from engine.store.sql.tables import metadata_of_schema

__all__ = ["KEYS", "Piece", "pieces", "take"]

_AT_A_TIME = 2000
_REPLACED = Remove("meta", "name")
_OWN = {("standings", "place")}  # where SQLite has put a row
_NOT_MOVED = ("schema", "tidied")  # what the other store says of itself

KEYS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "people": ("number",),
        "standings": ("person",),
        "closed_runs": ("number",),
        "log": ("number",),
        "inbox": ("person", "number"),
        "deliveries": ("number",),
        "contents": ("number",),
        "calls": ("number",),
        "decisions": ("number",),
        "edges": (),  # counted together
        "deployments": ("number",),
        "assignments": ("number",),
        "counts": ("subject", "what"),
        "snapshots": ("subject", "at"),
        "set_aside": ("person",),
        "consents": ("number",),
        "merges": ("person",),
        "origins": ("person",),
        "deeds": ("number",),
        "gates": ("name",),
        "numbers": ("number", "person"),
        "said": ("name",),
        "keys": ("hash",),
        "strays": ("number",),
        "oddities": ("day", "event", "property", "what"),
        "hooks": ("id",),
        "hook_words": ("number",),
        "meta": ("name",),
    }
)
"""Every table, people first, and by what its rows are in order."""


class Piece(NamedTuple):
    """Some rows of a table."""

    table: str
    columns: tuple[str, ...]
    rows: list[Row]


def pieces(session: Session) -> Iterator[Piece]:
    """Everything, a little at a time, as it was when the transaction began."""
    tables = metadata_of_schema("sqlite").tables
    for table, keys in KEYS.items():
        columns = tuple(c.name for c in tables[table].columns if (table, c.name) not in _OWN)
        if not keys:
            yield Piece(table, columns, session.rows(sql.EDGES))
            continue
        wanted = f"select {', '.join(columns)} from {table}"
        after = f"where ({', '.join(keys)}) > ({', '.join('?' * len(keys))})"
        end = f"order by {', '.join(keys)} limit ?"
        places = [columns.index(key) for key in keys]
        rows = session.rows(f"{wanted} {end}", (_AT_A_TIME,))
        while rows:
            last = [rows[-1][place] for place in places]
            kept = [row for row in rows if table != "meta" or row[0] not in _NOT_MOVED]
            yield Piece(table, columns, kept)
            rows = session.rows(f"{wanted} {after} {end}", (*last, _AT_A_TIME))


def take(
    session: Session, given: Iterable[Piece], lay_out: Callable[[Piece], Piece]
) -> dict[str, int]:
    """Writes everything into an empty store; how many rows of each table. ``lay_out`` adds what
    this database keeps beside.
    """
    for table in ("people", "deployments", "log", "said"):
        if session.rows(f"select 1 from {table} limit 1"):
            raise StoreError(
                "There is something in this store already: import into an empty one, so that"
                " nothing is mixed up."
            )
    counts = dict.fromkeys(KEYS, 0)
    for piece in given:
        if piece.table not in KEYS:
            raise StoreError(
                f"This file has {piece.table}, which this version does not know: it was exported"
                " by a newer Wayline; install that version."
            )
        laid = lay_out(piece)
        if laid.table == "meta":  # an empty store may have made up secrets of its own
            session.many(_REPLACED, [(name,) for name, *_ in laid.rows])
        session.many(Add(laid.table, *laid.columns), laid.rows)
        counts[piece.table] += len(piece.rows)
    numbers.fill(session)  # as far as the version that exported it did not know whose they are
    return counts
