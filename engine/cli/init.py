"""``wayline init``"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.terminal import print_json
from engine.operator import OperatorError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from engine.library.shelf import Shelf

__all__ = ["init"]

_TO_BEGIN_WITH = ("cart_abandonment", "double_opt_in", "post_purchase", "welcome")
_COMPANY = re.compile(r"[^\W_][^\"\\{}<>\x00-\x1f\x7f]{0,29}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--journeys",
    "named",
    metavar="NAMES",
    help="Which journeys, divided by commas; else four that most shops begin with.",
)
@click.option("--all", "everything", is_flag=True, help="All journeys of the library.")
@click.option("--list", "listing", is_flag=True, help="List the journeys, and make nothing.")
@click.option("--languages", metavar="CODES", help="Of the texts; the first is for everybody else.")
@click.option("--company", metavar="NAME", help="Who writes, as the texts shall call it.")
@click.option("--time-zone", "zone", metavar="ZONE", help="The company's, such as Europe/Berlin.")
@click.option("--currency", metavar="CODE", help="Three letters, such as EUR.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
def init(  # noqa: PLR0913 - click hands over each option as an argument
    folder: Path,
    *,
    named: str | None,
    everything: bool,
    listing: bool,
    languages: str | None,
    company: str | None,
    zone: str | None,
    currency: str | None,
    as_json: bool,
) -> None:
    """Begin a project in FOLDER (here, if it is not named) with journeys of the library.

    Each brings its messages and scenarios, and what it shares with others as far as it is needed.
    Nothing that is there already is written over.
    """
    from engine.library.beginning import Wishes, begun
    from engine.library.shelf import opened_library

    shelf = opened_library()
    if listing:
        _list(shelf, as_json=as_json)
        return
    if named is not None and everything:
        raise click.UsageError("Say --journeys or --all, not both.")
    names = [each.name for each in shelf.journeys]
    chosen: Sequence[str] = names if everything else _TO_BEGIN_WITH
    if named is not None:
        chosen = _chosen("--journeys", named, names, "wayline init --list shows them all.")
    spoken = None
    if languages is not None:
        hint = f"The library speaks {' and '.join(shelf.languages)}; add others to its texts later."
        spoken = _chosen("--languages", languages, shelf.languages, hint)
    wishes = Wishes(chosen, spoken, _company(company), _zone(zone), _currency(currency))
    files = begun(shelf, wishes)
    _write(folder, files)
    if as_json:
        print_json({"folder": str(folder), "journeys": list(chosen), "files": list(files)})
    else:
        _tell(folder, shelf, chosen, files, named=company is not None)


def _list(shelf: Shelf, *, as_json: bool) -> None:
    if as_json:
        print_json([{"journey": name, "title": title} for name, title in shelf.journeys])
        return
    width = max(len(each.name) for each in shelf.journeys)
    for name, title in shelf.journeys:
        click.echo(f"{name:{width}}  {title}")


def _chosen(option: str, text: str, known: Sequence[str], hint: str) -> Sequence[str]:
    """The names divided by commas, each of which has to be known."""
    from dsl.spelling import did_you_mean

    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise click.UsageError(f"{option} names nothing. {hint}")
    for name in names:
        if name not in known:
            guess = did_you_mean(name, known) or hint
            raise click.UsageError(f'{option}: the library has no "{name[:60]}". {guess}')
    return names


def _company(name: str | None) -> str | None:
    if name is None or _COMPANY.fullmatch(name.strip()):
        return name and name.strip()
    raise click.UsageError(
        "--company: a name of up to 30 characters, without quotation marks, brackets like <>"
        " and {} and backslashes: it goes into every text."
    )


def _zone(name: str | None) -> str | None:
    from zoneinfo import available_timezones

    from dsl.spelling import did_you_mean

    if name is not None and name not in available_timezones():
        hint = did_you_mean(name, available_timezones()) or "For example: Europe/Berlin"
        raise click.UsageError(f'--time-zone: there is no time zone called "{name[:60]}". {hint}')
    return name


def _currency(code: str | None) -> str | None:
    if code is not None and not re.fullmatch(r"[A-Z]{3}", code):
        raise click.UsageError(f'--currency: "{code[:60]}" is not three capital letters.')
    return code


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Writes all of the files, or none if one of them is there."""
    there = [path for path in files if (folder / path).exists() or (folder / path).is_symlink()]
    if there:
        more = f" (and {len(there) - 1} more)" if len(there) > 1 else ""
        raise OperatorError(
            f"{folder / there[0]}{more} is there already, and nothing is written over:"
            " name a new folder, and copy from it what you need."
        )
    try:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with (folder / path).open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        raise OperatorError(f"{folder} cannot be written to: {error.strerror}.") from None


def _tell(
    folder: Path,
    shelf: Shelf,
    chosen: Collection[str],
    files: Mapping[str, str],
    *,
    named: bool,
) -> None:
    count = "1 journey" if len(chosen) == 1 else f"{len(chosen)} journeys"
    click.echo(f"{folder}: {count} in {len(files)} files.\n")
    width = max(map(len, chosen))
    for name, title in shelf.journeys:
        if name in chosen:
            click.echo(f"  {name:{width}}  {title}")
    click.echo("\nBegin with the comments that say what to change first, in every file.")
    if not named:
        click.echo(f'The texts speak of "{shelf.company.title()}": write your own name there.')
    place = "" if folder == Path() else f" {shlex.quote(str(folder))}"
    click.echo("\nNext:\n")
    for command in ("check", "test --coverage", "serve --dev"):
        click.echo(f"  wayline {command}{place}")
