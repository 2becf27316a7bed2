"""The parts of the READMEs that are made from the code: ``make docs`` writes them again.

Each stands between two comments, ``<!-- made: NAME -->`` and ``<!-- end -->``. A test compares.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

import click

from dsl.expr.parse import START_SYMBOLS, grammar
from dsl.expr.tables import FILE, are_of, read_tables, tables_for, written
from dsl.laws import tables as law_tables
from dsl.laws.reading import countries, laws_as_written
from dsl.laws.texts import digest
from engine.cli.main import wayline
from engine.library.shelf import opened_library
from engine.metrics import Metrics
from tests.dsl.reference import made as reference
from tests.dsl.reference import tried
from tests.dsl.reference.shop import FILE as LANGUAGE

__all__ = ["GUIDE", "README", "guide", "papers", "written_again"]

README = Path(__file__).resolve().parent.parent / "README.md"
_MORE = README.parent / "docs"
# In the order in which they are read: what a page does rests on the pages before it.
GUIDE = (README, _MORE / "people.md", _MORE / "sending.md", _MORE / "running.md")
_MADE = re.compile(r"(<!-- made: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def guide() -> str:
    """The README and the pages that go on from it, as one text."""
    return "\n".join(page.read_text(encoding="utf-8") for page in GUIDE)


def commands() -> Iterator[str]:
    """The commands, and what each is for."""
    yield "| command | does |"
    yield "| --- | --- |"
    context = click.Context(wayline)
    for name in wayline.list_commands(context):
        command = wayline.get_command(context, name)
        assert command is not None
        usage = " ".join(["wayline", name, *(_arguments(command))])
        summary = (command.help or "").split("\n\n")[0].replace("\n", " ").strip().rstrip(".")
        yield f"| `{usage}` | {summary} |"


def _arguments(command: click.Command) -> list[str]:
    return [
        str(parameter.make_metavar(click.Context(command)))
        for parameter in command.params
        if isinstance(parameter, click.Argument)
    ]


def metrics() -> Iterator[str]:
    """What Prometheus is told."""
    yield "| metric | counts |"
    yield "| --- | --- |"
    for metric in Metrics().registry.collect():
        name = metric.name + ("_total" if metric.type == "counter" else "")
        yield f"| `{name}` | {metric.documentation.rstrip('.')} |"


def library() -> Iterator[str]:
    """The journeys to begin with."""
    yield "| journey | does |"
    yield "| --- | --- |"
    for name, title in opened_library().journeys:
        yield f"| [{name}](journeys/{name}/journey.yaml) | {title} |"


def adapters() -> Iterator[str]:
    """What carries messages, by its name in the settings."""
    project = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    yield "| adapter | what it does | to be installed with |"
    yield "| --- | --- | --- |"
    for name, place in sorted(project["entry-points"]["wayline.adapters"].items()):
        module = import_module(place.partition(":")[0])
        first = " ".join((module.__doc__ or "").split("\n\n")[0].split()).partition(". ")[0]
        needs = f"`wayline[{name}]`" if name in project["optional-dependencies"] else ""
        yield f"| `{name}` | {first.rstrip('.')} | {needs} |"


def laws() -> Iterator[str]:
    """The laws that are kept."""
    yield "| law | where | what | on | source | read |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for country in countries().values():
        for law in country.laws:
            place = country.place(law)
            read = f"{law.as_of}" if law.checked else "not yet"
            channels = ", ".join(law.channels)
            yield f"| `{law.id}` | {place} | {law.says} | {channels} | {law.source} | {read} |"


PARTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "adapters": adapters,
    "commands": commands,
    "laws": laws,
    "library": library,
    "metrics": metrics,
    **reference.PARTS,
}


def written_again(text: str) -> str:
    """The document with its made parts as the code is now."""

    def made(found: re.Match[str]) -> str:
        return found[1] + "\n".join(PARTS[found[2]]()) + "\n" + found[3]

    return _MADE.sub(made, text)


def papers() -> Iterator[tuple[Path, str]]:
    """Every document with made parts, and how it should read."""
    for page in GUIDE:
        yield page, written_again(page.read_text(encoding="utf-8"))
    language = written_again(LANGUAGE.read_text(encoding="utf-8"))
    yield LANGUAGE, tried.written_again(language)
    laws_of_places = README.parent / "dsl" / "laws" / "README.md"
    yield laws_of_places, written_again(laws_of_places.read_text(encoding="utf-8"))


def _write_tables() -> None:
    """The parser's tables, if they are of another grammar: no two makings are quite the same. And
    those of the laws.
    """
    file = README.parent / "dsl" / "expr" / FILE
    if not are_of(read_tables(file.read_bytes()), grammar(), START_SYMBOLS):
        file.write_bytes(written(tables_for(grammar(), START_SYMBOLS)))
    laws_of_places = README.parent / "dsl" / "laws" / law_tables.FILE
    laws_of_places.write_bytes(law_tables.tables_of(laws_as_written(), digest()))


if __name__ == "__main__":
    _write_tables()
    for path, text in papers():
        path.write_text(text, encoding="utf-8")
