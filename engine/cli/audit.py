"""``wayline audit``"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from engine.cli.terminal import print_json, styled

if TYPE_CHECKING:
    from engine.core.deeds import Deed

__all__ = ["audit"]

_UTC = ZoneInfo("UTC")


@click.command()
@click.option("--person", metavar="ID", help="Only what was about this person, erased or not.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(min=1))
@click.option("--store", metavar="URL", help="The store to look into: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def audit(
    person: str | None, limit: int, store: str | None, config: Path | None, *, as_json: bool
) -> None:
    """Say who read or changed what of whom, and when, the newest first.

    Of people who were erased their id is not known any more: whoever knows it finds them by
    --person all the same.
    """
    from engine.access.trail import witness
    from engine.cli.opening import find_settings, opened_if_there

    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as found:
        found.bars.under(settings.hidden_under)
        deeds = [deed for _, deed in found.deeds.read(limit=limit, whom=person)]
        witness(found, settings, "audit", person or "")
    if as_json:
        print_json([_data(each) for each in deeds])
        return
    for each in deeds:
        about = ", ".join(f"{name} {_said(value)}" for name, value in each.about.items())
        whom = f" of {each.whom}" if each.whom else ""
        click.echo(f"{_moment(each):%Y-%m-%d %H:%M:%S} UTC  {styled(each.who, 'bold')}", nl=False)
        click.echo(f"  {each.what}{whom}" + (f" ({about})" if about else ""))
    if not deeds:
        click.echo("Nothing is written down.")


def _moment(deed: Deed) -> datetime:
    from dsl.calendar import local

    return local(deed.at, _UTC)


def _said(value: Any) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)


def _data(deed: Deed) -> dict[str, Any]:
    return {**deed._asdict(), "at": _moment(deed).isoformat(), "about": dict(deed.about)}
