"""``wayline set-aside``"""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from engine.cli.terminal import print_json, styled

__all__ = ["set_aside"]

_UTC = ZoneInfo("UTC")
_store = click.option("--store", metavar="URL", help="The store: sqlite:///wayline.db")
_config = click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings."
)


@click.group()
def set_aside() -> None:
    """List people whose signals cannot be processed because of a bug, or release them.

    Nothing of them is done, and nothing is lost, while everybody else goes on. They are released by
    a deploy as well, and whenever wayline serve begins.
    """


@set_aside.command("list")
@_store
@_config
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(store: str | None, config: Path | None, *, as_json: bool) -> None:
    """Say who is set aside, since when, and why. In logs they are called by their nickname."""
    from dsl.calendar import local
    from engine.access.trail import witness
    from engine.cli.opening import find_settings, opened_if_there
    from engine.runner.faults import nickname

    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as opened:
        witness(opened, settings, "set-aside list")
        found = [(each, local(each.since, _UTC)) for each in opened.set_aside()]
    if as_json:
        print_json(
            [
                {
                    "person": each.person,
                    "nickname": nickname(each.person),
                    "since": at.isoformat(),
                    "reason": each.reason,
                }
                for each, at in found
            ]
        )
        return
    for each, at in found:
        click.echo(styled(each.person, "bold"))
        click.echo(f"  since {at:%Y-%m-%d %H:%M} UTC, in logs {nickname(each.person)}")
        click.echo(f"  {each.reason}")
    if not found:
        click.echo("Nobody is set aside.")


@set_aside.command()
@click.argument("people", nargs=-1, metavar="[PERSON]...")
@click.option("--all", "everybody", is_flag=True, help="All who are set aside.")
@_store
@_config
def release(
    people: tuple[str, ...], store: str | None, config: Path | None, *, everybody: bool
) -> None:
    """Let PERSON be processed again, with everything that waited, in its order."""
    from engine.access.trail import witness
    from engine.cli.opening import find_settings, opened_if_there
    from engine.clock import SystemClock

    if everybody == bool(people):
        raise click.UsageError("Name the people to be released, or say --all.")
    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as opened:
        aside = {each.person for each in opened.set_aside()}
        others = [person for person in people if person not in aside]
        if others:
            raise click.UsageError(f"{others[0]} is not set aside.")
        witness(opened, settings, "set-aside release", people=len(people) or "all")
        count = opened.release(SystemClock().now(), people or None)
    who = "1 person is" if count == 1 else f"{count} people are"
    click.echo(f"{who} released. If it happens again, they are set aside again.")
