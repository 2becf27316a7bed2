"""``wayline openapi``"""

from __future__ import annotations

import click

__all__ = ["openapi"]


@click.command()
def openapi() -> None:
    """Print the OpenAPI document of the HTTP API, for clients and tools.

    A running daemon hands out the same at /v1/openapi.json, and as a page at /docs.
    """
    from engine.api.v1 import OPERATIONS
    from engine.api.v1.browsing import written

    click.echo(written(OPERATIONS).decode(), nl=False)
