"""``wayline test``"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.terminal import has_colour, print_json, styled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dsl.compiler import Compiled
    from dsl.diagnostics import Diagnostic
    from dsl.machine import Project
    from dsl.scenario import Scenario
    from engine.scenarios.coverage import Coverage
    from engine.scenarios.result import Played

__all__ = ["test"]

_WIDTH = 72
_STYLES = {
    "failed": "red",
    "but": "red",
    "missed": "red",
    "held": "green",
    "place": "dim",
    "about": "dim",
    "title": "bold",
    "day": "bold",
}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option(
    "-k",
    "words",
    metavar="WORDS",
    help="Only scenarios with all of these words in their name, journey or file.",
)
@click.option(
    "--coverage", is_flag=True, help="Say which steps, branches and messages no scenario reaches."
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the results as JUnit XML too.",
)
@click.pass_context
def test(
    ctx: click.Context,
    folder: Path,
    words: str | None,
    *,
    coverage: bool,
    as_json: bool,
    junit: Path | None,
) -> None:
    """Play the scenarios of the project in FOLDER (here, if it is not named).

    Each runs on a simulated clock with the code that also runs in production. One that does not
    go as expected, or a mistake in the project, gives exit code 1.
    """
    from dsl.compiler import compile_project
    from engine.folder import project_folder
    from engine.scenarios.coverage import cover
    from engine.scenarios.play import play

    compiled = compile_project(*project_folder(folder))
    if compiled.project is None:
        _say_mistakes(compiled, as_json=as_json)
        ctx.exit(1)
    chosen = _chosen(compiled, folder, words)
    report = _silent if as_json else _dots()
    played = play(compiled.project, chosen, report)
    covered = cover(_tested(compiled.project, chosen, words), played) if coverage else []
    warnings = _warnings(compiled, covered)
    if junit is not None:
        _write(junit, played)
    if as_json:
        print_json(_as_data(compiled, played, covered, warnings))
    else:
        _print(played, covered, warnings, compiled)
    ctx.exit(1 if any(each.failures for each in played) else 0)


def _say_mistakes(compiled: Compiled, *, as_json: bool) -> None:
    from dsl.render import to_json
    from engine.cli.check import print_findings

    if as_json:
        print_json({"ok": False, "scenarios": [], "diagnostics": to_json(compiled.diagnostics)})
    else:
        print_findings(compiled)


def _chosen(compiled: Compiled, folder: Path, words: str | None) -> Sequence[Scenario]:
    if not compiled.scenarios:
        raise click.UsageError(
            f"There are no scenarios in {folder}: they stand in files that begin with"
            ' "tests of: JOURNEY".'
        )
    if words is None:
        return compiled.scenarios
    wanted = words.casefold().split()
    chosen = [
        each
        for each in compiled.scenarios
        if all(word in f"{each.journey} {each.path} {each.name}".casefold() for word in wanted)
    ]
    if not chosen:
        raise click.UsageError(f'No scenario has "{words}" in its name, journey or file.')
    return chosen


def _tested(project: Project, chosen: Sequence[Scenario], words: str | None) -> list[Any]:
    """The journeys whose coverage is asked for: all, or those of the scenarios chosen."""
    journeys = {each.journey for each in chosen}
    machines = project.machines.values()
    return [each for each in machines if words is None or each.journey in journeys]


def _silent(_: Played) -> None:
    """Tells nobody."""


def _dots() -> Callable[[Played], None]:
    """A mark for each scenario as it ends."""
    count = 0

    def report(played: Played) -> None:
        nonlocal count
        if count and count % _WIDTH == 0:
            click.echo()
        count += 1
        click.echo(styled("F", "red") if played.failures else ".", nl=False)

    return report


def _warnings(compiled: Compiled, covered: Sequence[Coverage]) -> list[Diagnostic]:
    from dsl.compile.scenarios import unreached_messages

    missing = {each.journey: each.messages.missing for each in covered}
    return list(unreached_messages(missing, compiled.heads))


def _print(
    played: Sequence[Played],
    covered: Sequence[Coverage],
    warnings: Sequence[Diagnostic],
    compiled: Compiled,
) -> None:
    from dsl.render import render
    from engine.scenarios.coverage import in_words
    from engine.scenarios.show import as_text, summary

    click.echo("\n")
    for each in played:
        if each.failures:
            for sort, line in as_text(each):
                click.echo(styled(line, _STYLES.get(sort, "")))
            click.echo()
    for journey in covered:
        for line in in_words(journey):
            click.echo(line)
    if covered:
        click.echo()
    if warnings:
        click.echo(render(warnings, compiled.sources, colour=has_colour()), color=has_colour())
    failed = any(each.failures for each in played)
    click.echo(styled(summary(played), "red" if failed else "green"))


def _write(path: Path, played: Sequence[Played]) -> None:
    from engine.scenarios.junit import junit_xml

    try:
        path.write_text(junit_xml(played), encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written to: {error.strerror}.") from None


def _as_data(
    compiled: Compiled,
    played: Sequence[Played],
    covered: Sequence[Coverage],
    warnings: Sequence[Diagnostic],
) -> dict[str, Any]:
    from dsl.render import to_json
    from engine.scenarios import coverage, show

    failed = sum(bool(each.failures) for each in played)
    return {
        "ok": not failed,
        "project": compiled.project.name if compiled.project else None,
        "passed": len(played) - failed,
        "failed": failed,
        "seconds": round(sum(each.seconds for each in played), 6),
        "scenarios": [show.as_data(each) for each in played],
        "coverage": [coverage.as_data(each) for each in covered],
        "diagnostics": to_json([*compiled.diagnostics, *warnings]),
    }
