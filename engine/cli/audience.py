"""``wayline audience``"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.terminal import print_json

if TYPE_CHECKING:
    from engine.core.program import Program
    from engine.store.protocol import Store

__all__ = ["audience", "deployed"]


@click.command()
@click.argument("segment", required=False)
@click.option("--store", metavar="URL", help="The store to ask: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def audience(
    ctx: click.Context,
    segment: str | None,
    store: str | None,
    config: Path | None,
    *,
    as_json: bool,
) -> None:
    """Count the people in each segment now; with SEGMENT, name those who are in it."""
    from dsl.spelling import did_you_mean
    from engine.clock import SystemClock

    now = SystemClock().now()
    with deployed(store, config, segment) as (found, program):
        segments = program.project.segments
        if segment is None:
            sizes = {
                name: found.audience_size(each.who, program, now) for name, each in segments.items()
            }
            if as_json:
                print_json(sizes)
                return
            width = max(map(len, sizes), default=0)
            for name, size in sizes.items():
                click.echo(f"{name:{width}}  {size:>9,}")
            return
        known = segments.get(segment)
        if known is None:
            hint = did_you_mean(segment, segments)
            click.echo(f'There is no segment "{segment}". {hint or ""}'.rstrip(), err=True)
            ctx.exit(1)
        people = sorted(found.audience(known.who, program, now))
        if as_json:
            print_json(people)
        else:
            for person in people:
                click.echo(person)


@contextmanager
def deployed(
    store: str | None, config: Path | None, segment: str | None = None
) -> Iterator[tuple[Store, Program]]:
    """A store, and the project that it says runs."""
    from engine.access.trail import witness
    from engine.cli.opening import find_settings, opened_if_there
    from engine.deploy import deployed_project, program_without_texts
    from engine.operator import OperatorError

    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as found:
        project = deployed_project(found)
        if project is None:
            raise OperatorError(f"Nothing is deployed in the store {settings.store} yet.")
        if segment is not None:
            witness(found, settings, "audience", segment=segment)
        yield found, program_without_texts(project)
