"""``wayline suppressions``"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import click

from engine.cli.terminal import print_json, styled

if TYPE_CHECKING:
    from engine.core.bars import Destination
    from engine.core.signals import EventArrived
    from engine.store.protocol import Store

__all__ = ["suppressions"]

_UTC = ZoneInfo("UTC")


class _Suppression(NamedTuple):
    person: str
    channel: str  # empty for those of older versions: any
    address: str
    since: datetime | None
    cause: str
    rule: str


@click.command()
@click.option("--lift", metavar="ADDRESS", help="Let ADDRESS be written to again.")
@click.option("--channel", metavar="NAME", help="Only those on this channel.")
@click.option("--store", metavar="URL", help="The store: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def suppressions(
    lift: str | None, channel: str | None, store: str | None, config: Path | None, *, as_json: bool
) -> None:
    """List addresses that are not written to any more, since when, why, and by which rule.

    With --lift one of them is written to again, whoever has it, and what happened before counts no
    more; that is written into the audit log and into the story of whoever has it. It gives no
    consent back.
    """
    from engine.access.trail import witness
    from engine.cli.opening import find_settings, opened_if_there

    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as opened:
        opened.bars.under(settings.hidden_under)
        if lift is None:
            witness(opened, settings, "suppressions", channel=channel or "all")
        known = sorted(_known(opened, channel), key=lambda each: (each.address, each.channel))
        if lift is not None:
            chosen = [each for each in known if _is(each, lift)]
            barred = _barred(opened, lift, channel, chosen)
            if not chosen and not barred:
                raise click.UsageError(f"{lift} is written to.")
            count = len({each.person for each in chosen})
            channels = sorted({each.channel for each in chosen} | {name for name, _ in barred})
            witness(opened, settings, "suppressions lift", channels=channels, people=count)
            _lift(opened, chosen, barred)
            who = "1 person" if count == 1 else f"{count} people"
            who = who if count else "nobody who is known"
            click.echo(f"{lift} is written to again; {who} had it.")
            return
        unknown = 0 if channel is not None else _of_nobody(opened, known)
    if as_json:
        print_json([_data(each) for each in known])
        return
    for each in known:
        click.echo(styled(each.address, "bold") + f" on {each.channel or 'any channel'}")
        since = "" if each.since is None else f" since {each.since:%Y-%m-%d %H:%M} UTC"
        click.echo(f"  {each.cause or 'by an older version'}{since}, of {each.person}")
        if each.rule:
            click.echo(f"  {each.rule}")
    if unknown:
        more = "1 address is" if unknown == 1 else f"{unknown} addresses are"
        click.echo(f"{more} suppressed that nobody has who is known: which, the store cannot tell.")
    elif not known:
        click.echo("Nothing is suppressed.")


def _is(each: _Suppression, address: str) -> bool:
    from engine.core.bars import destination_of

    here = destination_of(each.channel, each.address)
    return here == destination_of(each.channel, address) or (
        each.address.lower() == address.lower()
    )


def _of_nobody(store: Store, known: Sequence[_Suppression]) -> int:
    from engine.core.bars import destination_of

    theirs = {destination_of(each.channel, each.address) for each in known}
    standing = sum(bar.since > 0 for bar in store.bars.read(theirs).values())
    return store.bars.count() - standing


def _barred(
    store: Store, address: str, channel: str | None, chosen: Sequence[_Suppression]
) -> list[Destination]:
    """Where the address is suppressed, whoever has it."""
    from engine.core.bars import destination_of

    channels = {"email", "sms", "whatsapp", "push", *(each.channel for each in chosen)}
    places = {destination_of(name, address) for name in ({channel} if channel else channels)}
    return sorted(place for place, bar in store.bars.read(places).items() if bar.since)


def _known(store: Store, channel: str | None) -> Iterator[_Suppression]:
    from dsl.calendar import local
    from engine.core.profile import Trouble

    for profile in store.suppressed():
        for place in profile.suppressed:
            name, blank, address = place.partition(" ")
            if not blank:
                name, address = "", place
            if channel not in (None, name):
                continue
            why = profile.trouble.get(place, Trouble())
            since = local(why.since, _UTC) if why.since else None
            yield _Suppression(profile.id, name, address, since, why.cause, why.rule)


def _lift(store: Store, chosen: list[_Suppression], barred: list[Destination]) -> None:
    """The address is not in the audit log: nothing of the people is. It is in their story."""
    from engine.access.trail import operator
    from engine.clock import SystemClock
    from engine.core.bars import Bar

    now = SystemClock().now()
    lifted = [(place, Bar(lifted=now)) for place in barred]
    store.bars.tell(lifted, [_word(each, now, operator()) for each in chosen])


def _word(each: _Suppression, now: int, by: str) -> EventArrived:
    import uuid

    from dsl.expr.context import Happened
    from engine.core.signals import EventArrived
    from engine.core.suppression import LIFTED

    properties = {"channel": each.channel, "address": each.address, "by": by}
    return EventArrived(
        f"lift/{uuid.uuid4()}", each.person, Happened(LIFTED, now, now, 0, properties)
    )


def _data(each: _Suppression) -> dict[str, str | None]:
    since = None if each.since is None else each.since.isoformat()
    return {**each._asdict(), "since": since}
