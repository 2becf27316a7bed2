"""``wayline import``"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from engine.cli.terminal import print_json, progress, styled

if TYPE_CHECKING:
    from dsl.machine import Project
    from engine.importing import Plan, Report
    from engine.store.protocol import Store

__all__ = ["import_file"]

_SHOWN = 8  # reasons
_FOUND = 1


@click.command("import")
@click.argument(
    "file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--what",
    type=click.Choice(["people", "events", "consents"]),
    help="What its lines are. JSON lines in the Segment spec say so themselves.",
)
@click.option(
    "--map",
    "given",
    multiple=True,
    metavar="COLUMN=NAME",
    help="What a column is: user_id, email, phone, an attribute, a property, timestamp. Nothing"
    " behind the sign leaves it out. Or a file of such lines. Can be repeated.",
)
@click.option(
    "--event",
    default="",
    metavar="NAME",
    help="What everybody in it did (events), or said: granted, withdrawn (consents).",
)
@click.option("--dry-run", is_flag=True, help="Say what would come of it. Nothing is brought in.")
@click.option(
    "--start-journeys",
    is_flag=True,
    help="Take all of it as if it happened now. Otherwise it is history, and starts nothing.",
)
@click.option(
    "--origin",
    type=click.Choice(["told", "observed", "partner", "computed"]),
    default="told",
    show_default=True,
    help="Where attributes come from.",
)
@click.option("--zone", default="", metavar="ZONE", help="Of times without one: Europe/Berlin")
@click.option("--encoding", metavar="NAME", help="If it is not UTF-8: cp1252")
@click.option("--delimiter", metavar="SIGN", help="Between cells, if it is not found out.")
@click.option(
    "--rejected",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where lines go that cannot be taken, with why. Else FILE.rejected.ndjson.",
)
@click.option("--again", is_flag=True, help="From the beginning, also if it was brought in before.")
@click.option("--store", metavar="URL", help="The store: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of it as JSON.")
@click.pass_context
def import_file(  # noqa: PLR0913, PLR0917 - click hands over each option by name
    ctx: click.Context,
    file: Path,
    what: str | None,
    given: Sequence[str],
    event: str,
    origin: str,
    zone: str,
    encoding: str | None,
    delimiter: str | None,
    rejected: Path | None,
    store: str | None,
    config: Path | None,
    *,
    dry_run: bool,
    start_journeys: bool,
    again: bool,
    as_json: bool,
) -> None:
    """Bring in people, what they did and what they agreed to, from a FILE of another program.

    It is a table (CSV) or JSON lines, also gzipped. Everything is read by the tracking plan of what
    is deployed, as if it were sent. What is brought in is history: no journey starts by it. It may
    be stopped at any time, and goes on where it was.

    \b
    wayline import people.csv --what people --map "Customer ID=user_id"
    """  # noqa: D301 - click reads the sign for a paragraph that is not to be wrapped
    from engine.access.trail import witness
    from engine.cli.opening import find_settings
    from engine.clock import SystemClock
    from engine.importing import Importer, RejectedFile

    chosen = _Chosen(what, given, event, zone, encoding, delimiter, start_journeys)
    with _deployed(store, config) as (opened, project), progress(of_bytes=True) as bar:
        reading = bar.add_task("Reading", total=file.stat().st_size)
        plan = _planned(file, project, chosen, lambda done, _: bar.update(reading, completed=done))
        importer = Importer(plan, project, "" if origin == "told" else origin)
        report = importer.begun(opened, again=again)
        if report.done:
            click.echo(
                f"{file.name} was brought in before, all of its {_of(report.lines, 'line')}."
                " Say --again to do so once more.",
                err=True,
            )
            return
        aside = None
        if not dry_run:
            settings = find_settings(config, None, {"store": store})
            witness(opened, settings, "import", file=file.name)
            beside = rejected or file.with_name(f"{file.name}.rejected.ndjson")
            aside = RejectedFile(beside, report.line)
        task = bar.add_task("Checking" if dry_run else "Bringing in", total=file.stat().st_size)
        importer.run(
            None if dry_run else opened,
            report,
            SystemClock().now,
            aside,
            lambda done, _: bar.update(task, completed=done),
        )
    beside_told = aside.path if aside is not None and aside.count else None
    if as_json:
        print_json(_told(report, plan, beside_told, dry_run=dry_run))
    else:
        for line in _lines(report, plan, beside_told, dry_run=dry_run):
            click.echo(line)
    if report.refused:
        ctx.exit(_FOUND)


class _Chosen(NamedTuple):
    """What was said about the file."""

    what: str | None
    given: Sequence[str]
    event: str
    zone: str
    encoding: str | None
    delimiter: str | None
    starts_journeys: bool


def _planned(
    file: Path, project: Project, chosen: _Chosen, seen: Callable[[int, int], None]
) -> Plan:
    """How the file is to be read."""
    from engine.core.zones import zone_called
    from engine.importing import Plan, columns_of, head_of, survey
    from engine.operator import OperatorError

    what, given, event, zone, encoding, delimiter, starts = chosen
    if zone and zone_called(zone) is None:
        raise OperatorError(f'There is no time zone "{zone}": write one like Europe/Berlin.')
    if delimiter is not None:
        delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)
        if len(delimiter) != 1:
            raise OperatorError("A delimiter is one sign, or the word tab.")
    mapped = _mapped(given)
    found = survey(file, encoding, seen)
    head = head_of(found, delimiter)
    kind: Any = what or ("events" if event else None)
    if kind is None and (found.form == "csv" or head):
        raise OperatorError(
            f"What are the lines of {file.name}? Say --what people, --what events or --what"
            " consents."
        )
    columns = None
    if kind is not None and head:
        columns = columns_of(head, kind, mapped, project.plan, event)
    return Plan(found, kind or "people", columns, event, delimiter, zone, starts)


def _mapped(given: Sequence[str]) -> dict[str, str]:
    """By column, what it is. One without a sign is a file of such lines."""
    from engine.operator import OperatorError

    mapped: dict[str, str] = {}
    for each in given:
        column, sign, name = each.rpartition("=")
        if sign:
            mapped[column.strip()] = name.strip()
            continue
        try:
            lines = Path(each).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError):
            raise OperatorError(
                f'"{each}" is neither COLUMN=NAME nor a file of such lines.'
            ) from None
        kept = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if wrong := next((line for line in kept if "=" not in line), None):
            raise OperatorError(f'{each}: "{wrong.strip()}" is not COLUMN=NAME.')
        mapped |= _mapped(kept)
    return mapped


def _lines(report: Report, plan: Plan, beside: Path | None, *, dry_run: bool) -> Iterator[str]:
    """What became of it, in words."""
    yield styled(f"{plan.survey.path.name}: {_of(report.lines, 'line')}", "bold")
    if report.resumed:
        yield f"  went on after line {report.resumed:,}"
    counted = (
        (
            report.written,
            "would be taken"
            if dry_run
            else f"about {_of(report.new, 'person who is', 'people who are')} new",
        ),
        (
            report.waiting,
            "about people who are known, or about consent: wayline serve takes them in",
        ),
        (report.repeated, "were there before"),
        (report.refused, "refused"),
    )
    width = max(len(f"{number:,}") for number, _ in counted)
    for number, words in counted:
        if number:
            yield f"  {number:>{width},}  {words}"
    for reason, number in report.reasons.most_common(_SHOWN):
        yield f"  {' ' * width}  {number:,}: {reason} (line {report.examples[reason]:,})"
    if len(report.reasons) > _SHOWN:
        yield f"  {' ' * width}  … and for {len(report.reasons) - _SHOWN} more reasons"
    if beside is not None:
        yield f"The refused lines are in {beside}."
    ignored = plan.columns.ignored if plan.columns is not None else ()
    if ignored:
        mean = "This column means" if len(ignored) == 1 else "These columns mean"
        yield f"{mean} nothing here: {', '.join(ignored)}."
    if report.ignored:
        names = ", ".join(
            f"{name} ({number:,})" for name, number in report.ignored.most_common(_SHOWN)
        )
        yield f"These attributes are not in the tracking plan: {names}."
    if dry_run:
        yield "Nothing was brought in."


def _of(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _told(report: Report, plan: Plan, beside: Path | None, *, dry_run: bool) -> dict[str, Any]:
    return {
        "file": str(plan.survey.path),
        "dry_run": dry_run,
        "lines": report.lines,
        "resumed_after": report.resumed,
        "people_new": report.new,
        "written": report.written,
        "waiting": report.waiting,
        "repeated": report.repeated,
        "refused": report.refused,
        "reasons": dict(report.reasons),
        "rejected": None if beside is None else str(beside),
        "columns_ignored": list(plan.columns.ignored) if plan.columns is not None else [],
        "attributes_ignored": dict(report.ignored),
    }


@contextmanager
def _deployed(store: str | None, config: Path | None) -> Iterator[tuple[Store, Project]]:
    """A store, and the project that it says runs."""
    from engine.cli.opening import find_settings, opened_if_there
    from engine.deploy import deployed_project
    from engine.operator import OperatorError

    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as found:
        project = deployed_project(found)
        if project is None:
            raise OperatorError(
                f"Nothing is deployed in the store {settings.store} yet: wayline deploy FOLDER"
                " says what people and events are."
            )
        yield found, project
