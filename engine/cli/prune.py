"""``wayline db prune``"""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path

import click

__all__ = ["prune"]


@click.command()
@click.option(
    "--store", metavar="URL", help="sqlite:///wayline.db or postgresql://user@host/database"
)
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.option("--dry-run", "dry", is_flag=True, help="Only say what would go.")
def prune(store: str | None, config: Path | None, *, dry: bool) -> None:
    """Let go of what the policy says is kept long enough, as a daemon does every night.

    Nothing that a journey could still ask about goes. Processes may be at work meanwhile.
    """
    from engine.access.trail import witness
    from engine.cli.opening import find_settings, opened_if_there
    from engine.clock import SystemClock
    from engine.config import OperatorError
    from engine.deploy import running
    from engine.keeper import Keeper, keeping_of

    settings = find_settings(config, None, {"store": store})
    url = settings.store
    with contextlib.ExitStack() as stack:
        opened = stack.enter_context(opened_if_there(url))
        found = running(opened)
        if found is None:
            raise OperatorError(f"Nothing is deployed in the store {url} yet.")
        keeping = keeping_of(found.project, [each.machine for each in found.older.values()])
        now, keeper = SystemClock().now(), Keeper(opened, dry=dry)
        gone: Counter[str] = Counter()
        if not dry:
            witness(opened, settings, "db prune")
        while (kept := keeper.run_once(keeping, now)).more:
            gone.update(kept.gone)
        if not dry:
            opened.tidy()
    told = ", ".join(f"{count} {what}" for what, count in gone.items() if count)
    if not told:
        click.echo("There is nothing that nobody needs any more.")
    else:
        click.echo(f"{'Would go' if dry else 'Gone'}: {told}.")
