"""``wayline version``"""

from __future__ import annotations

import json
import platform
from importlib.metadata import version as version_of

import click

__all__ = ["version"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def version(*, as_json: bool) -> None:
    """Print the version."""
    number, python = version_of("wayline"), platform.python_version()
    if as_json:
        click.echo(json.dumps({"wayline": number, "python": python}))
    else:
        click.echo(f"wayline {number} (Python {python})")
