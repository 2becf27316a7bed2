"""``wayline preview``"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.terminal import styled

if TYPE_CHECKING:
    from dsl.calendar import Instant
    from dsl.machine import Project
    from dsl.message import Message
    from engine.config import Settings
    from engine.preview import Preview, Reader
    from engine.store.protocol import Store

__all__ = ["preview"]

_STYLES = {"title": "bold", "about": "dim", "note": "yellow", "not sent": "red"}


@click.command()
@click.argument("message")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--profile",
    metavar="FILE|PERSON",
    help="Whom to show it to: a JSON file with profile, trigger and inputs, or somebody known.",
)
@click.option(
    "--locale",
    "locales",
    multiple=True,
    metavar="CODE",
    help="In which language; several times for several, or all.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Write a page into FILE; - prints it.",
)
@click.option(
    "--send-to",
    metavar="ADDRESS",
    help="Really send it there as a test: to one of the test_recipients in wayline.toml.",
)
@click.option("--channel", help="On which channel, if ADDRESS does not say it by itself.")
@click.option("--unmasked", is_flag=True, help="Show personal data of somebody known.")
@click.option("--store", metavar="URL", help="Where PERSON is known: sqlite:///wayline.db")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings.")
def preview(  # noqa: PLR0913 - click hands over each option as an argument
    message: str,
    folder: Path,
    *,
    profile: str | None,
    locales: tuple[str, ...],
    out: Path | None,
    send_to: str | None,
    channel: str | None,
    unmasked: bool,
    store: str | None,
    config: Path | None,
) -> None:
    """Show a MESSAGE of the project in FOLDER as people will see it, on every channel.

    Without --profile it is shown to invented people: the usual one, one of whom hardly anything is
    known, and one with long values.
    """
    from engine.cli.opening import find_settings
    from engine.clock import SystemClock
    from engine.preview import html_preview, told_preview
    from engine.preview import preview as previewed

    settings = find_settings(config, folder, {"store": store})
    project, chosen = _chosen(click.get_current_context(), folder, message)
    now = SystemClock().now()
    if send_to is not None and unmasked:
        raise click.UsageError("--unmasked cannot go with --send-to: a test is masked.")
    readers = _readers(project, chosen, profile, settings, now)
    if send_to is not None:
        readers = readers[:1]  # the usual one, if they are invented
    if not unmasked:
        readers = [each if each.invented else each.masked(project) for each in readers]
    languages = _languages(project, locales, known=profile is not None)
    base = (settings.public_url or "https://journeys.shop.example").rstrip("/")
    made = previewed(project, chosen, readers, languages, base, now)
    if send_to is not None:
        _send(made, send_to, channel, settings)
        return
    if out is None:
        for sort, line in told_preview(made):
            click.echo(styled(line, _STYLES.get(sort, "")))
        return
    page = html_preview(made, _sender(settings, project))
    try:
        with click.open_file(str(out), "w", encoding="utf-8") as file:
            file.write(page)
    except OSError as error:
        raise click.UsageError(f"{out} cannot be written to: {error.strerror}.") from None
    if str(out) != "-":
        click.echo(f"{out}: {len(made.sheets)} previews of {chosen.name}.")


def _chosen(ctx: click.Context, folder: Path, name: str) -> tuple[Project, Message]:
    """The project and the message. Leaves with code 1 if there are mistakes in the project."""
    from dsl.compiler import compile_project
    from dsl.spelling import did_you_mean
    from engine.cli.check import print_findings
    from engine.folder import project_folder

    compiled = compile_project(*project_folder(folder))
    if compiled.project is None:
        print_findings(compiled)
        ctx.exit(1)
    messages = compiled.project.messages
    if name not in messages:
        hint = did_you_mean(name, messages) or f"Messages here: {', '.join(sorted(messages))}."
        raise click.UsageError(f'There is no message called "{name}". {hint}')
    return compiled.project, messages[name]


def _readers(
    project: Project, message: Message, profile: str | None, settings: Settings, now: Instant
) -> Sequence[Reader]:
    from engine.preview import from_document, sample_readers

    if profile is None:
        return sample_readers(project, message, now)
    path = Path(profile)
    if path.is_file():
        return [from_document(project, message, _document(path), path.name, now)]
    return [_known(project, message, profile, settings, now)]


def _document(path: Path) -> dict[str, object]:
    import json

    from engine.operator import OperatorError

    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OperatorError(f"{path} cannot be read as JSON: {error}.") from None
    if not isinstance(document, dict):
        raise OperatorError(f"{path} should be a JSON object with a profile in it.")
    return document


def _known(
    project: Project, message: Message, person: str, settings: Settings, now: Instant
) -> Reader:
    from engine.access.trail import witness
    from engine.cli.opening import opened_if_there
    from engine.operator import OperatorError
    from engine.preview import from_store

    with opened_if_there(settings.store) as store:
        witness(store, settings, "preview", person)
        found = store.people([person], project.plan.events).get(person)
    if found is None or not found.readable:
        raise OperatorError(
            f'"{person}" is no file, and nobody called so is known in {settings.store}.'
        )
    return from_store(project, message, found, person, now)


def _languages(project: Project, locales: tuple[str, ...], *, known: bool) -> tuple[str, ...]:
    """Those asked for; else a person's own, and the first of the company for invented people."""
    if "all" in locales:
        return project.policy.languages
    if locales or known:
        return locales
    return project.policy.languages[:1]


def _send(made: Preview, address: str, channel: str | None, settings: Settings) -> None:
    """Sends the test, and says so."""
    import asyncio

    from engine.access.trail import witness
    from engine.cli.opening import opened_or_made
    from engine.clock import SystemClock
    from engine.dispatcher.opening import open_carriers
    from engine.operator import OperatorError
    from engine.preview.sending import channel_for, may_get_tests, send_test

    if not may_get_tests(address, settings.test_recipients):
        raise OperatorError(
            f"{address} is not among those who get tests: add it to test_recipients in wayline.toml."
        )
    wanted = channel or channel_for(address, made.channels)
    own = {name: each for name, each in settings.channels.items() if name == wanted}

    async def sent(store: Store) -> str:
        adapter = open_carriers(own, otherwise=None, channels=frozenset({wanted}))[wanted][
            0
        ].adapter
        try:
            return await send_test(
                made,
                wanted,
                address,
                adapter,
                SystemClock(),
                lambda what, about: witness(store, settings, what, **about),
            )
        finally:
            await adapter.close()

    with opened_or_made(settings.store) as store:
        known_as = asyncio.run(sent(store))
    click.echo(f"Sent to {address} on {wanted}, as a test. The provider calls it {known_as}.")


def _sender(settings: Settings, project: Project) -> str:
    """Whom e-mails come from, if that is set up."""
    chosen = settings.channels.get("email")
    sender = None if chosen is None else chosen.of_adapter.get("from")
    return str(sender) if sender else f"{project.name.replace('_', ' ')} <news@shop.example>"
