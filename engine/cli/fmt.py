"""``wayline fmt``"""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import click

from engine.cli.terminal import has_colour, styled

__all__ = ["fmt"]

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@click.pass_context
def fmt(ctx: click.Context, folder: Path, *, check: bool, diff: bool) -> None:
    """Write the files of the project in FOLDER (here, if it is not named) in their canonical form.

    Keys, ids, quotation marks, the order of a journey's head and indentation; comments and blank
    lines stay. What a journey does never changes. A file whose layout is wrong is left alone, and
    gives exit code 1.
    """
    from dsl.format import format_project
    from dsl.render import render
    from engine.cli.written import write_files
    from engine.folder import project_folder

    found = project_folder(folder)
    done = format_project(found.files)
    findings = (*found.refused, *done.findings)
    if findings:
        click.echo(render(findings, found.files, colour=has_colour()), color=has_colour())
    for path, text in done.changed.items():
        if diff:
            _print_diff(path, found.files[path], text)
        else:
            click.echo(f"{'would change' if check else 'changed'} {path}")
    if not (check or diff):
        write_files(folder, done.changed)
    left = len(found.files) - len(done.changed) - len({one.span.path for one in done.findings})
    click.echo(_summed(len(done.changed), left, writing=not (check or diff)))
    ctx.exit(1 if findings or (check and done.changed) else 0)


def _print_diff(path: str, before: str, after: str) -> None:
    lines = unified_diff(before.splitlines(), after.splitlines(), path, path, lineterm="")
    for line in lines:
        click.echo(styled(line, _COLOURS.get(line[:1], "")), color=has_colour())


def _summed(changed: int, left: int, *, writing: bool) -> str:
    if not changed:
        return f"{_files(left)} in canonical form."
    verb = "changed" if writing else "would change"
    return f"{_files(changed)} {verb}, {_files(left)} in canonical form."


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"
