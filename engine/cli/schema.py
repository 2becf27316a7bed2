"""``wayline schema``"""

from __future__ import annotations

from pathlib import Path

import click

from engine.cli.terminal import print_json

__all__ = ["schema"]


@click.command()
@click.argument("kind", nargs=-1)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write one file for each kind, and one for all of them.",
)
def schema(kind: tuple[str, ...], out: Path | None) -> None:
    """Print the JSON Schema of a KIND of file, for editors.

    KIND is the first key of a file: journey, message, tracking plan ... Without it, one schema for
    every file of a project is printed.
    """
    from dsl.schema.json_schema import any_file_schema, file_schema
    from dsl.schema.places import KINDS
    from dsl.yaml import same_key

    if out is not None:
        _write(out, {"any": any_file_schema(), **{one: file_schema(one) for one in KINDS}})
        return
    if not kind:
        print_json(any_file_schema())
        return
    words = " ".join(kind)
    known = next((one for one in KINDS if same_key(one) == same_key(words)), None)
    if known is None:
        raise click.UsageError(f'There is no file that begins with "{words}": {", ".join(KINDS)}.')
    print_json(file_schema(known))


def _write(folder: Path, schemas: dict[str, object]) -> None:
    import orjson

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, made in schemas.items():
            path = folder / f"{name.replace(' ', '_')}.schema.json"
            path.write_bytes(orjson.dumps(made, option=orjson.OPT_INDENT_2) + b"\n")
            click.echo(path)
    except OSError as error:
        raise click.UsageError(f"{folder} cannot be written to: {error.strerror}.") from None
