"""``wayline erase``"""

from __future__ import annotations

from urllib.parse import quote

import click

from engine.cli.calling import call, look
from engine.cli.naming import only_one

__all__ = ["erase"]


@click.command()
@click.argument("people", nargs=-1, required=True, metavar="ID...")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="The daemon.")
@click.option("--key", envvar="WAYLINE_SEND_KEY", metavar="KEY", help="A write key of the daemon.")
@click.option("--id", "by_id", is_flag=True, help="Take what looks like an address for an id.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(people: tuple[str, ...], url: str, key: str | None, *, by_id: bool, yes: bool) -> None:
    """Have a running daemon forget people: whatever is known of them, and where they are.

    Each is named by an id, or by an address that one person has; to look that up, the key needs the
    scope read as well. They leave every journey, and what waits to be sent to them is not sent. What arrives of them
    later is of somebody new, who has agreed to nothing.
    """
    for person in people:
        if not person.strip():
            raise click.UsageError("The id of a person is not empty.")
    base = f"{url.rstrip('/')}/v1/people"
    if not by_id:
        people = tuple(_meant(person, base, key) for person in people)
    if not yes:
        who = people[0] if len(people) == 1 else f"{len(people)} people"
        click.confirm(f"Forget {who}? This cannot be undone.", abort=True)
    for person in people:
        call("DELETE", f"{base}/{quote(person, safe='')}", key)
        click.echo(f"{person} is forgotten as soon as the daemon gets there.")


def _meant(person: str, base: str, key: str | None) -> str:
    """Who is meant: whoever is called so, or else the one who has this address."""
    from engine.core.numbers import found_in

    if found_in(person) is None or look(f"{base}/{quote(person, safe='')}", key) is not None:
        return person
    found = look(f"{base}?address={quote(person, safe='')}", key) or {"items": []}
    return only_one(person, [each["id"] for each in found["items"]])
