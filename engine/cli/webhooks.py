"""``wayline webhooks``"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from engine.cli.terminal import print_json, styled

if TYPE_CHECKING:
    from dsl.calendar import Instant
    from engine.config import Settings
    from engine.core.hooks import Hook
    from engine.hooks import Hooks
    from engine.store.protocol import Store

__all__ = ["webhooks"]

_store = click.option("--store", metavar="URL", help="The store: sqlite:///wayline.db")
_config = click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings."
)


class _Opened(NamedTuple):
    store: Store
    settings: Settings
    hooks: Hooks
    now: Instant


@click.group()
def webhooks() -> None:
    """Say who is told of what happens, and have others told.

    A running daemon knows of it at once. Those of wayline.toml are listed as well, and changed there.
    """


@webhooks.command("list")
@_store
@_config
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(store: str | None, config: Path | None, *, as_json: bool) -> None:
    """Say where to, of what, and how it goes: since when nothing is taken, and why."""
    from engine.cli.opening import find_settings, opened_if_there

    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as found:
        known = found.hooks.known()
    if as_json:
        print_json([_data(each) for each in known])
        return
    for each in known:
        click.echo(f"{styled(each.id, 'bold')}  {each.url}")
        about = f"  ({each.about})" if each.about else ""
        click.echo(f"  {', '.join(each.sorts)}{about}")
        last = f", the last at {_written(each.last)}" if each.last else ""
        click.echo(f"  {each.told:,} taken{last}")
        if each.disabled:
            click.echo(f"  told nothing any more: {each.disabled}")
        elif each.failing:
            click.echo(f"  takes nothing since {_written(each.failing)}: {each.reason}")
            click.echo(f"  tried {each.attempts} times, again at {_written(each.due)}")
    if not known:
        click.echo("Nobody is told of anything.")


@webhooks.command()
@click.argument("url")
@click.option(
    "--event",
    "events",
    multiple=True,
    required=True,
    metavar="NAME",
    help="Of what: message.sent, journey.*, or * for everything. Can be repeated.",
)
@click.option("--about", default="", metavar="TEXT", help="What it is for, in your words.")
@_store
@_config
def add(
    url: str, events: tuple[str, ...], about: str, store: str | None, config: Path | None
) -> None:
    """Have URL told of what happens from now on. Its secret is printed, and is not shown again."""
    from engine.hooks.managing import LONGEST_ABOUT, fresh_id
    from engine.operator import OperatorError

    if len(about) > LONGEST_ABOUT:
        raise click.UsageError(f"--about must have at most {LONGEST_ABOUT} characters.")
    with _opened(store, config) as opened:
        managing = opened.hooks.managing
        if mistake := managing.wrong(url, events):
            raise OperatorError(mistake.replace('"url"', url, 1))
        name = fresh_id()
        _told(opened, "webhooks add", name)
        made = managing.make(name, url, events, about, opened.now)
        if made is None:
            raise OperatorError("There are too many webhooks: take one away that nobody needs.")
        _show(opened, made)


@webhooks.command()
@click.argument("name", metavar="ID")
@_store
@_config
def remove(name: str, store: str | None, config: Path | None) -> None:
    """Tell nothing more there."""
    with _opened(store, config) as opened:
        hook = _own(opened, name)
        _told(opened, "webhooks remove", name)
        opened.store.hooks.remove(hook.id)
    click.echo(f"{hook.url} is told nothing more.")


@webhooks.command()
@click.argument("name", metavar="ID")
@_store
@_config
def rotate(name: str, store: str | None, config: Path | None) -> None:
    """Print a new secret. The one before signs as well for a day."""
    from engine.operator import OperatorError

    with _opened(store, config) as opened:
        _named(opened, name)
        _told(opened, "webhooks rotate", name)
        rotated = opened.hooks.managing.rotate(name, opened.now)
        if rotated is None:
            raise OperatorError(f"There is no webhook {name} any more.")
        _show(opened, rotated)
    click.echo(f"The one before signs as well until {_written(rotated.overlap)}.", err=True)


@webhooks.command()
@click.argument("name", metavar="ID")
@_store
@_config
@click.pass_context
def test(ctx: click.Context, name: str, store: str | None, config: Path | None) -> None:
    """Send a message of the sort webhook.test, now and from this machine."""
    import asyncio

    from engine.hooks import Relay

    with _opened(store, config) as opened:
        hook = _named(opened, name)
        _told(opened, "webhooks test", name)
        relay = opened.hooks.relay
        assert relay is not None

        async def tried(relay: Relay) -> str:
            try:
                return await relay.try_out(hook, opened.now)
            finally:
                await relay.close()

        reason = asyncio.run(tried(relay))
    if reason:
        click.echo(f"{hook.url} did not take it: {reason}.", err=True)
        ctx.exit(1)
    click.echo(f"{hook.url} took it.")


@webhooks.command()
@click.argument("name", metavar="ID")
@_store
@_config
def on(name: str, store: str | None, config: Path | None) -> None:
    """Go on where it stopped, as far as what happened is still kept."""
    with _opened(store, config) as opened:
        _own(opened, name)
        _told(opened, "webhooks on", name)
        hook = opened.hooks.managing.switch(name, on=True)
    click.echo(f"{hook.url if hook else name} is told of what happens.")


@webhooks.command()
@click.argument("name", metavar="ID")
@_store
@_config
def off(name: str, store: str | None, config: Path | None) -> None:
    """Tell nothing there until it is switched on again."""
    with _opened(store, config) as opened:
        hook = _own(opened, name)
        _told(opened, "webhooks off", name)
        opened.hooks.managing.switch(name, on=False)
    click.echo(f"{hook.url} is told nothing until wayline webhooks on {name}.")


@contextmanager
def _opened(store: str | None, config: Path | None) -> Iterator[_Opened]:
    from engine.cli.opening import find_settings, opened_if_there, secret_of
    from engine.clock import SystemClock
    from engine.hooks import NO_KEY, open_hooks
    from engine.operator import OperatorError

    settings = find_settings(config, None, {"store": store})
    clock = SystemClock()
    with opened_if_there(settings.store) as found:
        secret, outside = secret_of(settings, found)
        if not outside:
            raise OperatorError(NO_KEY)
        sending = settings.model_copy(
            update={"roles": ("dispatch",)}
        )  # from here, whatever it does
        yield _Opened(found, settings, open_hooks(found, sending, secret, clock), clock.now())


def _named(opened: _Opened, name: str) -> Hook:
    from engine.operator import OperatorError

    known = {each.id: each for each in opened.store.hooks.known()}
    found = known.get(name)
    if found is None:
        names = ", ".join(known) or "none"
        raise OperatorError(f"There is no webhook {name[:60]}: there are {names}.")
    return found


def _own(opened: _Opened, name: str) -> Hook:
    """One that may be changed here."""
    from engine.operator import OperatorError

    found = _named(opened, name)
    if found.settled:
        raise OperatorError(f"The webhook {name} comes from wayline.toml: change it there.")
    return found


def _told(opened: _Opened, what: str, name: str) -> None:
    from engine.access.trail import witness

    witness(opened.store, opened.settings, what, webhook=name)


def _show(opened: _Opened, hook: Hook) -> None:
    """The secret alone on standard output, so that a script can take it."""
    signing = opened.hooks.managing.signing
    assert signing is not None
    click.echo(signing.secret(hook))
    click.echo(f"This is the secret of {hook.id}. It is not shown again.", err=True)


def _written(at: Instant) -> str:
    from dsl.calendar import to_datetime

    return f"{to_datetime(at):%Y-%m-%d %H:%M} UTC"


def _data(hook: Hook) -> dict[str, Any]:
    def written(at: Instant) -> str | None:
        return _written(at) if at else None

    return {
        "id": hook.id,
        "url": hook.url,
        "events": list(hook.sorts),
        "about": hook.about,
        "created": _written(hook.created),
        "active": not hook.disabled,
        "disabled": hook.disabled,
        "failing_since": written(hook.failing),
        "attempts": hook.attempts,
        "reason": hook.reason,
        "next_attempt": written(hook.due) if hook.failing and not hook.disabled else None,
        "told": hook.told,
        "last_taken": written(hook.last),
        "settled": hook.settled,
    }
