"""``wayline db``"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.cli.prune import prune

if TYPE_CHECKING:
    from engine.store.sql.store import SqlStore

__all__ = ["db"]

_F = TypeVar("_F", bound=Callable[..., Any])


def _of_a_store(command: _F) -> _F:
    """The options that say which store is meant."""
    store = click.option(
        "--store", metavar="URL", help="sqlite:///wayline.db or postgresql://user@host/database"
    )
    config = click.option(
        "--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings."
    )
    return store(config(command))


@click.group()
def db() -> None:
    """Look after a store: its tables, and moving it to another database."""


@db.command()
@_of_a_store
def upgrade(store: str | None, config: Path | None) -> None:
    """Bring the tables of a store up to date. Processes of the version before may go on meanwhile.

    A file is also brought up to date by whatever opens it first.
    """
    from engine.cli.opening import find_settings, opened_if_there
    from engine.store import is_postgresql
    from engine.store.migrations import LATEST

    url = find_settings(config, None, {"store": store}).store
    if is_postgresql(url):
        from engine.store.postgres.database import PostgresDatabase

        database = PostgresDatabase(url, change=True)
        database.close()
        for revision in database.changed:
            click.echo(f"made change {revision}")
    else:
        with opened_if_there(url):
            pass
    click.echo(f"The tables are up to date (change {LATEST}).")


@db.command()
@_of_a_store
def check(store: str | None, config: Path | None) -> None:
    """Say whether the tables of a store are up to date, and what it holds."""
    with _opened(store, config) as found:
        counts: dict[str, int] = {}
        for piece in found.export():
            counts[piece.table] = counts.get(piece.table, 0) + len(piece.rows)
    click.echo("The tables are up to date.")
    _tell(counts)


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@_of_a_store
def export(file: Path, store: str | None, config: Path | None) -> None:
    """Write a whole store to FILE. Nothing may be at work on it meanwhile."""
    from engine.access.trail import witness
    from engine.cli.opening import database_of, find_settings
    from engine.config import OperatorError
    from engine.store import dump
    from engine.store.sql.moving import Piece

    database = database_of(find_settings(config, None, {"store": store}).store)
    secret = None if database is None else database.with_name(database.name + ".secret")

    def everything(found: SqlStore) -> Iterator[Piece]:
        yield from found.export()
        if secret is not None and secret.exists():  # links in letters that are out stay valid
            yield Piece("meta", ("name", "value"), [("secret", secret.read_text().strip())])

    with _opened(store, config, alone=True) as found:
        witness(found, find_settings(config, None, {"store": store}), "db export")
        try:
            counts = dump.write(file, everything(found))
        except FileExistsError:
            raise OperatorError(f"{file} is there already: name another file.") from None
        except OSError as error:
            raise OperatorError(f"{file} cannot be written: {error.strerror}.") from None
    _tell(counts)


@db.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@_of_a_store
def import_(file: Path, store: str | None, config: Path | None) -> None:
    """Read FILE, written by wayline db export, into an empty store."""
    from engine.access.trail import witness
    from engine.cli.opening import find_settings
    from engine.store import dump

    with _opened(store, config, alone=True, there=False) as found:
        counts = found.take(dump.read(file))
        witness(found, find_settings(config, None, {"store": store}), "db import", file=file.name)
    _tell(counts)


db.add_command(prune)


@contextlib.contextmanager
def _opened(
    store: str | None, config: Path | None, *, alone: bool = False, there: bool = True
) -> Iterator[SqlStore]:
    from engine.cli.opening import database_of, find_settings, opened, opened_if_there
    from engine.config import OperatorError
    from engine.store.alone import Alone
    from engine.store.sql.store import SqlStore

    url = find_settings(config, None, {"store": store}).store
    with contextlib.ExitStack() as stack:
        database = database_of(url)
        if alone and database is not None and (database.exists() or not there):
            database.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(Alone(database))
        found = stack.enter_context(opened_if_there(url) if there else opened(url))
        if not isinstance(found, SqlStore):
            raise OperatorError("A store in memory is empty: name another one with --store.")
        yield found


def _tell(counts: dict[str, int]) -> None:
    people, log = counts.get("people", 0), counts.get("log", 0)
    waiting, deliveries = counts.get("inbox", 0), counts.get("deliveries", 0)
    click.echo(
        f"{people} people, {log} arrivals ({waiting} of them wait), {deliveries} deliveries."
    )
