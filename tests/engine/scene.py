"""A stage for the engine: a small shop, people, a clock that is moved by hand, and the real runner
and dispatcher between them. Time stands still until ``until`` or ``after`` is called.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from channels.content.library import Library
from channels.content.linking import linking_of
from channels.memory import MemoryAdapter
from channels.message import Message
from channels.outcome import Outcome
from channels.services import ScriptedServices
from dsl.calendar import DAY, MINUTE, Instant, from_datetime, local
from dsl.compiler import compile_project
from dsl.expr.context import Happened
from dsl.machine import Project
from dsl.project import Folder
from dsl.render import render
from dsl.values import properties_at_rest
from engine.core.decision import Decision
from engine.core.former import Former
from engine.core.program import Program
from engine.core.run import Run
from engine.core.signals import Arrival, EventArrived, ProfileChanged, ReceiptArrived
from engine.deploy import deploy_folder, running
from engine.dispatcher import Dispatcher
from engine.runner import Runner
from engine.services.caller import Caller
from engine.store.memory import MemoryStore
from engine.store.protocol import Store

__all__ = ["SHOP", "Scene", "journey", "program_of"]

PLAN = """
tracking plan: shop
profile:
  first_name: text, personal
  email: text, personal
  phone: text, personal
  country: text
  language: one of de / en
  time_zone: text
  tier: one of bronze / silver / gold
  visits: whole number
  renewal_date: date
events:
  signed_up:
  cart_updated:
    has: {cart_id: "text, required", value: "money EUR, required", due_at: date and time}
  purchase:
    did: buy
    has: {cart_id: text, total: "money EUR, required"}
  viewed:
    has: {product: text}
  finished:
    has: {outcome: text}
"""

POLICY = """
policy: shop
time zone: Europe/Berlin
languages: en
currency: EUR
channels:
  email: {reachable when: email is known}
  push: {reachable when: yes}
  sms: {reachable when: phone is known}
categories:
  promotional: {consent: required}
  service:
    consent: not needed
    because: They have ordered something
    ignores: frequency caps, quiet hours, holdout, arbitration
    when unknown: retry once
"""

MESSAGES = """
messages:
  hello:
    push: {title: {en: Hello}, body: {en: Good to see you}}
    sms: {text: {en: Hello from the shop}}
    email: {subject: {en: Hello}, blocks: [{text: {en: Good to see you}}, {use: footer}]}
  named:
    push: {title: {en: "Hello {{ first_name }}"}, body: {en: Good to see you}}
    email: {subject: {en: Hello}, blocks: [{text: {en: Good to see you}}, {use: footer}]}
  offer:
    inputs: {discount: "whole number, required"}
    push: {title: {en: "{{ discount }} % off"}, body: {en: Only today}}
    email: {subject: {en: "{{ discount }} % off"}, blocks: [{use: footer}]}
"""

MODULES = """
modules:
  footer:
    required in: email
    blocks:
      - text: {en: "Unsubscribe: {{ unsubscribe_link }}"}
"""

SHOP: Mapping[str, str] = {
    "plan.yaml": PLAN,
    "policy.yaml": POLICY,
    "messages.yaml": MESSAGES,
    "modules.yaml": MODULES,
    "segments.yaml": 'segments:\n  staff: {who: email ends with "@shop.example"}\n',
}


def journey(body: str, name: str = "welcome", head: str = "") -> str:
    """A live promotional journey called ``name`` that starts on ``signed_up`` unless ``head``
    says otherwise, with the steps of ``body``.
    """
    lines = [f"journey: {name}", f"title: {name}"]
    for key, value in (
        ("category", "promotional"),
        ("status", "live"),
        ("trigger", "{event: signed_up}"),
        ("re-enter", "any time"),
    ):
        if f"{key}:" not in head:
            lines.append(f"{key}: {value}")
    return "\n".join([*lines, head.strip(), "steps:", body.strip("\n"), ""])


def compiled(files: Mapping[str, str]) -> Project:
    """The project, or a failure that shows what is wrong with it."""
    return _compiled(tuple(files.items()))


@lru_cache(maxsize=16)
def _compiled(files: tuple[tuple[str, str], ...]) -> Project:
    """Nothing changes a project, so many scenes may have one."""
    made = compile_project(dict(files))
    assert made.project is not None, render(made.diagnostics, made.sources, colour=False)
    return made.project


def program_of(files: Mapping[str, str], before: Program | None = None) -> Program:
    """A program as the daemon makes one, with links that lead nowhere. ``before`` is what it takes
    the place of.
    """
    project = compiled(files)
    earlier = None if before is None else before.content
    assert earlier is None or isinstance(earlier, Library)
    return Program.of(project, _library(project, earlier))


def _library(project: Project, before: Library | None = None) -> Library:
    return Library(
        project.messages,
        project.policy.languages,
        lambda delivery: f"https://shop.example/u/{delivery}",
        before,
        linking_of(
            project.policy,
            lambda delivery, number: f"https://go.example/c/{delivery}/{number}",
            lambda delivery: f"https://go.example/o/{delivery}",
        ),
    )


class Scene:
    """Everything on stage. ``start`` and all times are wall-clock text in ``zone``."""

    def __init__(
        self,
        *journeys: str,
        start: str = "2026-03-02 10:00",
        zone: str = "Europe/Berlin",
        policy: str = "",
        files: Mapping[str, str] | None = None,
        store: Store | None = None,
        limit: int = 1000,
        answer: Callable[[Message], Outcome] | None = None,
        services: ScriptedServices | None = None,
    ) -> None:
        self.zone = ZoneInfo(zone)
        self.files = {**SHOP, **(files or {})}
        self.files["policy.yaml"] = self.files["policy.yaml"] + policy
        for index, text in enumerate(journeys):
            self.files[f"journeys/{index}.yaml"] = text
        self.program = program_of(self.files)
        self.store: Store = store or MemoryStore()
        self.runner = Runner(self.store, self.program)
        self.services = services or ScriptedServices()
        self.adapter = MemoryAdapter() if answer is None else MemoryAdapter(answer=answer)
        channels = self.program.policy.channels
        self.dispatcher = Dispatcher(
            self.store,
            self.program,
            dict.fromkeys(channels, self.adapter),
            services=self.services,
        )
        self.silent = False  # web services are being asked, and do not answer
        self.caller = Caller(self.store, self.program, self.services, lambda: self.now)
        self.limit = limit
        self.now = self.at(start)
        self._count = 0
        self._opens: Instant | None = None

    # ---------------------------------------------------------------------------------- clock

    def at(self, text: str) -> Instant:
        """The instant at which the scene's clock shows ``text``."""
        moment = datetime.fromisoformat(text)
        return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=self.zone))

    def clock(self, instant: Instant) -> str:
        return local(instant, self.zone).strftime("%Y-%m-%d %H:%M")

    def until(self, text: str) -> None:
        """Runs what is due up to and including then, each thing at its own instant."""
        self.advance_to(self.at(text))

    def after(self, micros: Instant) -> None:
        self.advance_to(self.now + micros)

    def advance_to(self, end: Instant) -> None:
        self.settle()
        while (wake := self._next_wake()) is not None and wake <= end:
            self.now = max(self.now, wake)
            self.settle()
        self.now = end
        self.settle()

    def _next_wake(self) -> Instant | None:
        """When something can be done. While what is due waits at gates, timers are looked for every
        minute.
        """
        wake = self.store.next_wake()
        if self._opens is None or wake is None or wake > self.now:
            return wake
        return min(self._opens, self.now + MINUTE)

    def settle(self) -> None:
        """Does everything that is due now."""
        for _ in range(100_000):
            ran = self.runner.run_once(self.now, self.limit)
            sent = asyncio.run(self.dispatcher.run_once(self.now))
            self._opens = sent.next
            called = asyncio.run(self._call())
            idle = not ran.more and not ran.people and not called
            if idle and not any(sent[:5]) and not sent.finished:
                return
        raise AssertionError("there is always something more to do")

    # ---------------------------------------------------------------------------------- edits

    def deploy(self) -> None:
        """Takes what the store says is deployed, as the daemon does."""
        found = running(self.store)
        assert found is not None
        formers = {
            place: Former(each.machine, _library(each.project))
            for place, each in found.older.items()
        }
        self.program = Program.of(found.project, _library(found.project), formers)
        self.runner.deploy(self.program, found.number)
        self.dispatcher.deploy(self.program)
        self.caller.deploy(self.program)

    def edit(self, *journeys: str, files: Mapping[str, str] | None = None) -> None:
        """Writes the journeys anew and deploys them; nothing is due before that any more."""
        if self.store.deployed() is None:
            deploy_folder(self.store, Folder(self.files, ()), self.now)
        kept = {path: text for path, text in self.files.items() if "journeys/" not in path}
        self.files = {**kept, **(files or {})}
        for index, text in enumerate(journeys):
            self.files[f"journeys/{index}.yaml"] = text
        compiled = deploy_folder(self.store, Folder(self.files, ()), self.now)
        assert compiled.project is not None, render(
            compiled.diagnostics, compiled.sources, colour=False
        )
        self.deploy()
        self.settle()

    async def _call(self) -> bool:
        """Asks web services; whether anything came of it."""
        if self.silent:
            self.store.claim_calls(self.now, self.limit, self.now + 366 * DAY)
            return False
        return any((await self.caller.run_once(self.now))[:3])

    # --------------------------------------------------------------------------------- inputs

    def person(
        self, name: str = "ada", *, consent: str | None = "promotional/*", **attributes: Any
    ) -> str:
        """Somebody reachable by e-mail and push who has agreed to ``consent``."""
        known = {"email": f"{name}@example.com", **attributes}
        addresses = {"email": known["email"], "push": f"token-{name}"}
        if "phone" in known:
            addresses["sms"] = known["phone"]
        self.change(name, attributes=known, addresses=addresses)
        if consent is not None:
            category, _, channel = consent.partition("/")
            granted = {"category": category}
            if channel != "*":
                granted["channel"] = channel
            self.event("consent_granted", name, **granted)
        return name

    def change(
        self,
        name: str,
        attributes: Mapping[str, Any] | None = None,
        addresses: Mapping[str, str | None] | None = None,
    ) -> None:
        """An ``identify`` call: values at rest."""
        self._count += 1
        self.take(
            ProfileChanged(
                f"m{self._count}", name, self.now, 0, dict(attributes or {}), dict(addresses or {})
            )
        )

    def event(
        self,
        event: str,
        person: str = "ada",
        *,
        happened: str = "",
        named: str = "",
        **properties: Any,
    ) -> None:
        """Somebody does something; ``happened`` earlier than it is received, if given."""
        self._count += 1
        known = self.program.project.plan.events[event].properties
        values, problems = properties_at_rest(known, properties)
        assert not problems
        occurred = self.at(happened) if happened else self.now
        done = Happened(event, occurred, self.now, 0, values)
        self.take(EventArrived(named or f"m{self._count}", person, done))

    def receipt(self, delivery: str, what: str, reason: str = "", person: str = "ada") -> None:
        """The provider reports back later."""
        self._count += 1
        self.take(
            ReceiptArrived(f"m{self._count}", person, self.now, 0, delivery, what, reason, self.now)
        )

    def take(self, arrival: Arrival) -> None:
        self.store.append([arrival])
        self.settle()

    # -------------------------------------------------------------------------------- results

    @property
    def sent(self) -> list[str]:
        """What was handed over and accepted: ``2026-03-02 10:00 hello push``."""
        deliveries = [self.store.deliveries([m.id])[m.id] for m in self.adapter.accepted]
        return [f"{self.clock(d.decided)} {d.message} {d.channel}" for d in deliveries]

    def decisions(self, person: str = "ada", *, after: int = 0) -> list[Decision]:
        return self.store.decisions(person)[after:]

    def story(self, person: str = "ada", *what: str) -> list[str]:
        """Decisions as ``what reason channel``, only those named if any are."""
        return [
            " ".join(filter(None, (d.what, d.reason, d.channel)))
            for d in self.store.decisions(person)
            if not what or d.what in what
        ]

    def runs(self, person: str = "ada") -> list[Run]:
        return self.store.people([person], ())[person].runs
