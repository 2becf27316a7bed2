"""``wayline doctor``"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.terminal import print_json, styled

if TYPE_CHECKING:
    from engine.doctor import Finding

__all__ = ["doctor"]

_STYLES = {"ok": "green", "note": "yellow", "problem": "red"}
_TITLES = {
    "machine": "Machine",
    "settings": "Settings",
    "store": "Store",
    "project": "Project",
    "channels": "Channels",
    "domains": "Domains",
}
_WIDTH = 80
_INDENT = 11


@click.command()
@click.option("--store", metavar="URL", help="The store to look at: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
@click.option("--thorough", is_flag=True, help="Also read the whole store; takes a while.")
@click.option("--dns", is_flag=True, help="Also ask what our domain says of its e-mail.")
@click.option("--dkim-selector", metavar="NAME", help="With --dns: look for this DKIM key, too.")
@click.option("--resolver", metavar="ADDRESS", help="With --dns: ask this one (127.0.0.1:53).")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def doctor(
    ctx: click.Context,
    store: str | None,
    config: Path | None,
    dkim_selector: str | None,
    resolver: str | None,
    *,
    thorough: bool,
    dns: bool,
    as_json: bool,
) -> None:
    """Look at everything a daemon stands on, and say what to put right.

    Nothing is changed and nothing is sent; providers are asked as far as logging in.
    """
    from engine.cli.opening import database_of, find_settings
    from engine.clock import SystemClock
    from engine.doctor import Depth, examine
    from engine.doctor.resolver import resolver as asking

    settings = find_settings(config, None, {"store": store})
    ask = asking(resolver) if dns else None
    depth = Depth(thorough, ask, dkim_selector)
    found = list(examine(settings, database_of(settings.store), depth, SystemClock().now()))
    if as_json:
        print_json([each._asdict() for each in found])
    else:
        for line in _lines(found):
            click.echo(line)
    ctx.exit(1 if any(each.level == "problem" for each in found) else 0)


def _lines(found: list[Finding]) -> list[str]:
    lines: list[str] = []
    for area, title in _TITLES.items():
        here = [each for each in found if each.area == area]
        if here:
            lines.append(styled(title, "bold"))
            for each in here:
                lines += _told(each)
            lines.append("")
    problems = sum(each.level == "problem" for each in found)
    notes = sum(each.level == "note" for each in found)
    if not problems + notes:
        return [*lines, "All is well."]
    return [*lines, f"{_many(problems, 'problem')}, {_many(notes, 'note')}."]


def _told(finding: Finding) -> list[str]:
    level = f"  {finding.level:<{_INDENT - 2}}"
    said = _wrapped(finding.says)
    lines = [styled(level, _STYLES[finding.level]) + said[0]]
    lines += [" " * _INDENT + more for more in said[1:]]
    lines += [" " * _INDENT + more for more in _wrapped(f"Fix: {finding.fix}") if finding.fix]
    return lines


def _wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, _WIDTH - _INDENT, break_long_words=False, break_on_hyphens=False)


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
