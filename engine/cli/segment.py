"""``wayline segment``: what is to be known of a segment, why somebody is in it, and settling who is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from engine.cli.terminal import print_json

__all__ = ["segment"]

_STORE = click.option("--store", metavar="URL", help="The store to ask: sqlite:///wayline.db")
_CONFIG = click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.group()
def segment() -> None:
    """Look into segments, say why somebody is in one, or settle anew who is."""


@segment.command()
@click.argument("names", nargs=-1)
@_STORE
@_CONFIG
@_JSON
@click.pass_context
def rebuild(
    ctx: click.Context,
    names: tuple[str, ...],
    store: str | None,
    config: Path | None,
    *,
    as_json: bool,
) -> None:
    """Hold who is in a segment against its rule.

    Of NAMES, or of every segment that journeys watch.
    Whose membership is another one than is kept has come or gone now: a running daemon takes it up
    by itself. Everybody else is left alone. It can be stopped, and done again, at any time.
    """
    from engine.access.trail import witness
    from engine.cli.audience import deployed
    from engine.cli.opening import find_settings
    from engine.clock import SystemClock

    with deployed(store, config) as (found, program):
        _check(ctx, names, program.project.segments)
        settings = find_settings(config, None, {"store": store})
        witness(found, settings, "segment rebuild", segments=list(names) or "all")
        wanted = names or program.tracked
        rebuilt = found.memberships.rebuild(program, wanted, SystemClock().now())
    if as_json:
        print_json([each._asdict() for each in rebuilt])
        return
    if not rebuilt:
        click.echo("No journey watches who enters or leaves a segment, so nothing is kept.")
    width = max((len(each.segment) for each in rebuilt), default=0)
    for each in rebuilt:
        said = [
            f"{count:,} {what}"
            for count, what in (
                (each.entered, "have come in"),
                (each.left, "have left"),
                (each.first, "are known from now on"),
            )
            if count
        ]
        kept = each.segment in program.tracked
        nothing = "as it was" if kept else "nobody watches it"
        click.echo(f"{each.segment:{width}}  {each.members:>9,}  {', '.join(said) or nothing}")


@segment.command()
@click.argument("name")
@click.option("--weeks", type=click.IntRange(1, 52), default=4, help="How far to look back.")
@_STORE
@_CONFIG
@_JSON
@click.pass_context
def inspect(
    ctx: click.Context,
    name: str,
    weeks: int,
    store: str | None,
    config: Path | None,
    *,
    as_json: bool,
) -> None:
    """Answer four questions before segment NAME is used.

    They are: how many people it has, whether they are in other segments anyhow, how many came and
    went in the last weeks, and how many can be reached on each channel.

    Nothing is changed. Earlier weeks are computed from what had happened by then; what people told
    of themselves is as it is now.
    """
    from engine.cli.audience import deployed
    from engine.cli.segment_picture import data, picture
    from engine.clock import SystemClock
    from engine.people.inspection import inspect

    with deployed(store, config) as (found, program):
        _check(ctx, [name], program.project.segments)
        told = inspect(found, program, name, SystemClock().now(), weeks)
    if as_json:
        print_json(data(told))
    else:
        click.echo(picture(told, program.zone))


@segment.command()
@click.argument("name")
@click.argument("person")
@_STORE
@_CONFIG
@_JSON
@click.pass_context
def why(
    ctx: click.Context,
    name: str,
    person: str,
    store: str | None,
    config: Path | None,
    *,
    as_json: bool,
) -> None:
    """Say whether PERSON is in segment NAME, and why.

    Each condition is told, whether it holds now, and what it was judged by.
    """
    from engine.cli.audience import deployed
    from engine.cli.naming import person_meant
    from engine.cli.opening import find_settings
    from engine.cli.segment_picture import reasons, reasons_as_data
    from engine.clock import SystemClock
    from engine.people.membership import judge

    with deployed(store, config) as (found, program):
        known = program.project.segments
        _check(ctx, [name], known)
        settings = find_settings(config, None, {"store": store})
        meant = person_meant(found, settings, "segment why", person)
        events = program.read_by(known[name].who)
        view = found.people([meant], events).get(meant)
        while view is not None and (into := view.profile.identity.merged):
            view = found.people([into], events).get(into)
        if view is None:
            click.echo(f'Nobody called "{person}" has ever been heard of.', err=True)
            ctx.exit(1)
        now = SystemClock().now()
        judged = judge(known[name], program, view, now)
    if as_json:
        print_json(reasons_as_data(known[name], view.profile.id, judged, now))
    else:
        click.echo(reasons(known[name], view.profile.id, judged))


def _check(ctx: click.Context, names: Iterable[str], known: Iterable[str]) -> None:
    """Stops at a name that is no segment."""
    from dsl.spelling import did_you_mean

    for name in names:
        if name not in known:
            hint = did_you_mean(name, known)
            click.echo(f'There is no segment "{name}". {hint or ""}'.rstrip(), err=True)
            ctx.exit(1)
