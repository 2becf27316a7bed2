"""``wayline serve``"""

from __future__ import annotations

import contextlib
import secrets
import sys
from pathlib import Path

import click

__all__ = ["serve"]


@click.command()
@click.option(
    "--dev",
    "folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Deploy the project in FOLDER now, and again whenever it changes and compiles. Channels"
    " without an adapter are written to files in the folder outbox.",
)
@click.option("--store", metavar="URL", help="Where everything is kept: sqlite:///wayline.db")
@click.option("--port", type=click.IntRange(0, 65535), help="Where to listen; 0 is any free port.")
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
    config: Path | None,
) -> None:
    """Run journeys: take events over HTTP and hand messages over, until stopped.

    What runs is the project deployed in the store. SIGTERM and SIGINT stop it in good order:
    nothing that was accepted is lost.
    """
    import asyncio
    import logging

    from engine.alone import Alone
    from engine.cli.check import print_findings
    from engine.cli.opening import database_of, find_settings, opened
    from engine.clock import SystemClock
    from engine.daemon import Daemon, Told
    from engine.links import load_secret
    from engine.logs import open_log

    settings = find_settings(config, folder, {"store": store, "listen.port": port})
    database = database_of(settings.store)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a look that takes long is no news
    told = Told(
        listening=lambda address: click.echo(f"listening on {address}"),
        compiled=print_findings,
        log=open_log(settings.log),
    )
    with contextlib.ExitStack() as stack:
        if database is not None:
            database.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(Alone(database))
        kept = stack.enter_context(opened(settings.store))
        if settings.secret is not None:
            secret = settings.secret.get_secret_value().encode()
        elif database is not None:
            secret = load_secret(database.with_name(database.name + ".secret"))
        else:
            secret = secrets.token_bytes(32)

        async def live() -> BaseException | None:
            return await Daemon(kept, settings, secret, SystemClock(), told, folder).live()

        broken = asyncio.run(live())
    ctx.exit(0 if broken is None else 3)
