"""``wayline plan``"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from engine.cli.terminal import has_colour, print_json, styled

if TYPE_CHECKING:
    from dsl.calendar import Instant
    from engine.deploy import Plan
    from engine.store.protocol import Store

__all__ = ["looked_through", "plan", "print_plan", "zone_of_store"]

_WIDEST = 100
_ABOUT_PEOPLE = frozenset({"W112"})  # what the files alone do not show
_STYLES = {
    "title": "dim",
    "journey": "bold",
    "+": "green",
    "-": "red",
    "~": "yellow",
    "stop": "red",
}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--store", metavar="URL", help="The store to compare with: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def plan(
    ctx: click.Context, folder: Path, store: str | None, config: Path | None, *, as_json: bool
) -> None:
    """Compare the project in FOLDER (here, if it is not named) with what runs. Changes nothing.

    Says what changes in which journey, how many people rest in each step, and what becomes of
    them. Exit code 1 if it cannot be deployed as it is.
    """
    from engine.cli.opening import find_settings, opened_or_empty
    from engine.clock import SystemClock
    from engine.deploy import make_plan
    from engine.deploy.show import as_data, in_a_line
    from engine.folder import project_folder

    settings = find_settings(config, folder, {"store": store})
    found = project_folder(folder)
    with opened_or_empty(settings.store) as kept:
        made = looked_through(kept, make_plan(kept, found), SystemClock().now())
    if as_json:
        print_json(as_data(made))
    else:
        print_plan(made)
        if made.possible and not made.is_idle:
            click.echo()
            named = "" if folder == Path() else f" {folder}"
            click.echo(f"{in_a_line(made)} Nothing has happened yet: wayline deploy{named}")
    ctx.exit(0 if made.possible else 1)


def looked_through(store: Store, made: Plan, now: Instant) -> Plan:
    """The plan with what only the people in the store show."""
    from dsl.diagnostics import in_order
    from engine.deploy.reach import unreachable

    more = unreachable(store, made, now)
    compiled = made.compiled
    diagnostics = tuple(in_order([*compiled.diagnostics, *more]))
    return replace(made, compiled=replace(compiled, diagnostics=diagnostics))


def zone_of_store(store: Store) -> ZoneInfo:
    """The company's zone, in which days are told; UTC as long as nobody can know it."""
    from engine.deploy.older import Archive

    current = store.deployed()
    project = None if current is None else Archive(store).project(current.number)
    return ZoneInfo(project.policy.zone if project is not None else "UTC")


def print_plan(made: Plan) -> None:
    """What would change, then what was found."""
    from dsl.render import render
    from engine.deploy.show import as_text

    if made.possible and made.is_idle:
        click.echo(f"Nothing to do: version {made.onto}, which runs, is just this.")
        return
    shown = [one for one in made.compiled.diagnostics if one.stops or one.code in _ABOUT_PEOPLE]
    left = len(made.compiled.diagnostics) - len(shown)
    width = min(_WIDEST, shutil.get_terminal_size().columns)
    compiled = made.compiled
    if made.journeys or made.house or made.possible:
        for line in as_text(made, made.zone, width=width):
            click.echo(styled(line.text, _STYLES.get(line.kind, "")))
        if compiled.diagnostics:
            click.echo()
    if shown:
        text = render(shown, compiled.sources, colour=has_colour())
        click.echo(text.rstrip("\n"), color=has_colour())
    if left:
        said = "1 warning" if left == 1 else f"{left} warnings"
        click.echo(styled(f"{said} about the files: wayline check", "dim"))
    if not made.possible:
        errors = sum(one.stops for one in compiled.diagnostics)
        click.echo()
        click.echo(f"This cannot be deployed: {errors} error{'' if errors == 1 else 's'}.")
