"""Procrastinate's turn: a worker and a shop.

What its documentation advises: an asynchronous worker with some concurrency, asynchronous tasks,
a pool of connections, finished jobs deleted. Worker and shop are one process, which is the
cheapest; a worker of its own would use the same statements.

    python -m benchmarks.peers.with_procrastinate USERS ADDRESS
"""

from __future__ import annotations

import asyncio
import sys

import procrastinate
from psycopg_pool import AsyncConnectionPool

from benchmarks.peers.procrastinate_tasks import application
from benchmarks.peers.shop import MESSAGES_EACH, TABLES, names, profiles
from benchmarks.peers.turn import turn

_CONCURRENCY = 20


async def _live(users: int, address: str) -> None:
    async with AsyncConnectionPool(address, min_size=4, max_size=_CONCURRENCY) as db:
        app = application(address, db, _CONCURRENCY)
        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            async with db.connection() as connection:
                for table in TABLES:
                    await connection.execute(table)
                async with connection.cursor() as cursor:
                    await cursor.executemany(
                        "insert into profiles values (%s, %s)", list(profiles(users))
                    )
            working = asyncio.create_task(
                app.run_worker_async(
                    concurrency=_CONCURRENCY,
                    fetch_job_polling_interval=1.0,
                    delete_jobs=procrastinate.jobs.DeleteJobCondition.SUCCESSFUL,
                    install_signal_handlers=False,
                )
            )
            with turn():
                for person in names(users):
                    await app.tasks["signed_up"].defer_async(person=person)
                await _all(db, users * MESSAGES_EACH)
            working.cancel()
            await asyncio.wait([working])


async def _all(db: AsyncConnectionPool, messages: int) -> None:
    while True:
        async with db.connection() as connection:
            found = await connection.execute("select count(*) from messages")
            ((count,),) = await found.fetchall()
        if count >= messages:
            return
        await asyncio.sleep(0.2)


def main() -> None:
    """Everybody goes through it."""
    asyncio.run(_live(int(sys.argv[1]), sys.argv[2]))


if __name__ == "__main__":
    main()
