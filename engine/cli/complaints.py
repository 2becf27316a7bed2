"""``wayline complaints``"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.terminal import print_json, styled

if TYPE_CHECKING:
    from engine.core.reputation import Reputation

__all__ = ["complaints"]


@click.command()
@click.option("--resume", metavar="DOMAIN", help="Let what waits of DOMAIN go out; count anew.")
@click.option("--store", metavar="URL", help="The store: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def complaints(
    resume: str | None, store: str | None, config: Path | None, *, as_json: bool
) -> None:
    """Say, by sending domain, how many people call messages spam, and what follows.

    From one in a thousand on it is told; from three in a thousand on, of a thousand messages at
    least, what needs consent waits until the rate has fallen. With --resume it goes out within half
    an hour, and what was counted so far counts no more; that is written into the audit log.
    """
    from engine.access.trail import operator, witness
    from engine.cli.opening import find_settings, opened_if_there
    from engine.clock import SystemClock
    from engine.dispatcher.reputation import Reputations

    settings = find_settings(config, None, {"store": store})
    now = SystemClock().now()
    with opened_if_there(settings.store) as opened:
        reputations = Reputations(opened.gates)
        known = reputations.known(now)
        if resume is not None:
            before = next((each for each in known if each.domain == resume.lower()), None)
            if before is None:
                names = ", ".join(each.domain for each in known) or "none"
                raise click.UsageError(f"Nothing is known of {resume}; known are {names}.")
            about = {"domain": before.domain, "was": before.why}
            witness(opened, settings, "complaints resume", **about)
            reputations.resume(before.domain, operator(), now)
            known = reputations.known(now)
    if as_json:
        print_json([_data(each) for each in known])
        return
    for each in known:
        click.echo(styled(each.domain, "bold"))
        for window, rate in each.rates.items():
            click.echo(f"  {window}: {rate}")
        click.echo(f"  {_state(each)}")
    if not known:
        click.echo("Nothing was handed over from any domain lately.")


def _state(each: Reputation) -> str:
    if each.stopped:
        return f"stopped: what needs consent waits, because of {each.why}"
    if each.warned:
        return f"too many: {each.why}; at 0.30% what needs consent waits"
    return each.why or "well"


def _data(each: Reputation) -> dict[str, Any]:
    rates = {
        window: {"delivered": rate.delivered, "complained": rate.complained, "rate": rate.share}
        for window, rate in each.rates.items()
    }
    state = "stopped" if each.stopped else "warned" if each.warned else "well"
    return {"domain": each.domain, "state": state, "why": each.why, "rates": rates}
