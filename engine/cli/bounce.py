"""``wayline bounce``"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    from engine.config import Settings

__all__ = ["bounce"]

_LATER = 75  # what mail servers try again (EX_TEMPFAIL of sysexits.h)


@click.command()
@click.option(
    "--recipient", metavar="ADDRESS", default="", help="To whom the mail came: ${recipient}."
)
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="The daemon.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.pass_context
def bounce(ctx: click.Context, recipient: str, url: str, config: Path | None) -> None:
    """Pass a mail on that came back, from standard input, to a running daemon.

    For a pipe of a mail server, such as Postfix's or a .forward file. What is no report about a
    message of ours is taken and changes nothing. If the daemon cannot be reached, the exit code is
    75, and the mail server tries again.
    """
    from urllib.parse import quote

    from engine.cli.calling import post_mail
    from engine.cli.opening import find_settings
    from engine.operator import OperatorError

    mail = _whole(sys.stdin.buffer)
    if mail is None:
        return
    address = f"{url.rstrip('/')}/v1/receipts/email?recipient={quote(recipient)}"
    try:
        login = _login(find_settings(config, None))
        post_mail(address, login, mail)
    except OperatorError as error:
        click.echo(str(error), err=True)
        ctx.exit(_LATER)


def _whole(given: BinaryIO) -> bytes | None:
    """The mail; None if it is larger than a report can be. Read to its end all the same, or the
    mail server would take it for a failure.
    """
    from channels.email.returned import LARGEST

    mail = given.read(LARGEST + 1)
    while given.read(LARGEST):
        pass
    return mail if len(mail) <= LARGEST else None


def _login(settings: Settings) -> str:
    """What the adapter of e-mail, or the one that stands in for it, lets mails in by."""
    from engine.operator import OperatorError

    chosen = settings.channels.get("email")
    while chosen is not None:
        login = chosen.of_adapter.get("bounce_login")
        if isinstance(login, str) and chosen.adapter == "smtp":
            return login
        chosen = chosen.otherwise
    raise OperatorError(
        '[channels.email] No "bounce_login" is set for the adapter "smtp": it lets mails in that'
        ' came back, for example "postfix:a long password".'
    )
