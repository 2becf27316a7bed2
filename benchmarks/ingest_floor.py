"""The floor of ingest: a bare Starlette application and ``executemany``, and nothing else.

A batch of calls in the Segment spec is read, its events go into one table with one index, so that
one that is sent twice is kept once; the answer is given after the commit. No value is looked at.
Same server with the same settings as ours; SQLite in WAL mode with ``synchronous=FULL``, or
PostgreSQL with every commit synced. Writing happens in a thread, so that requests can be read
meanwhile.

    python -m benchmarks.ingest_floor DATABASE
"""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import psycopg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_TABLE = """
    create table if not exists events (
        id text primary key, person text, name text, at text, document {bytes}
    )
"""
_ADD = "insert into events (id, person, name, at, document) values ({marks}) on conflict do nothing"

Row = tuple[Any, ...]
Write = Callable[[Sequence[Row]], None]


def _sqlite(path: str) -> Write:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute("pragma cache_size = -65536")
    db.execute("pragma wal_autocheckpoint = 10000")
    db.execute(_TABLE.format(bytes="blob"))
    add = _ADD.format(marks="?, ?, ?, ?, ?")

    def write(rows: Sequence[Row]) -> None:
        db.execute("begin immediate")
        db.executemany(add, rows)
        db.execute("commit")

    return write


def _postgres(address: str) -> Write:
    db = psycopg.connect(address, autocommit=True)
    db.execute(_TABLE.format(bytes="bytea"))
    add = _ADD.format(marks="%s, %s, %s, %s, %s")

    def write(rows: Sequence[Row]) -> None:
        with db.transaction(), db.cursor() as cursor:
            cursor.executemany(add, rows)

    return write


def application(write: Write) -> Starlette:
    """One address that takes batches."""
    writer = ThreadPoolExecutor(1)

    async def batch(request: Request) -> Response:
        body = orjson.loads(await request.body())
        rows = [
            (
                call["messageId"],
                call["userId"],
                call["event"],
                call["timestamp"],
                orjson.dumps(call["properties"]),
            )
            for call in body["batch"]
        ]
        await asyncio.get_running_loop().run_in_executor(writer, write, rows)
        return Response(orjson.dumps({"success": True}), media_type="application/json")

    return Starlette(routes=[Route("/v1/batch", batch, methods=["POST"])])


def main() -> None:
    """Serves until it is stopped."""
    place = sys.argv[1]
    write = _postgres(place) if place.startswith("postgresql:") else _sqlite(place)
    config = uvicorn.Config(
        application(write), log_config=None, access_log=False, ws="none", server_header=False
    )
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as port:
        port.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sys.stdout.write(f"listening on http://127.0.0.1:{port.getsockname()[1]}\n")
        sys.stdout.flush()
        uvicorn.Server(config).run([port])


if __name__ == "__main__":
    main()
