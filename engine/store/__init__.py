"""The stores: memory for simulations and tests, a database for everything else."""

from __future__ import annotations

import re
from pathlib import Path

from engine.store.memory import MemoryStore
from engine.store.protocol import Store, StoreError

__all__ = ["is_postgresql", "open_store"]

_SQLITE = "sqlite:///"
_POSTGRESQL = ("postgresql://", "postgres://")


def open_store(url: str) -> Store:
    """The store at ``memory:``, ``sqlite:///path`` or ``postgresql://user@host/database``. What is
    kept in it is made if it is not there yet (but no PostgreSQL database).

    Raises ``StoreError`` with what the operator must put right.
    """
    if url == "memory:":
        return MemoryStore()
    if is_postgresql(url):
        try:
            from engine.store.postgres.store import PostgresStore  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise StoreError(
                'PostgreSQL needs a library of its own: pip install "wayline[postgres]".'
            ) from error
        return PostgresStore.at(url)
    path = url.removeprefix(_SQLITE)
    if path == url or not path or path == ":memory:":
        raise StoreError(
            f'"{_without_password(url)}" is not a store; write sqlite:///wayline.db (a file),'
            " postgresql://user@host/database, or memory: to forget everything at the end."
        )
    # Only now: whoever simulates needs no database, and neither the memory it takes.
    from engine.store.sql.sqlite import SqliteDatabase  # noqa: PLC0415
    from engine.store.sql.sqlite_store import SqliteStore  # noqa: PLC0415

    return SqliteStore(SqliteDatabase(Path(path)))


def is_postgresql(url: str) -> bool:
    """Whether an address is one of PostgreSQL."""
    return url.startswith(_POSTGRESQL)


def _without_password(url: str) -> str:
    return re.sub(r"(?<=://)[^/@]*@", "", url)
