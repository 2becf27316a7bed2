"""``wayline graph``"""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["graph"]


@click.command()
@click.argument("journey")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--svg",
    "picture",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Write a picture into FILE; - prints it.",
)
@click.option("--mermaid", "as_text", is_flag=True, help="Print a Mermaid flowchart (the default).")
@click.pass_context
def graph(
    ctx: click.Context, journey: str, folder: Path, picture: Path | None, *, as_text: bool
) -> None:
    """Draw the JOURNEY of the project in FOLDER (here, if it is not named)."""
    from dsl.drawing import draw
    from dsl.mermaid import mermaid
    from engine.cli.choosing import chosen_machine

    _, machine = chosen_machine(ctx, folder, journey)
    if picture is None or as_text:
        click.echo(mermaid(machine), nl=False)
    if picture is not None:
        try:
            with click.open_file(str(picture), "w", encoding="utf-8") as file:
                file.write(draw(machine))
        except OSError as error:
            raise click.UsageError(f"{picture} cannot be written to: {error.strerror}.") from None
