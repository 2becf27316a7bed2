"""``wayline tracking``"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.terminal import print_json, styled

if TYPE_CHECKING:
    from dsl.calendar import Instant
    from dsl.machine import Project
    from engine.core.strays import Oddity, Seen, Stray
    from engine.store.protocol import Store

__all__ = ["tracking"]

_store = click.option("--store", metavar="URL", help="The store: sqlite:///wayline.db")
_config = click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings."
)


@click.group()
def tracking() -> None:
    """Say what was sent and does not fit the tracking plan, and take it once the plan is mended."""


@tracking.command()
@click.option("--days", type=click.IntRange(1, 30), default=2, show_default=True, help="Of UTC.")
@_store
@_config
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(days: int, store: str | None, config: Path | None, *, as_json: bool) -> None:
    """Say what came wrong, by day, event and property, the most frequent first."""
    from dsl.calendar import DAY
    from engine.clock import SystemClock
    from engine.deploy import deployed_project

    now = SystemClock().now()
    with _opened(store, config) as found:
        project = deployed_project(found)
        seen = found.strays.seen(now - (days - 1) * DAY)
        kept = found.strays.count()
    by_day: dict[Instant, list[tuple[Oddity, Seen]]] = {}
    for (day, oddity), told in seen.items():
        by_day.setdefault(day, []).append((oddity, told))
    for each in by_day.values():
        each.sort(key=lambda pair: (-pair[1].times, pair[0]))
    if as_json:
        print_json({"days": [_told(day, by_day[day]) for day in sorted(by_day)], "kept": kept})
        return
    for day in sorted(by_day):
        click.echo(styled(_date(day), "bold"))
        width = max(len(_named(oddity)) for oddity, _ in by_day[day])
        for oddity, told in by_day[day]:
            such = f', such as "{told.example}"' if told.example else ""
            times = "once" if told.times == 1 else f"{told.times:,} times"
            fits = "" if project is None else _fitting(oddity, project)
            click.echo(f"  {_named(oddity):{width}}  {_said(oddity)} {times}{such}{fits}")
    if not by_day:
        click.echo("Everything that was sent fits the tracking plan.")
    if kept:
        calls = "1 call is" if kept == 1 else f"{kept:,} calls are"
        click.echo(f"{calls} kept aside. When the plan is mended: wayline tracking retry")


@tracking.command()
@click.argument("event", required=False)
@_store
@_config
def retry(event: str | None, store: str | None, config: Path | None) -> None:
    """Take the calls that are kept aside (of EVENT, or all) and fit what is deployed now.

    Each counts once, as at the time when it came.
    """
    from engine.ingest import Intake
    from engine.ingest.strays import retry as try_again

    with _deployed(store, config, "tracking retry", event) as (found, project):
        policy = project.policy
        intake = Intake(project.plan, policy.categories, policy.channels)
        done = try_again(found, intake, _of(event))
    before = f", {done.before:,} were there before" if done.before else ""
    click.echo(f"{done.taken:,} taken{before}, {done.still:,} do not fit the plan.")


@tracking.command()
@click.argument("event", required=False)
@click.option("--all", "everything", is_flag=True, help="Of all events.")
@_store
@_config
def drop(event: str | None, store: str | None, config: Path | None, *, everything: bool) -> None:
    """Let go of the calls that are kept aside, of EVENT or (--all) of all."""
    from engine.ingest.strays import everything_kept

    if (event is None) is not everything:
        raise click.UsageError("Name an EVENT, or say --all.")
    wanted, gone = _of(event), 0
    with _opened(store, config, "tracking drop", event) as found:
        for some in everything_kept(found):
            numbers = [number for number, stray in some if wanted(stray)]
            found.strays.settle(numbers, [])
            gone += len(numbers)
    click.echo(f"{gone:,} let go of.")


def _of(event: str | None) -> Callable[[Stray], bool]:
    return lambda stray: event is None or stray.event == event


def _named(oddity: Oddity) -> str:
    """``purchase.total``; attributes of people are of ``identify``."""
    if not oddity.property:
        return oddity.event
    return f"{oddity.event}.{oddity.property}"


def _said(oddity: Oddity) -> str:
    from engine.core.strays import MISSING, UNKNOWN, UNPLANNED

    if oddity.what in (UNKNOWN, UNPLANNED):
        return "is not in the plan and came"
    if oddity.what == MISSING:
        return "was missing"
    return f"came as {oddity.what}" if oddity.what else "and others came"


def _fitting(oddity: Oddity, project: Project) -> str:
    """What would have fitted the plan that is deployed, if anybody can tell."""
    from dsl.mismatch import wanted
    from dsl.spelling import did_you_mean
    from engine.core.strays import UNKNOWN, UNPLANNED

    plan = project.plan
    known = plan.events.get(oddity.event)
    fields = plan.attributes if known is None else known.properties
    if oddity.what == UNKNOWN:
        names = {event.source for event in plan.events.values()} | {*plan.events}
        hint = did_you_mean(oddity.event, sorted(names))
    elif oddity.what == UNPLANNED:
        hint = did_you_mean(oddity.property, fields)
    else:
        field = fields.get(oddity.property)
        hint = None if field is None else f"The plan wants {wanted(field.kind)}."
    return f". {hint}" if hint else ""


def _told(day: Instant, found: list[tuple[Oddity, Seen]]) -> dict[str, Any]:
    return {
        "day": _date(day),
        "odd": [
            {
                "event": oddity.event,
                "property": oddity.property or None,
                "what": oddity.what,
                "times": told.times,
                "example": told.example or None,
            }
            for oddity, told in found
        ],
    }


def _date(day: Instant) -> str:
    from dsl.calendar import to_datetime

    return f"{to_datetime(day):%Y-%m-%d}"


@contextmanager
def _opened(
    store: str | None, config: Path | None, deed: str = "", event: str | None = None
) -> Iterator[Store]:
    """The store; a deed is written down first."""
    from engine.access.trail import witness
    from engine.cli.opening import find_settings, opened_if_there

    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as found:
        if deed:
            witness(found, settings, deed, event=event or "all")
        yield found


@contextmanager
def _deployed(
    store: str | None, config: Path | None, deed: str, event: str | None
) -> Iterator[tuple[Store, Project]]:
    from engine.deploy import deployed_project
    from engine.operator import OperatorError

    with _opened(store, config, deed, event) as found:
        project = deployed_project(found)
        if project is None:
            raise OperatorError("Nothing is deployed in this store yet.")
        yield found, project
