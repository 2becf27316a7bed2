"""``wayline take-out``"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.core.run import Run
    from engine.store.protocol import Store

__all__ = ["take_out"]


@click.command("take-out")
@click.argument("person")
@click.argument("journey")
@click.option("--run", metavar="ID", help="Only this one of several runs.")
@click.option("--dry-run", is_flag=True, help="Only say what would be.")
@click.option("--store", metavar="URL", help="The store: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
def take_out(
    person: str,
    journey: str,
    run: str | None,
    store: str | None,
    config: Path | None,
    *,
    dry_run: bool,
) -> None:
    """Take PERSON out of JOURNEY, wherever in it they are.

    They leave at once, by no step of the journey, and what waits to be sent to them by it is not
    sent. Whether they may come in again, the journey says.
    """
    from engine.access.trail import operator, witness
    from engine.cli.opening import find_settings, opened_if_there
    from engine.clock import SystemClock
    from engine.core.ejecting import ejection

    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as found:
        runs = _inside(found, person, journey, run)
        if not dry_run:
            name = runs[0].person
            witness(found, settings, "take-out", name, journey=journey, runs=[e.id for e in runs])
            now = SystemClock().now()
            found.append([ejection(each, operator(), now) for each in runs])
    them = "" if len(runs) == 1 else f" ({len(runs)} runs)"
    if dry_run:
        click.echo(f"{person} would be taken out of {journey}{them}. Nothing has been changed.")
    else:
        click.echo(f"{person} is out of {journey}{them} as soon as it is processed.")


def _inside(store: Store, person: str, journey: str, name: str | None) -> list[Run]:
    """The runs to be left."""
    from engine.operator import OperatorError
    from engine.store.called import who_is

    who = who_is(store, person)
    view = store.people([who], ()).get(who)
    if view is None:
        raise OperatorError(f'Nobody called "{person}" has ever been heard of.')
    runs = [each for each in view.runs if each.journey == journey and each.status == "live"]
    if name is not None:
        runs = [each for each in runs if each.id == name]
    if not runs:
        inside = sorted({each.journey for each in view.runs if each.status == "live"})
        where = f"they are in {', '.join(inside)}" if inside else "they are in no journey"
        of = "" if name is None else f" with the run {name}"
        raise OperatorError(f"{person} is not in {journey}{of}: {where}.")
    return runs
