"""``wayline keys``"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import click

from engine.cli.terminal import print_json, styled

if TYPE_CHECKING:
    from dsl.calendar import Instant
    from engine.core.keys import Key

__all__ = ["keys"]

_UTC = ZoneInfo("UTC")
_SCOPES = ("ingest", "read", "write", "admin")
_ORIGINS = ("told", "observed", "partner")
_store = click.option("--store", metavar="URL", help="The store: sqlite:///wayline.db")
_config = click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings."
)


@click.group()
def keys() -> None:
    """Make, list, rotate and revoke keys: who may ask the API, and for what.

    A running daemon knows of it within seconds. The keys of the settings are not among them, and go
    on being valid.
    """


@keys.command()
@click.argument("name")
@click.option("--browser", is_flag=True, help="A key that stands in pages, for all to read.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(_SCOPES),
    help="What it is for; ingest (sending events) if nothing is said. Can be repeated.",
)
@click.option("--expires", metavar="LENGTH", help='After how long it ends: "90 days".')
@click.option(
    "--site",
    "sites",
    multiple=True,
    metavar="ADDRESS",
    help="Of a browser's key: where it may stand (https://shop.example). Can be repeated.",
)
@click.option(
    "--origin",
    type=click.Choice(_ORIGINS),
    help="How what it tells of people is known: told by them (if nothing is said), observed, or"
    " from a partner.",
)
@click.option(
    "--rate",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many events may be sent with it in a second; any number, and 1000 with --browser.",
)
@_store
@_config
def create(  # noqa: PLR0913 - click hands over each option by name
    name: str,
    scopes: tuple[Literal["ingest", "read", "write", "admin"], ...],
    expires: str | None,
    sites: tuple[str, ...],
    origin: str | None,
    rate: int | None,
    store: str | None,
    config: Path | None,
    *,
    browser: bool,
) -> None:
    """Make a key called NAME, and print it. It is shown this once: only its hash is kept."""
    from engine.access.keys import Wanted, made
    from engine.access.trail import witness
    from engine.cli.opening import find_settings, opened_or_made
    from engine.clock import SystemClock
    from engine.core.keys import BROWSER_RATE, Scope

    settings = find_settings(config, None, {"store": store})
    now = SystemClock().now()
    wanted = Wanted(
        name,
        "browser" if browser else "server",
        [Scope(each) for each in scopes] or [Scope.INGEST],
        None if expires is None else _after(now, expires, "--expires"),
        sites,
        origin or "",
        rate or (BROWSER_RATE if browser else 0),
    )
    with opened_or_made(settings.store) as found:
        witness(found, settings, "keys create", key=name, scopes=[*map(str, wanted.scopes)])
        text = made(found.keys, wanted, now)
    _show(name, text)


@keys.command("list")
@_store
@_config
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(store: str | None, config: Path | None, *, as_json: bool) -> None:
    """Say which keys there are, what they are for, and until when. Not the keys themselves."""
    from engine.cli.opening import find_settings, opened_if_there
    from engine.clock import SystemClock

    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as found:
        known = found.keys.known()
    now = SystemClock().now()
    if as_json:
        print_json([_data(key, now) for key in known])
        return
    for key in known:
        about = _data(key, now)
        click.echo(f"{styled(key.name, 'bold')}  {key.kind}, for {' and '.join(key.scopes)}")
        until = f", until {about['expires']}" if key.expires else ""
        click.echo(f"  ends in {key.last}, {about['standing']}, made {about['created']}{until}")
        if key.sites:
            click.echo(f"  on {' and '.join(key.sites)}")
    if not known:
        click.echo("There are no keys.")


@keys.command()
@click.argument("name")
@click.option(
    "--overlap",
    default="7 days",
    show_default=True,
    metavar="LENGTH",
    help="How long the key as it was stays valid.",
)
@_store
@_config
def rotate(name: str, overlap: str, store: str | None, config: Path | None) -> None:
    """Print a new key in the place of NAME. The one before stays valid for a while beside it."""
    from engine.access import keys as made_keys
    from engine.access.trail import witness
    from engine.cli.opening import find_settings, opened_if_there
    from engine.clock import SystemClock

    settings = find_settings(config, None, {"store": store})
    now = SystemClock().now()
    until = _after(now, overlap, "--overlap")
    with opened_if_there(settings.store) as found:
        witness(found, settings, "keys rotate", key=name)
        text = made_keys.rotate(found.keys, name, now, until)
    _show(name, text)
    click.echo(f"The one before is valid until {_written(until)}.", err=True)


@keys.command()
@click.argument("name")
@click.option("--ending", metavar="TEXT", help="Only the one that ends so (wayline keys list).")
@_store
@_config
def revoke(name: str, ending: str | None, store: str | None, config: Path | None) -> None:
    """Let the key NAME be valid no more. A running daemon knows within seconds."""
    from engine.access import keys as made_keys
    from engine.access.trail import witness
    from engine.cli.opening import find_settings, opened_if_there
    from engine.clock import SystemClock

    settings = find_settings(config, None, {"store": store})
    now = SystemClock().now()
    with opened_if_there(settings.store) as found:
        witness(found, settings, "keys revoke", key=name)
        count = made_keys.revoke(found.keys, name, now, ending)
    click.echo(f"{name} is revoked." if count == 1 else f"{name} is revoked: {count} keys.")


def _show(name: str, text: str) -> None:
    """The key alone on standard output, so that a script can take it."""
    click.echo(text)
    click.echo(f"This is {name}. It is not shown again.", err=True)


def _after(now: Instant, length: str, option: str) -> Instant:
    from dsl.calendar import add
    from dsl.lengths import read_length

    found = read_length(length)
    if found is None:
        raise click.UsageError(f'{option} "{length}" is not a length of time; write "90 days".')
    return add(now, found, _UTC)


def _written(at: Instant) -> str:
    from dsl.calendar import local

    return f"{local(at, _UTC):%Y-%m-%d %H:%M} UTC"


def _data(key: Key, now: Instant) -> dict[str, Any]:
    from engine.core.keys import standing_of

    return {
        "name": key.name,
        "kind": key.kind,
        "scopes": list(key.scopes),
        "ending": key.last,
        "standing": standing_of(key, now),
        "created": _written(key.created),
        "expires": None if key.expires is None else _written(key.expires),
        "revoked": None if key.revoked is None else _written(key.revoked),
        "sites": list(key.sites),
        "origin": key.origin or "told",
        "rate": key.rate or None,
    }
