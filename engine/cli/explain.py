"""``wayline explain``"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.terminal import styled

if TYPE_CHECKING:
    from dsl.catalogue import Page

__all__ = ["explain"]

_CODE = re.compile(r"[A-Za-z]\d{2,3}")
_WIDTH = 88


@click.command()
@click.argument("what", metavar="CODE|JOURNEY")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.pass_context
def explain(ctx: click.Context, what: str, folder: Path) -> None:
    """Tell in words what a finding means (CODE, such as N04), or what a JOURNEY does.

    A journey is one of the project in FOLDER (here, if it is not named).
    """
    if _CODE.fullmatch(what):
        _explain_code(what)
    else:
        _explain_journey(ctx, what, folder)


def _explain_code(code: str) -> None:
    from dsl.catalogue import codes, page

    found = page(code)
    if found is None:
        raise click.UsageError(f"There is no code {code}. Codes are: {', '.join(codes())}")
    click.echo(_written(found))


def _written(page: Page) -> str:
    import textwrap

    def paragraph(text: str) -> str:
        return textwrap.fill(text, _WIDTH, break_on_hyphens=False, break_long_words=False)

    parts = [
        f"{styled(page.code, 'bold')}  {styled(page.title, 'bold')}",
        paragraph(page.says),
        paragraph(page.why),
    ]
    for name, example, style in (("Wrong", page.wrong, "red"), ("Right", page.right, "green")):
        for path, text in example.items():
            head = styled(f"{name}, in {path}:", style)
            parts.append(f"{head}\n\n{textwrap.indent(text.rstrip(), '    ')}")
    return "\n\n".join(parts)


def _explain_journey(ctx: click.Context, name: str, folder: Path) -> None:
    from dsl.explain import explain_journey
    from engine.cli.choosing import chosen_machine

    project, machine = chosen_machine(ctx, folder, name)
    click.echo(explain_journey(machine, project, width=_WIDTH))
