"""DBOS's turn: one workflow for each person, which sleeps and takes steps.

What its documentation shows: workflows and steps that are coroutines, durable sleep, the system
tables in PostgreSQL. The rule is checked in the step that writes the message, so that there is one
step fewer to be kept.

    python -m benchmarks.peers.with_dbos USERS ADDRESS
"""

from __future__ import annotations

import asyncio
import sys

from dbos import DBOS
from psycopg_pool import AsyncConnectionPool

from benchmarks.peers.shop import LOOK, TABLES, WAIT, WRITE, body, is_big_spender, names, profiles
from benchmarks.peers.turn import turn

_CONNECTIONS = 20


async def _live(users: int, address: str) -> None:
    async with AsyncConnectionPool(address, min_size=4, max_size=_CONNECTIONS) as db:
        DBOS(
            config={
                "name": "welcome",
                "system_database_url": address.replace("postgresql:", "postgresql+psycopg:"),
                "sys_db_pool_size": _CONNECTIONS,
                "log_level": "ERROR",
                "enable_otlp": False,
            }
        )

        @DBOS.step()
        async def hello(person: str) -> None:
            async with db.connection() as connection:
                ((profile,),) = await (await connection.execute(LOOK, (person,))).fetchall()
                if is_big_spender(profile):
                    await connection.execute(WRITE, (person, "hello", body(profile)))

        @DBOS.step()
        async def again(person: str) -> None:
            async with db.connection() as connection:
                ((profile,),) = await (await connection.execute(LOOK, (person,))).fetchall()
                await connection.execute(WRITE, (person, "again", body(profile)))

        @DBOS.workflow()
        async def welcome(person: str) -> None:
            await DBOS.sleep_async(WAIT)
            await hello(person)
            await DBOS.sleep_async(WAIT)
            await again(person)

        DBOS.launch()
        async with db.connection() as connection:
            for table in TABLES:
                await connection.execute(table)
            async with connection.cursor() as cursor:
                await cursor.executemany(
                    "insert into profiles values (%s, %s)", list(profiles(users))
                )
        with turn():
            under_way = [await DBOS.start_workflow_async(welcome, name) for name in names(users)]
            for each in under_way:
                await each.get_result()
        DBOS.destroy()


def main() -> None:
    """Everybody goes through it."""
    asyncio.run(_live(int(sys.argv[1]), sys.argv[2]))


if __name__ == "__main__":
    main()
