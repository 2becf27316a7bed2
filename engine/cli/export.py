"""``wayline export``"""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["export"]


@click.command()
@click.argument("person")
@click.option("--store", metavar="URL", help="The store to look into: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.pass_context
def export(ctx: click.Context, person: str, store: str | None, config: Path | None) -> None:
    """Write all that is known of PERSON as JSON, for them to have: wayline export ada > ada.json

    PERSON is an id, or an address that one person has. It is as it was at one moment, whatever is at work meanwhile.
    """
    from engine.cli.naming import person_meant
    from engine.cli.opening import find_settings, opened_if_there
    from engine.clock import SystemClock
    from engine.deploy import deployed_project
    from engine.people.dossier import written
    from engine.store.called import who_is

    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as found:
        meant = person_meant(found, settings, "export", person)
        project, dossier = deployed_project(found), found.dossier(who_is(found, meant))
    if dossier is None:
        click.echo(f'Nobody called "{person}" has ever been heard of.', err=True)
        ctx.exit(1)
    for piece in written(dossier, project, SystemClock().now()):
        click.echo(piece, nl=False)
