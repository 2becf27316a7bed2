"""The result of a simulation in a terminal: a bar while it runs, then tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain

from rich import box
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from dsl.calendar import to_datetime
from engine.simulate.simulation import Simulation
from engine.simulate.tally import JourneyTally
from engine.simulate.work import Progress, Report

__all__ = ["print_tables", "progress_bar"]

_USUAL = ("email", "push", "sms", "whatsapp")
_WIDE = 240  # into a pipe nothing is cut


@contextmanager
def progress_bar(console: Console, parts: int) -> Iterator[Report]:
    """Shows how far simulated time has come; shows nothing where nobody looks."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        TextColumn("{task.fields[messages]:,} messages"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("reading", total=parts, messages=0)
        known: dict[int, Progress] = {}

        def report(progress: Progress) -> None:
            known[progress.part] = progress
            slowest = min(known.values(), key=lambda each: each.done)
            bar.update(
                task,
                completed=sum(each.done for each in known.values()),
                description=f"{to_datetime(slowest.now):%d %b %Y}",
                messages=sum(each.messages for each in known.values()),
            )

        yield report


def print_tables(console: Console, simulation: Simulation) -> None:
    """Who entered and left, what was sent, and what was not, for each journey."""
    machines = simulation.project.machines.values()
    names = [m.journey for m in sorted(machines, key=lambda m: (-m.priority, m.journey))]
    journeys = {name: simulation.tally.journeys.get(name, JourneyTally()) for name in names}
    goals = {m.journey for m in machines if m.goal is not None}
    if not console.is_terminal:
        console = Console(file=console.file, width=_WIDE)
    console.print(_passages(console, journeys, goals))
    console.print(_refusals(console, journeys))
    if any(journey.learnt for journey in journeys.values()):
        console.print(_learnt(console, journeys))


def _passages(console: Console, journeys: Mapping[str, JourneyTally], goals: set[str]) -> Table:
    found = set(chain.from_iterable(journey.sent for journey in journeys.values()))
    channels = [*(c for c in _USUAL if c in found), *sorted(found - set(_USUAL))]
    table = _table(
        console,
        "Journeys, and messages sent by channel",
        ["entered", "held out", "left by goal", "inside", *channels],
    )
    for name, journey in journeys.items():
        goal = f"{journey.left['goal']:,}" if name in goals else "-"
        numbers = [journey.inside, *(journey.sent[channel] for channel in channels)]
        table.add_row(
            name,
            f"{journey.entered:,}",
            f"{journey.held_out:,}",
            goal,
            *(f"{number:,}" for number in numbers),
        )
    return table


def _refusals(console: Console, journeys: Mapping[str, JourneyTally]) -> Table:
    totals = JourneyTally()
    for journey in journeys.values():
        totals.not_sent.update(journey.not_sent)
    reasons = [reason for reason, _ in sorted(totals.not_sent.items(), key=lambda x: (-x[1], x[0]))]
    table = _table(console, "Messages not sent, by reason", [*reasons, "together"])
    for name, journey in journeys.items():
        counts = [journey.not_sent[reason] for reason in reasons]
        table.add_row(name, *(f"{count:,}" for count in counts), f"{sum(counts):,}")
    return table


def _learnt(console: Console, journeys: Mapping[str, JourneyTally]) -> Table:
    columns = ["given to", "known of", "reached", "rate", "share in the end"]
    table = _table(console, "What splits have learnt", columns, ["journey", "split", "path"])
    for name, journey in journeys.items():
        for step, paths in journey.learnt.items():
            for path, found in paths.items():
                numbers = [f"{number:,}" for number in (found.given, found.known, found.reached)]
                share = f"{found.share / 10_000:.1f}%"
                table.add_row(
                    name,
                    step,
                    path,
                    *numbers,
                    f"{100 * found.rate:.1f}%" if found.known else "-",
                    share,
                )
    return table


def _table(
    console: Console, title: str, columns: Sequence[str], names: Sequence[str] = ("journey",)
) -> Table:
    shape = box.SIMPLE_HEAD if console.is_terminal else box.ASCII
    table = Table(title=title, title_justify="left", box=shape, header_style="bold")
    for name in names:
        table.add_column(name, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right", overflow="fold")
    return table
