"""What several commands need: the settings that hold here, and the store they name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from engine.config import FILE_NAME, OperatorError, Settings, read_settings
from engine.store import open_store
from engine.store.protocol import Store

__all__ = [
    "database_of",
    "find_settings",
    "opened",
    "opened_if_there",
    "opened_or_empty",
    "opened_or_made",
    "secret_of",
]

_SQLITE = "sqlite:///"


def find_settings(
    config: Path | None, folder: Path | None, over: Mapping[str, Any] | None = None
) -> Settings:
    """The settings of ``config``; else of the project's folder; else of the present one."""
    if config is None:
        places = [place / FILE_NAME for place in (folder, Path()) if place is not None]
        config = next((path for path in places if path.is_file()), None)
    return read_settings(config, os.environ, over)


def database_of(store: str) -> Path | None:
    """The file of an SQLite store; None for other stores."""
    path = store.removeprefix(_SQLITE)
    return Path(path) if path != store and path else None


@contextmanager
def opened(store: str) -> Iterator[Store]:
    """The store, closed at the end. A folder that is missing is made."""
    database = database_of(store)
    if database is not None:
        try:
            database.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OperatorError(
                f"The folder {database.parent} cannot be made: {error.strerror}."
            ) from None
    found = open_store(store)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def opened_if_there(store: str) -> Iterator[Store]:
    """A store to look into. Raises ``OperatorError`` instead of making an empty one."""
    database = database_of(store)
    if database is not None and not database.exists():
        raise OperatorError(
            f"There is no store {database}: name the one to look into with --store."
        )
    with opened(store) as found:
        yield found


@contextmanager
def opened_or_empty(store: str) -> Iterator[Store]:
    """A store to look into, as if it were empty if it is not there; nothing is made."""
    database = database_of(store)
    missing = database is not None and not database.exists()
    with opened("memory:" if missing else store) as found:
        yield found


@contextmanager
def opened_or_made(store: str) -> Iterator[Store]:
    """A store to write into. That a new one is made is said, in case another one was meant."""
    database = database_of(store)
    if database is not None and not database.exists():
        click.echo(f"The store {database} is new: --store names another one.", err=True)
    with opened(store) as found:
        yield found


def secret_of(settings: Settings, store: Store) -> tuple[bytes, bool]:
    """The daemon's own secret, and whether it lies outside the database."""
    from engine.access.links import load_secret

    if settings.secret is not None:
        return settings.secret.get_secret_value().encode(), True
    database = database_of(settings.store)
    if database is not None:
        return load_secret(database.with_name(database.name + ".secret")), True
    return store.secret(), False
