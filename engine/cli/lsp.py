"""``wayline lsp``"""

from __future__ import annotations

import click

__all__ = ["lsp"]


@click.command()
@click.option("--stdio", is_flag=True, help="Speak on standard input and output: always so.")
def lsp(*, stdio: bool) -> None:
    """Serve an editor: findings as you type, completion, explanations, renaming.

    Editors start this themselves and speak the Language Server Protocol with it on standard input
    and output.
    """
    try:
        from engine.lsp.server import serve
    except ImportError as missing:
        if (missing.name or "").partition(".")[0] not in ("pygls", "lsprotocol", "cattrs", "attrs"):
            raise
        raise click.UsageError(
            'The language server needs a library that is not installed: pip install "wayline[lsp]"'
        ) from None
    serve()
