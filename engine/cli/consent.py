"""``wayline consent``"""

from __future__ import annotations

from pathlib import Path

import click

from engine.cli.terminal import print_json, styled

__all__ = ["consent"]

_STYLES = {
    "title": "bold",
    "head": "bold",
    "about": "dim",
    "yes": "green",
    "no": "yellow",
    "pending": "dim",
}


@click.command()
@click.argument("person")
@click.option("--at", metavar="MOMENT", help="Then, instead of now: 2026-05-03, or with a time.")
@click.option("--known-at", metavar="MOMENT", help="As it was known then, instead of now.")
@click.option("--store", metavar="URL", help="The store to look into: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def consent(
    ctx: click.Context,
    person: str,
    at: str | None,
    known_at: str | None,
    store: str | None,
    config: Path | None,
    *,
    as_json: bool,
) -> None:
    """Tell what PERSON has said about being written to, and what may be sent to them.

    wayline consent ada --at 2026-05-03 says what could be sent on that day (at its end) by all that
    is known today; with --known-at 2026-05-03 by what was known then.
    """
    from engine.cli.naming import person_meant
    from engine.cli.opening import find_settings, opened_if_there
    from engine.clock import SystemClock
    from engine.people.ledger import as_data, as_text, consents_in

    settings = find_settings(config, None, {"store": store})
    with opened_if_there(settings.store) as found:
        meant = person_meant(found, settings, "consent", person)
        ledger = consents_in(found, meant, SystemClock().now(), at, known_at)
    if ledger is None:
        click.echo(f'Nobody called "{person}" has ever been heard of.', err=True)
        ctx.exit(1)
    elif as_json:
        print_json(as_data(ledger))
    else:
        for sort, line in as_text(ledger):
            click.echo(styled(line, _STYLES.get(sort, "")))
