"""``wayline check``"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.terminal import has_colour, print_json

if TYPE_CHECKING:
    from dsl.compiler import Compiled

__all__ = ["check", "print_findings"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--json", "as_json", is_flag=True, help="Print everything found as JSON.")
@click.option(
    "--fix",
    "fixing",
    is_flag=True,
    help="First put right what needs no thought: quotation marks in rules, missing ids.",
)
@click.pass_context
def check(ctx: click.Context, folder: Path, *, as_json: bool, fixing: bool) -> None:
    """Find mistakes in the project in FOLDER (here, if it is not named).

    Errors stop a project from being deployed, and give exit code 1. Warnings do neither.
    """
    from dsl.compiler import compile_project
    from dsl.format import with_fixes
    from dsl.render import to_json
    from engine.folder import project_folder

    compiled = compile_project(*project_folder(folder))
    fixed: list[str] = []
    if fixing:
        compiled, fixed = _fixed(folder, compiled)
    compiled = _dated(compiled)
    errors, warnings = _counts(compiled)
    if as_json:
        print_json(
            {
                "ok": compiled.project is not None,
                "project": compiled.project.name if compiled.project else None,
                "version": compiled.project.version if compiled.project else None,
                "errors": errors,
                "warnings": warnings,
                "fixed": fixed,
                "diagnostics": to_json(with_fixes(compiled.diagnostics, compiled.sources)),
            }
        )
    else:
        for path in fixed:
            click.echo(f"fixed {path}")
        print_findings(compiled)
    ctx.exit(0 if compiled.project is not None else 1)


def _dated(compiled: Compiled) -> Compiled:
    """The same with what only today's date shows."""
    from dataclasses import replace
    from zoneinfo import ZoneInfo

    from dsl.calendar import local
    from dsl.diagnostics import in_order
    from dsl.lint import past_dates
    from engine.clock import SystemClock

    if compiled.project is None:
        return compiled
    today = local(SystemClock().now(), ZoneInfo(compiled.project.policy.zone)).date()
    more = past_dates(compiled.project, compiled.sources, today)
    return replace(compiled, diagnostics=tuple(in_order([*compiled.diagnostics, *more])))


def _fixed(folder: Path, compiled: Compiled) -> tuple[Compiled, list[str]]:
    """The project after all safe fixes, which are written; and the files they changed.

    A mistake that is out of the way can bring another one to light, so this goes on until
    nothing is left to fix. Files that could not be read stay what they were.
    """
    from dsl.compiler import compile_project
    from dsl.format import fixed, with_fixes
    from engine.cli.written import write_files

    before = compiled.sources
    refused = [one for one in compiled.diagnostics if one.span.path not in before]
    while True:
        news = fixed(compiled.sources, with_fixes(compiled.diagnostics, compiled.sources))
        news = {path: text for path, text in news.items() if text != compiled.sources[path]}
        if not news:
            break
        compiled = compile_project({**compiled.sources, **news}, refused)
    changed = [path for path, text in compiled.sources.items() if text != before[path]]
    write_files(folder, {path: compiled.sources[path] for path in changed})
    return compiled, sorted(changed)


def print_findings(compiled: Compiled) -> None:
    """What was found, and a last line that sums it up."""
    from dsl.render import render

    if compiled.diagnostics:
        text = render(compiled.diagnostics, compiled.sources, colour=has_colour())
        click.echo(text, color=has_colour())
    errors, warnings = _counts(compiled)
    if compiled.project is not None:
        journeys = len(compiled.project.machines)
        also = f", {_many(warnings, 'warning')}" if warnings else ""
        click.echo(f"{compiled.project.name}: {_many(journeys, 'journey')}, no mistakes{also}.")
    else:
        click.echo(f"{_many(errors, 'error')}, {_many(warnings, 'warning')}.")


def _counts(compiled: Compiled) -> tuple[int, int]:
    from dsl.diagnostics import Severity

    errors = sum(one.severity is Severity.ERROR for one in compiled.diagnostics)
    return errors, len(compiled.diagnostics) - errors


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
