"""``wayline erase``"""

from __future__ import annotations

from urllib.parse import quote

import click

from engine.cli.calling import call

__all__ = ["erase"]


@click.command()
@click.argument("people", nargs=-1, required=True, metavar="ID...")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="The daemon.")
@click.option("--key", envvar="WAYLINE_SEND_KEY", metavar="KEY", help="A write key of the daemon.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(people: tuple[str, ...], url: str, key: str | None, *, yes: bool) -> None:
    """Have a running daemon forget people: whatever is known of them, and where they are.

    They leave every journey, and what waits to be sent to them is not sent. What arrives of them
    later is of somebody new, who has agreed to nothing.
    """
    if not yes:
        who = people[0] if len(people) == 1 else f"{len(people)} people"
        click.confirm(f"Forget {who}? This cannot be undone.", abort=True)
    for person in people:
        if not person.strip():
            raise click.UsageError("The id of a person is not empty.")
        call("DELETE", f"{url.rstrip('/')}/v1/people/{quote(person, safe='')}", key)
        click.echo(f"{person} is forgotten as soon as the daemon gets there.")
