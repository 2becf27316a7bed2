"""The stores: memory for simulations and tests, a database for everything else."""

from __future__ import annotations

from pathlib import Path

from engine.store.memory import MemoryStore
from engine.store.protocol import Store, StoreError
from engine.store.sql.sqlite import SqliteDatabase
from engine.store.sql.sqlite_store import SqliteStore

__all__ = ["open_store"]

_SQLITE = "sqlite:///"


def open_store(url: str) -> Store:
    """The store at ``memory:`` or ``sqlite:///path``, created if it is not there yet.

    Raises ``StoreError`` with what the operator must put right.
    """
    if url == "memory:":
        return MemoryStore()
    path = url.removeprefix(_SQLITE)
    if path == url or not path or path == ":memory:":
        raise StoreError(
            f'"{url}" is not a store; write sqlite:///wayline.db (a file), or memory: to forget'
            " everything at the end."
        )
    return SqliteStore(SqliteDatabase(Path(path)))
