"""``wayline merge``"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dsl.calendar import Instant
    from engine.core.signals import MergeAsked
    from engine.store.protocol import Store

__all__ = ["merge"]


@click.command()
@click.argument("loser")
@click.argument("winner")
@click.option("--dry-run", is_flag=True, help="Only say what would be, and whether it may.")
@click.option("--store", metavar="URL", help="The store: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.pass_context
def merge(
    ctx: click.Context,
    loser: str,
    winner: str,
    store: str | None,
    config: Path | None,
    *,
    dry_run: bool,
) -> None:
    """Make LOSER and WINNER one person, who goes by the name of WINNER. It cannot be undone.

    Their histories are joined, and whatever arrives for LOSER later is WINNER's. Of consent the
    stricter counts, of attributes and addresses the later told.
    """
    from engine.access.trail import witness
    from engine.cli.opening import find_settings, opened_if_there
    from engine.clock import SystemClock

    settings = find_settings(config, None, {"store": store})
    now = SystemClock().now()
    with opened_if_there(settings.store) as found:
        asked, trouble = _asked(found, loser, winner, now)
        if trouble is None and not dry_run:
            witness(found, settings, "merge", asked.into, name=loser)
            found.append([asked])
    if trouble is not None:
        click.echo(f"{loser} and {winner} are not made one: {trouble}.", err=True)
        ctx.exit(1)
    into = "" if asked.into == winner else f", which {winner} has become"
    if dry_run:
        click.echo(f"{loser} would go into {asked.into}{into}. Nothing has been changed.")
    else:
        click.echo(f"{loser} goes into {asked.into}{into}, as soon as it is processed.")


def _asked(store: Store, loser: str, winner: str, now: Instant) -> tuple[MergeAsked, str | None]:
    """What is asked for, and why it may not be. Whoever processes it decides for good."""
    from uuid import uuid4

    from engine.core.identity import REFUSALS, Union, Unions, since
    from engine.core.signals import MergeAsked
    from engine.store.called import who_is

    into = who_is(store, winner)
    asked = MergeAsked(f"merge/{uuid4()}", loser, now, 0, into, "operator")
    views = store.people([loser, winner], ())
    for name in (loser, winner):
        if name not in views:
            return asked, f'nobody called "{name}" has ever been heard of'
    names = store.names(into)
    lately = sum(1 for each in names if each.at >= since(now))
    own = len(store.names(loser))
    unions = Unions(
        {into: Union(into, len(names), lately), loser: Union(who_is(store, loser), own, 0, own)}
    )
    merged = loser if views[loser].profile.identity.merged else ""
    reason = unions.refusal(asked, merged)
    return asked, None if reason is None else REFUSALS[reason]
