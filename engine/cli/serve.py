"""``wayline serve``"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import click

__all__ = ["serve"]


@click.command()
@click.option(
    "--dev",
    "folder",
    type=click.Path(path_type=Path),
    is_flag=False,
    flag_value=Path(),
    metavar="[FOLDER]",
    help="Deploy the project in FOLDER (here, if it is not named) now, and again whenever it changes"
    " and compiles. Channels without an adapter are written to files in the folder outbox.",
)
@click.option(
    "--store",
    metavar="URL",
    help="Where everything is kept: sqlite:///wayline.db or postgresql://user@host/database",
)
@click.option("--port", type=click.IntRange(0, 65535), help="Where to listen; 0 is any free port.")
@click.option(
    "--role",
    "roles",
    metavar="ROLES",
    help="What this process does, of those on one PostgreSQL: some of api,engine,dispatch. All of"
    " it, if it is not said.",
)
@click.option(
    "--backlog",
    type=click.IntRange(1),
    metavar="EVENTS",
    help="How many events may wait to be processed: beyond that, senders are told to come back"
    " later. 500000, if it is not said.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings; else wayline.toml in FOLDER or here, if there is one.",
)
@click.pass_context
def serve(
    ctx: click.Context,
    folder: Path | None,
    store: str | None,
    port: int | None,
    roles: str | None,
    backlog: int | None,
    config: Path | None,
) -> None:
    """Run journeys: take events over HTTP and hand messages over, until stopped.

    What runs is the project deployed in the store. SIGTERM and SIGINT stop it in good order:
    nothing that was accepted is lost. On PostgreSQL any number of processes may serve one store.
    """
    import asyncio
    import logging
    import os

    from engine.cli.check import print_findings
    from engine.cli.opening import database_of, find_settings, opened, secret_of
    from engine.clock import SystemClock
    from engine.config import ROLES, OperatorError
    from engine.daemon import Daemon, Told
    from engine.daemon.notify import READY, STOPPING, notify
    from engine.logs import open_log
    from engine.store.alone import Alone

    said = {"store": store, "listen.port": port, "roles": roles, "backlog": backlog}
    settings = find_settings(config, folder, said)
    database = database_of(settings.store)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a look that takes long is no news

    def listening(address: str) -> None:
        click.echo(f"listening on {address}")
        notify(READY, os.environ)

    told = Told(
        listening=listening,
        stopping=lambda: notify(STOPPING, os.environ),
        compiled=print_findings,
        log=open_log(settings.log),
    )
    with contextlib.ExitStack() as stack:
        if database is not None:
            database.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(Alone(database))
        kept = stack.enter_context(opened(settings.store))
        secret, keeps = secret_of(settings, kept)
        if len(settings.roles) < len(ROLES) and not kept.is_shared:
            raise OperatorError(
                "Only processes on one PostgreSQL can divide their work: leave --role out, or name"
                " a store like postgresql://user@host/database."
            )

        async def live() -> BaseException | None:
            serving = Daemon(
                kept, settings, secret, SystemClock(), told, folder, keeps_secret=keeps
            )
            return await serving.live()

        broken = asyncio.run(live())
    ctx.exit(0 if broken is None else 3)
