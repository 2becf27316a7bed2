"""``wayline simulate``"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.terminal import print_json

if TYPE_CHECKING:
    from dsl.calendar import Instant
    from engine.simulate.simulation import Simulation

__all__ = ["simulate"]

_MOST_SHOWN = 5


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--events",
    "scripts",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Events as JSON lines in the Segment spec (also .gz); else all in FOLDER/data."
    " Can be repeated.",
)
@click.option("--until", metavar="TIME", help="Stop then (2026-03-01T09:00:00Z); else at the end.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("simulated"),
    show_default=True,
    metavar="FOLDER",
    help="Where report.html and everybody's story go.",
)
@click.option(
    "--processes", type=click.IntRange(1, 64), help="How many to use; else one for each processor."
)
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@click.pass_context
def simulate(
    ctx: click.Context,
    folder: Path,
    scripts: tuple[Path, ...],
    until: str | None,
    out: Path,
    processes: int | None,
    *,
    as_json: bool,
) -> None:
    """Replay events through the project in FOLDER on a simulated clock.

    Nothing is sent. What would have been sent, and what not and why, is counted and written to
    report.html; wayline why PERSON --from tells one person's story.
    """
    from dsl.compiler import compile_project
    from engine.cli.check import print_findings
    from engine.folder import project_folder
    from engine.simulate.script import find_scripts

    compiled = compile_project(*project_folder(folder))
    if compiled.project is None:
        print_findings(compiled)
        ctx.exit(1)
    chosen = tuple(scripts) or tuple(find_scripts(folder))
    if not chosen:
        raise click.UsageError(
            f"There are no events in {folder / 'data'}: name some with --events."
        )
    end = _instant(until) if until else None

    from rich.console import Console

    from engine.simulate.show import print_tables, progress_bar
    from engine.simulate.simulation import parts_of, write_simulation
    from engine.simulate.simulation import simulate as replay
    from engine.simulate.work import Job

    processes = parts_of(compiled.project, processes or os.cpu_count() or 1)
    with progress_bar(Console(stderr=True), processes) as report:
        done = replay(compiled.project, Job(folder, chosen, end), processes, report)
    try:
        write_simulation(out, done)
        page = _write_report(out, done)
    except OSError as error:
        raise click.UsageError(f"{out} cannot be written to: {error.strerror}.") from None
    if as_json:
        print_json(_as_data(done, page))
        return
    print_tables(Console(file=sys.stdout), done)
    _say_refused(done)
    click.echo(f"{page} shows it all. One person's story: wayline why PERSON --from {out}")


def _instant(text: str) -> Instant:
    from dsl.calendar import from_datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise click.UsageError(f'--until "{text}" is not a time like 2026-03-01T09:00:00Z.')
    return from_datetime(moment)


def _write_report(out: Path, done: Simulation) -> Path:
    from engine.report.page import html_report

    page = out / "report.html"
    page.write_text(html_report(done), encoding="utf-8")
    return page


def _say_refused(done: Simulation) -> None:
    for line in done.refused[:_MOST_SHOWN]:
        click.echo(f"refused {line.place}: {line.error}", err=True)
    more = len(done.refused) - _MOST_SHOWN
    if more > 0:
        click.echo(f"and {more} more lines were refused.", err=True)


def _as_data(done: Simulation, page: Path) -> dict[str, object]:
    from dsl.calendar import to_datetime
    from engine.simulate.tally import as_data

    return {
        "project": done.project.name,
        "version": done.project.version,
        "start": to_datetime(done.start).isoformat(),
        "end": to_datetime(done.end).isoformat(),
        "report": str(page),
        "refused": [line._asdict() for line in done.refused],
        **as_data(done.tally),
    }
