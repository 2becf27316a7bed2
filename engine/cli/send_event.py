"""``wayline send-event``"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import click

from engine.cli.calling import call
from engine.cli.terminal import print_json, progress
from engine.lines import numbered_lines

__all__ = ["send_event"]

_BATCH = 100


@click.command()
@click.argument("event", required=False)
@click.option("--user", metavar="ID", help="The person it happened to.")
@click.option(
    "-p",
    "--property",
    "properties",
    multiple=True,
    metavar="NAME=VALUE",
    help="A property of the event; the value is JSON, or else text. Can be repeated.",
)
@click.option(
    "-t",
    "--trait",
    "traits",
    multiple=True,
    metavar="NAME=VALUE",
    help="Something known about the person, sent before the event. Can be repeated.",
)
@click.option("--time", metavar="TIME", help="When it happened (2026-03-01T09:00:00Z). Else now.")
@click.option("--id", "name", metavar="ID", help="Sending the same id again changes nothing.")
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Send the calls in a file of JSON lines (also .gz) instead.",
)
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="The daemon.")
@click.option("--key", envvar="WAYLINE_SEND_KEY", metavar="KEY", help="A write key of the daemon.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of it as JSON.")
@click.pass_context
def send_event(  # noqa: PLR0913, PLR0917 - click hands over each option by name
    ctx: click.Context,
    event: str | None,
    user: str | None,
    properties: Sequence[str],
    traits: Sequence[str],
    time: str | None,
    name: str | None,
    source: Path | None,
    url: str,
    key: str | None,
    *,
    as_json: bool,
) -> None:
    """Send EVENT of one person (or a file of events) to a running daemon.

    \b
    wayline send-event "Order Completed" --user ada -p order_id=o-1 -p total=19.90
    """  # noqa: D301 - click reads the sign for a paragraph that is not to be wrapped
    if source is not None:
        if event or user or properties or traits:
            raise click.UsageError("Name an event or a file of events (--from), not both.")
        calls: Iterator[dict[str, Any]] = _lines(source)
    else:
        if user is None or not (event or traits):
            raise click.UsageError("Name the person (--user) and an EVENT, a --trait, or both.")
        calls = iter(_calls(event, user, _pairs(properties), _pairs(traits), time, name))
    sent = _send_all(calls, url, key)
    if as_json:
        print_json(sent._asdict())
    else:
        for rejected in sent.rejected:
            click.echo(f"refused: {rejected['error']}", err=True)
        repeated = f", {sent.repeated} repeated" if sent.repeated else ""
        click.echo(f"{sent.accepted} accepted{repeated}, {len(sent.rejected)} refused.")
    ctx.exit(1 if sent.rejected else 0)


class _Sent(NamedTuple):
    """What became of everything that was sent."""

    accepted: int
    repeated: int
    rejected: list[dict[str, Any]]


def _calls(
    event: str | None,
    user: str,
    properties: dict[str, Any],
    traits: dict[str, Any],
    time: str | None,
    name: str | None,
) -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = []
    if traits:
        calls.append({"type": "identify", "userId": user, "traits": traits})
    if event:
        track = {"type": "track", "userId": user, "event": event, "properties": properties}
        calls.append({**track, "timestamp": time, "messageId": name})
    return calls


def _pairs(texts: Sequence[str]) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise click.UsageError(f'"{text}" is not NAME=VALUE.')
        try:
            pairs[name] = json.loads(value)
        except ValueError:
            pairs[name] = value
    return pairs


def _lines(source: Path) -> Iterator[dict[str, Any]]:
    for number, line in numbered_lines(source):
        try:
            yield json.loads(line)
        except ValueError:
            raise click.UsageError(f"{source}, line {number}: this is not JSON.") from None


def _send_all(calls: Iterator[dict[str, Any]], url: str, key: str | None) -> _Sent:
    """In batches. Every call has an id before it leaves, so that sending again is harmless."""
    accepted = repeated = done = 0
    rejected: list[dict[str, Any]] = []
    with progress() as bar:
        task = bar.add_task("sending", total=None)
        while batch := list(islice(calls, _BATCH)):
            named = [{**each, "messageId": each.get("messageId") or _fresh()} for each in batch]
            answer = call("POST", f"{url.rstrip('/')}/v1/batch", key, {"batch": named})
            accepted += answer.get("accepted", 0)
            repeated += answer.get("repeated", 0)
            found = answer.get("rejected", [])
            rejected += [{**one, "index": one["index"] + done} for one in found]
            done += len(batch)
            bar.update(task, completed=done)
    return _Sent(accepted, repeated, rejected)


def _fresh() -> str:
    return str(uuid.uuid4())
