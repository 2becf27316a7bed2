"""``wayline why``"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from engine.cli.terminal import print_json, styled

if TYPE_CHECKING:
    from engine.why import Memory, Names

__all__ = ["why"]

_Like: TypeAlias = "Callable[[str], list[str]]"

_STYLES = {
    "title": "bold",
    "about": "dim",
    "day": "bold",
    "sent": "green",
    "not sent": "yellow",
    "not entered": "dim",
    "waits": "dim",
}


@click.command()
@click.argument("person")
@click.option("--store", metavar="URL", help="The store to look into: sqlite:///wayline.db")
@click.option(
    "--from",
    "results",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Look into the results of wayline simulate instead.",
)
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def why(
    ctx: click.Context,
    person: str,
    store: str | None,
    results: Path | None,
    config: Path | None,
    *,
    as_json: bool,
) -> None:
    """Tell the story of PERSON, by id or address: what they did, what was sent, what was not, and why."""
    from engine.why import as_data, as_text, tell

    with contextlib.ExitStack() as stack:
        if results is not None:
            memory, names, like = stack.enter_context(_of_simulation(results))
        else:
            memory, names, person = stack.enter_context(_of_store(store, config, person))
            like = _nobody
        story = tell(memory, person, names)
        similar = like(person) if story is None else []
    if story is None:
        hint = f" Known are {', '.join(similar)}." if similar else ""
        click.echo(f'Nobody called "{person}" has ever been heard of.{hint}', err=True)
        ctx.exit(1)
    elif as_json:
        print_json(as_data(story))
    else:
        for sort, line in as_text(story):
            click.echo(styled(line, _STYLES.get(sort, "")))


def _nobody(_person: str) -> list[str]:
    return []


@contextlib.contextmanager
def _of_store(
    store: str | None, config: Path | None, person: str
) -> Iterator[tuple[Memory, Names, str]]:
    """What is known there, and the one whom ``person`` means."""
    from engine.cli.naming import person_meant
    from engine.cli.opening import find_settings, opened_if_there
    from engine.core.zones import zone_called
    from engine.deploy import deployed_project
    from engine.operator import OperatorError
    from engine.why import Names

    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as found:
        project = deployed_project(found)
        zone = zone_called(project.policy.zone) if project else None
        if project is None or zone is None:
            raise OperatorError(f"Nothing is deployed in the store {settings.store} yet.")
        meant = person_meant(found, settings, "why", person)
        yield (
            found,
            Names.of(project.plan, zone, project.segments, project.policy.categories),
            meant,
        )


@contextlib.contextmanager
def _of_simulation(folder: Path) -> Iterator[tuple[Memory, Names, _Like]]:
    from engine.operator import OperatorError
    from engine.simulate.results import Results

    try:
        results = Results(folder)
    except FileNotFoundError:
        raise OperatorError(
            f"There are no results of a simulation in {folder}: run wayline simulate first, or"
            " name its folder."
        ) from None
    with contextlib.closing(results):
        yield results, results.names, results.some_people
