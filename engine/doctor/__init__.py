"""An examination of everything that a daemon stands on. Every finding that is not well has a fix."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from email.utils import parseaddr
from pathlib import Path
from typing import NamedTuple

from dsl.calendar import Instant
from dsl.machine import ConsentNotNeeded, Project, Send
from engine.config import ChannelSettings, OperatorError, Settings
from engine.core.keys import Key
from engine.deploy import deployed_project
from engine.doctor.channels import approved, carriers, crowded, judged, resting
from engine.doctor.domains import Ask, Signing, domain
from engine.doctor.finding import Area, Finding, Level, note, problem, well
from engine.doctor.machine import clock, room, versions
from engine.doctor.senders import stoppable
from engine.doctor.services import askable
from engine.doctor.settings import doors, guests, hidden
from engine.doctor.store import aside, at_work, clocks, file_of_store
from engine.doctor.webhooks import told
from engine.store import open_store
from engine.store.protocol import Store, StoreError

__all__ = ["Area", "Depth", "Finding", "Level", "examine"]


class Depth(NamedTuple):
    """How closely to look. ``ask`` is how to ask the DNS, None not to."""

    thorough: bool = False
    ask: Ask | None = None
    selector: str | None = None


def examine(
    settings: Settings, database: Path | None, depth: Depth, now: Instant
) -> Iterator[Finding]:
    """Everything, in the order in which it is best put right. ``database`` is the file of an SQLite
    store; nothing is created and nothing is sent.
    """
    yield from versions()
    yield from clock()
    yield from room((Path() if database is None else database.parent).resolve())
    project: Project | None = None
    kept: list[Key] = []
    if database is not None and not database.exists():
        yield problem(
            "store",
            f"There is no store {database} yet.",
            "Name the right one with --store, or let wayline serve --dev FOLDER make it.",
        )
    else:
        try:
            store = open_store(settings.store)
        except StoreError as error:
            says, _, fix = str(error).partition("; ")
            yield problem("store", f"{says.rstrip('.')}.", fix or "Put that right.")
        else:
            with closing(store):
                if database is not None:
                    yield from file_of_store(database, thorough=depth.thorough)
                yield from at_work(store, settings.listen, now)
                yield from clocks(store, now)
                yield from aside(store)
                yield from told(store)
                store.bars.under(settings.hidden_under)
                yield from hidden(settings, store.bars.lost())
                kept = store.keys.known()
                yield from resting(store, now)
                yield from judged(store, now)
                yield from crowded(store, now)
                project, findings = _project(store)
                yield from findings
                if project is not None:
                    yield from approved(store, project, now)
    yield from guests(settings, kept, now)
    yield from doors(
        settings,
        unsubscribes=project is not None and _unsubscribes(project),
        measures=project is not None and _measures(project),
    )
    if project is not None:
        yield from askable(settings, project)
        yield from stoppable(settings, project)
    channels = frozenset() if project is None else _used(project)
    yield from asyncio.run(carriers(settings.channels, channels, now))
    if depth.ask is not None:
        yield from _domain(settings, depth, depth.ask)


def _project(store: Store) -> tuple[Project | None, list[Finding]]:
    try:
        project = deployed_project(store)
    except OperatorError as error:
        return None, [problem("project", str(error), "Deploy a project that compiles.")]
    if project is None:
        return None, [
            note("project", "No project is deployed.", "Begin with: wayline deploy FOLDER")
        ]
    live = sum(machine.status == "live" for machine in project.machines.values())
    says = f"Version {project.version} runs, {live} of {len(project.machines)} journeys are live."
    return project, [well("project", says)]


def _used(project: Project) -> frozenset[str]:
    """The channels that the project's journeys send on."""
    return frozenset(
        choice.channel
        for machine in project.machines.values()
        for step in machine.code
        if isinstance(step, Send)
        for choice in step.choices
    )


def _unsubscribes(project: Project) -> bool:
    """Whether it sends e-mail of a category that needs consent."""
    categories = project.policy.categories
    return "email" in _used(project) and any(
        not isinstance(each.consent, ConsentNotNeeded) for each in categories.values()
    )


def _measures(project: Project) -> bool:
    """Whether any of its messages says who opened it, or followed its links."""
    return any(each.measures for each in project.policy.categories.values())


def _domain(settings: Settings, depth: Depth, ask: Ask) -> list[Finding]:
    email = settings.channels.get("email")
    _, address = parseaddr(str(email.of_adapter.get("from", ""))) if email else ("", "")
    name = address.rpartition("@")[2]
    if not name:
        fix = 'Set from = "Shop <news@shop.example>" in [channels.email].'
        return [note("domains", "It is not known from which domain e-mail is sent.", fix)]
    signing = None if email is None else _signing(email)
    if depth.selector is not None and (signing is None or signing.selector != depth.selector):
        signing = Signing(depth.selector)
    return domain(name, signing, ask)


def _signing(email: ChannelSettings) -> Signing | None:
    """By which key messages are signed here, if they are and the key is any good."""
    given = email.of_adapter
    selector, private = given.get("dkim_selector"), given.get("dkim_private_key")
    if not isinstance(selector, str) or not isinstance(private, str):
        return None
    from channels.email.dkim import published, read_signing_key  # noqa: PLC0415 - an extra

    try:
        public = published(read_signing_key(private))
    except ValueError:
        return None  # the channel's own finding says so
    return Signing(selector, str(given.get("dkim_domain") or ""), public)
