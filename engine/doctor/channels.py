"""The channels: whether each has an adapter, and the adapter a provider that lets it in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from dsl.calendar import Instant, to_datetime
from dsl.machine import Project
from dsl.message import WhatsAppForm
from engine.config import ChannelSettings, OperatorError
from engine.core.gates import opens
from engine.dispatcher.approvals import Approvals
from engine.dispatcher.carriers import Carrier
from engine.dispatcher.opening import open_carriers
from engine.dispatcher.reputation import Reputations
from engine.doctor.finding import Finding, note, problem, well
from engine.store.protocol import Store

__all__ = ["approved", "carriers", "crowded", "judged", "resting"]

_PATIENCE = 30.0  # seconds


async def carriers(
    settings: Mapping[str, ChannelSettings], channels: frozenset[str], now: Instant
) -> list[Finding]:
    """One finding for each channel, in alphabetical order. Nothing is sent."""
    return [await _carrier(settings, channel, now) for channel in sorted(channels | set(settings))]


async def _carrier(settings: Mapping[str, ChannelSettings], channel: str, now: Instant) -> Finding:
    chosen = settings.get(channel)
    alone = {} if chosen is None else {channel: chosen}
    try:
        carriers = open_carriers(alone, otherwise=None, channels=frozenset({channel}))[channel]
    except OperatorError as error:
        says, _, fix = str(error).partition(": ")
        fixed = fix or f"Look at [channels.{channel}] in wayline.toml."
        return problem("channels", f"{channel}: {says.rstrip('.')}.", fixed[0].upper() + fixed[1:])
    found = [await _knock(channel, carrier, now) for carrier in carriers]
    return next((each for each in found if each.level != "ok"), found[0])


async def _knock(channel: str, carrier: Carrier, now: Instant) -> Finding:
    try:
        obstacle = await asyncio.wait_for(carrier.adapter.probe(now), _PATIENCE)
    except TimeoutError:
        obstacle = "The provider gave no answer in time."
    finally:
        await carrier.adapter.close()
    name = carrier.name.partition("/")[2]
    if obstacle:
        return problem(
            "channels", f"{channel} ({name}): {obstacle}", f"Look at [channels.{channel}]."
        )
    return well("channels", f"{channel} ({name}): nothing stands in the way of sending.")


def resting(store: Store, now: Instant) -> list[Finding]:
    """Adapters that are left alone, because they failed too often in a row."""
    return [
        problem(
            "channels",
            f"{name.removesuffix('/rest')} is left alone since it failed {gate.failures} times in a"
            f" row: {gate.why}.",
            "What waits is handed over once it works again: it is tried every few minutes. Look at"
            " the provider's own page about its state, and at the adapter's settings.",
        )
        for name, gate in store.gates.known(now).items()
        if name.endswith("/rest") and opens(gate, now) is not None
    ]


def approved(store: Store, project: Project, now: Instant) -> list[Finding]:
    """Approved wordings of the project that their provider has taken back, or moved elsewhere."""
    used = {
        (channel, form.approved_template)
        for message in project.messages.values()
        for channel, form in message.forms.items()
        if isinstance(form, WhatsAppForm) and form.approved_template
    }
    found = []
    for each in Approvals(store.gates).known(now):
        place = f'The approved template "{each.name}" ({each.language})'
        if (each.channel, each.name) not in used:
            continue
        if each.why:
            fix = (
                "See to it in WhatsApp Manager, or send another template: messages go the next way."
            )
            found.append(problem("channels", f"{place} is {each.why}.", fix))
        declared = project.policy.channels.get(each.channel)
        wording = declared.approved.get(each.name) if declared else None
        if each.category and (wording is None or wording.category != each.category):
            has = "does not say so" if wording is None else f"has it as {wording.category}"
            says = f"{place} is {each.category} now, and the policy {has}."
            fix = (
                f"Say category: {each.category} under approved templates, and see what wayline check"
                " says then: what needs consent goes as marketing, and nothing else does."
            )
            found.append(problem("channels", says, fix))
    return found


def crowded(store: Store, now: Instant) -> list[Finding]:
    """Providers by whom as many people have been written to as may be."""
    return [
        note(
            "channels",
            f"{name.removesuffix('/people')}: as many people as may be in 24 hours were written to."
            f" More are from {to_datetime(gate.shut):%d %B, %H:%M} UTC on.",
            "If the provider lets you write to more by now, say so in the channel's limits:"
            ' people = "2000 per day"',
        )
        for name, gate in store.gates.known(now).items()
        if name.endswith("/people") and gate.shut > now
    ]


def judged(store: Store, now: Instant) -> list[Finding]:
    """Domains of which too many people call messages spam."""
    found = []
    for each in Reputations(store.gates).known(now):
        if each.stopped:
            found.append(
                problem(
                    "domains",
                    f"What needs consent waits: complaints about {each.domain} are at {each.why}.",
                    "Find out who complains of what before more goes out. It goes on by itself when"
                    f" the rate falls; or say wayline complaints --resume {each.domain}",
                )
            )
        elif each.warned:
            found.append(
                note(
                    "domains",
                    f"Complaints about {each.domain} are at {each.why}.",
                    "Large receivers want less than 0.10%; at 0.30% what needs consent waits.",
                )
            )
    return found
