"""Procrastinate: three tasks in PostgreSQL, of which each defers the next one for later."""

from __future__ import annotations

import procrastinate
from psycopg_pool import AsyncConnectionPool

from benchmarks.peers.shop import LOOK, WAIT, WRITE, body, is_big_spender

__all__ = ["application"]

_LATER = {"seconds": int(WAIT)}


def application(address: str, db: AsyncConnectionPool, connections: int) -> procrastinate.App:
    """The tasks on a database, with people and messages in ``db``."""
    connector = procrastinate.PsycopgConnector(conninfo=address, max_size=connections)
    app = procrastinate.App(connector=connector)

    @app.task(name="signed_up")
    async def signed_up(person: str) -> None:
        await hello.configure(schedule_in=_LATER).defer_async(person=person)

    @app.task(name="hello")
    async def hello(person: str) -> None:
        async with db.connection() as connection:
            ((profile,),) = await (await connection.execute(LOOK, (person,))).fetchall()
            if is_big_spender(profile):
                await connection.execute(WRITE, (person, "hello", body(profile)))
        await again.configure(schedule_in=_LATER).defer_async(person=person)

    @app.task(name="again")
    async def again(person: str) -> None:
        async with db.connection() as connection:
            ((profile,),) = await (await connection.execute(LOOK, (person,))).fetchall()
            await connection.execute(WRITE, (person, "again", body(profile)))

    return app
