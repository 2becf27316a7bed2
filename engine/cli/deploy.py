"""``wayline deploy``"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.terminal import print_json, styled

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from dsl.project import Folder
    from engine.config import Settings
    from engine.deploy import Plan
    from engine.store.protocol import Deployment, Store

__all__ = ["can_ask", "deploy"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--list", "listing", is_flag=True, help="List what was deployed, and deploy nothing.")
@click.option(
    "--back-to", "back_to", type=click.IntRange(1), metavar="VERSION", help="Deploy an earlier one."
)
@click.option("--store", metavar="URL", help="The store to deploy to: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.option("--json", "as_json", is_flag=True, help="With --list: as JSON.")
@click.pass_context
def deploy(
    ctx: click.Context,
    folder: Path,
    back_to: int | None,
    store: str | None,
    config: Path | None,
    *,
    yes: bool,
    listing: bool,
    as_json: bool,
) -> None:
    """Let the project in FOLDER (here, if it is not named) run, after its plan has been shown.

    A running wayline serve takes it up by itself. Exactly what was shown is deployed, or nothing.
    """
    from engine.cli.opening import find_settings, opened, opened_if_there

    if as_json and not listing:
        raise click.UsageError(
            "--json goes with --list; wayline plan --json says what would change."
        )
    settings = find_settings(config, folder, {"store": store})
    opening = opened_if_there if listing or back_to is not None else opened
    with opening(settings.store) as kept:
        if listing:
            _list(kept, as_json=as_json)
            return
        wanted = _wanted(kept, folder, back_to)
        ctx.exit(_deploy(kept, settings, wanted, back_to=back_to, yes=yes))


def _wanted(store: Store, folder: Path, back_to: int | None) -> Folder:
    """The files to be deployed: of the folder, or of an earlier version."""
    from dsl.project import Folder
    from engine.folder import project_folder
    from engine.operator import OperatorError

    if back_to is None:
        return project_folder(folder)
    found = store.deployment(back_to)
    if found is None:
        raise OperatorError(f"There is no version {back_to}: wayline deploy --list shows them.")
    return Folder(found.files, ())


def _deploy(
    store: Store, settings: Settings, wanted: Folder, *, back_to: int | None, yes: bool
) -> int:
    from engine.access.trail import witness
    from engine.cli.plan import looked_through, print_plan
    from engine.clock import SystemClock
    from engine.deploy import apply_plan, make_plan
    from engine.deploy.show import in_a_line
    from engine.operator import OperatorError

    clock = SystemClock()
    plan = looked_through(store, make_plan(store, wanted), clock.now())
    print_plan(plan)
    if not plan.possible:
        if back_to is not None:
            click.echo(f"Take the files of version {back_to}, add these lines, and deploy those.")
        return 1
    if plan.is_idle:
        return 0
    click.echo()
    if not yes:
        if not can_ask():
            raise OperatorError("Nobody is there to be asked: say --yes to deploy this.")
        if not click.confirm(f"{in_a_line(plan)} Deploy this?"):
            click.echo("Nothing was changed.")
            return 0
    if back_to is None:
        witness(store, settings, "deploy", version=plan.onto + 1)
    else:
        witness(store, settings, "deploy", version=plan.onto + 1, back_to=back_to)
    done = apply_plan(store, plan, clock.now())
    if done == "overtaken":
        raise OperatorError(
            "Another version has been deployed meanwhile, so nothing was changed: see the plan"
            " again."
        )
    if done == "occupied":
        raise OperatorError(
            "Somebody has come meanwhile into a step that is removed, so nothing was changed: see"
            " the plan again."
        )
    click.echo(_said(plan))
    return 0


def can_ask() -> bool:
    """Whether somebody sits at the keyboard."""
    return sys.stdin.isatty()


def _said(plan: Plan) -> str:
    """What happens next."""
    said = f"Version {plan.onto + 1} is deployed. A running wayline serve takes it up by itself"
    people = sum(journey.people for journey in plan.journeys)
    if not people:
        return f"{said}."
    who = "the one person" if people == 1 else f"the {people:,} people"
    return f"{said}, and {who} inside bit by bit."


def _list(store: Store, *, as_json: bool) -> None:
    from engine.cli.plan import zone_of_store
    from engine.deploy.show import day_words

    zone = zone_of_store(store)
    deployments = store.deployments()
    if as_json:
        print_json([_data(each, zone, runs=each is deployments[-1]) for each in deployments])
        return
    if not deployments:
        click.echo("Nothing has been deployed in this store yet.")
    for each in reversed(deployments):
        runs = ", runs now" if each.number == deployments[-1].number else ""
        click.echo(styled(f"{each.number}  {day_words(each.deployed, zone)}{runs}", "bold"))
        for line in each.changes:
            click.echo(f"   {line}")


def _data(deployment: Deployment, zone: ZoneInfo, *, runs: bool) -> dict[str, object]:
    from dsl.calendar import local

    return {
        "number": deployment.number,
        "version": deployment.version,
        "deployed": local(deployment.deployed, zone).isoformat(),
        "changes": list(deployment.changes),
        "runs": runs,
    }
