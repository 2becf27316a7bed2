"""``wayline plan-from-events``"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import click

from engine.cli.terminal import progress
from engine.lines import Bytes, numbered_lines

__all__ = ["plan_from_events"]

_AT_A_TIME = 500  # lines between two looks at the progress bar


@click.command()
@click.argument(
    "files",
    nargs=-1,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--name", default="drafted", show_default=True, help="What the plan is called.")
@click.option(
    "--currency", default="", metavar="EUR", help="Of amounts beside which no currency is said."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write into this new file instead of printing.",
)
@click.option(
    "--from-store", is_flag=True, help="From the calls that do not fit the plan and are kept aside."
)
@click.option("--store", metavar="URL", help="The store: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
def plan_from_events(
    files: Sequence[Path],
    name: str,
    currency: str,
    out: Path | None,
    store: str | None,
    config: Path | None,
    *,
    from_store: bool,
) -> None:
    """Draft a tracking plan from FILEs of calls that were sent elsewhere.

    They are JSON lines (also .gz) in the Segment spec. What is drafted takes all of them; read it
    before you use it.

    \b
    wayline plan-from-events january.jsonl.gz --name shop --out tracking_plan.yaml
    """  # noqa: D301 - click reads the sign for a paragraph that is not to be wrapped
    from dsl.drafting import Drafter
    from engine.operator import OperatorError

    if out is not None and out.exists():
        raise OperatorError(f"{out} is there already: name another file, or move it away.")
    if not files and not from_store:
        raise click.UsageError("Name a FILE of calls, or say --from-store.")
    drafter = Drafter(currency.strip().upper())
    seen = wrong = 0
    kept = _kept(store, config) if from_store else ()
    for call in chain(_calls(files), kept):
        if call is None:
            wrong += 1
        else:
            drafter.add(call)
        seen += 1
    draft = drafter.draft(name)
    if out is None:
        click.echo(draft.text, nl=False)
    else:
        try:
            out.write_text(draft.text, encoding="utf-8")
        except OSError as error:
            raise OperatorError(f"{out} cannot be written to: {error.strerror}.") from None
    told = f"{seen:,} calls: {draft.events} events, {draft.attributes} attributes of people"
    click.echo(f"{told}{_besides(draft.left_out, drafter.ignored, wrong)}.", err=True)


def _besides(left_out: int, ignored: int, wrong: int) -> str:
    counted = (
        (left_out, "fields left out (the file says why)"),
        (ignored, "calls of other types, or of Wayline's own events"),
        (wrong, "lines that are not JSON"),
    )
    return "".join(f"; {number:,} {what}" for number, what in counted if number)


def _calls(files: Sequence[Path]) -> Iterator[object]:
    """Every line that is not empty; None for those that are not JSON."""
    import orjson

    with progress(of_bytes=True) as bar:
        for path in files:
            source = Bytes(path)
            task = bar.add_task(path.name, total=source.size)
            for number, line in numbered_lines(source):
                if number % _AT_A_TIME == 0:
                    bar.update(task, completed=source.done)
                try:
                    yield orjson.loads(line)
                except orjson.JSONDecodeError:
                    yield None
            bar.update(task, completed=source.size)


def _kept(store: str | None, config: Path | None) -> Iterator[object]:
    """The calls that are kept aside."""
    from engine.access.trail import witness
    from engine.cli.opening import find_settings, opened_if_there
    from engine.ingest.strays import everything_kept

    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as found:
        witness(found, settings, "plan-from-events --from-store")
        for some in everything_kept(found):
            yield from (each.stray.call for each in some)
