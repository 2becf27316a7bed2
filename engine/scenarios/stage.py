"""One person, a clock that is moved by hand, and the real runner and dispatcher between them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from channels.memory import MemoryAdapter
from channels.services import Answer, NoAnswer, Question, ScriptedServices
from channels.words.reading import keywords
from dsl.calendar import Instant
from dsl.expr.context import Happened
from dsl.policy import EVERY
from dsl.scenario import Becomes, Does, Given, Scenario, Starts
from dsl.telling import told
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.obeying import NUMBERED, withdrawal
from engine.core.profile import Contact, Profile
from engine.core.program import Program
from engine.core.replying import about
from engine.core.signals import (
    Arrival,
    EventArrived,
    ProfileChanged,
    ReceiptArrived,
    StartAsked,
    WordSaid,
)
from engine.dispatcher import Dispatcher
from engine.runner import Runner
from engine.services.caller import Caller
from engine.store.memory import MemoryStore
from engine.store.protocol import Changes

__all__ = ["Handed", "Stage"]

_LIMIT = 10
_MOST_ROUNDS = 10_000  # at one instant: more than that is no progress but a circle
_RECEIPTS: Mapping[str, str] = MappingProxyType(
    {
        "message_delivered": "delivered",
        "message_opened": "opened",
        "message_clicked": "clicked",
        "message_failed": "failed",
        "message_bounced": "bounced",
        "message_complained": "complained",
        "message_unsubscribed": "unsubscribed",
    }
)


class Handed(NamedTuple):
    """A message that was handed over and taken."""

    at: Instant
    delivery: str
    message: str
    channel: str
    parts: Mapping[str, str]


class Stage:
    """Where one scenario is played. Time stands still until ``until`` is called."""

    def __init__(self, scenario: Scenario, program: Program, before: Program) -> None:
        given = scenario.given
        self.person = given.person
        self.journey = scenario.journey
        self.now = given.start
        self.store = MemoryStore()
        self.own: list[tuple[str, Instant]] = []
        """What happened by the script: events by name and the instant of their receipt."""
        self._runner = Runner(self.store, program)
        self._adapter = MemoryAdapter(program.policy.channels, concurrency=_LIMIT)
        adapters = dict.fromkeys(program.policy.channels, self._adapter)
        self._pretend = given.pretend
        services = ScriptedServices(self._answer)
        self._dispatcher = Dispatcher(self.store, program, adapters, services=services)
        self._caller = Caller(self.store, program, services, lambda: self.now, most=_LIMIT)
        self._fixed = given.reachable is not None
        self._count = 0
        self._begin(given, before)

    def _begin(self, given: Given, before: Program) -> None:
        """The person as they are, and what happened before, without any journey."""
        contacts = tuple(
            _contact(f"before {index}", past.occurred, past.properties)
            for index, past in enumerate(given.history)
            if past.event == "message_sent"
        )
        profile = Profile(given.person, dict(given.attributes), dict(given.addresses))
        with self.store.batch() as batch:
            batch.commit(Changes(profiles=[profile.contacted(contacts)]))
        if given.history:
            for past in given.history:
                event = Happened(past.event, past.occurred, past.occurred, 0, past.properties)
                self.own.append((past.event, past.occurred))
                self.store.append([EventArrived(self._fresh(), given.person, event)])
            Runner(self.store, before).run_once(given.start)

    def _fresh(self) -> str:
        self._count += 1
        return f"s{self._count}"

    async def open(self) -> None:
        """From now on the person's own calendar is looked through, where it starts the journey."""
        program = self._runner.program
        if program.keeps_calendars:
            self.store.wake_everyone(self.now)
            await self._settle()

    # ---------------------------------------------------------------------------------- inputs

    async def does(self, step: Does) -> None:
        """The person does something; what they do with a message is told as a provider would."""
        what = _RECEIPTS.get(step.event)
        told = what is not None or step.event == "message_replied"
        delivery = self._meant(step.properties) if told else None
        if what is not None and delivery is not None:
            words = step.properties.get("reason") or ""
            arrival: Arrival = ReceiptArrived(
                self._fresh(),
                self.person,
                self.now,
                0,
                delivery.id,
                what,
                str(words),
                step.occurred,
                by=str(step.properties.get("by") or "human"),
            )
        else:
            answered = {} if delivery is None else {"channel": delivery.channel, **about(delivery)}
            values = {**answered, **step.properties}
            if step.event == "message_replied":
                await self._obey(values, step.occurred)
            event = Happened(step.event, step.occurred, self.now, 0, values)
            arrival = EventArrived(_named(step) or self._fresh(), self.person, event)
        if step.event == "message_sent":
            self._count_message(step)
        self.own.append((step.event, self.now))
        await self._take(arrival)

    async def _obey(self, reply: Mapping[str, Any], at: Instant) -> None:
        """STOP and START mean here what they mean outside; what would answer them is left out."""
        channel, word = (
            str(reply.get("channel") or ""),
            keywords().read(str(reply.get("text") or "")),
        )
        if channel not in NUMBERED:
            return
        if word == "stop":
            everywhere = self._runner.program.policy.replies.stop_ends_all
            said = withdrawal(EVERY if everywhere else channel, "", at, self.now)
            await self._take(EventArrived(self._fresh(), self.person, said))
        elif word == "start":
            name = self._fresh()
            await self._take(WordSaid(name, self.person, self.now, 0, at, "start", channel, ""))

    async def becomes(self, step: Becomes) -> None:
        """The profile changes."""
        addresses = {} if self._fixed else step.addresses
        await self._take(
            ProfileChanged(self._fresh(), self.person, self.now, 0, step.attributes, addresses)
        )

    async def starts(self, step: Starts) -> None:
        """The journey is called."""
        await self._take(
            StartAsked(
                self._fresh(),
                self.person,
                self.now,
                0,
                self.journey,
                step.properties,
                step.by,
            )
        )

    def _count_message(self, step: Does) -> None:
        """Another journey has sent a message: it takes a slot of every cap."""
        with self.store.batch() as batch:
            profile = batch.load([self.person], self.now)[self.person].profile
            contact = _contact(f"other {self._fresh()}", step.occurred, step.properties)
            batch.commit(Changes(profiles=[profile.contacted((*profile.contacts, contact))]))

    def _meant(self, properties: Mapping[str, Any]) -> Delivery | None:
        """The latest message that fits what is said of it."""
        for delivery in reversed(self.store.deliveries_of(self.person)):
            said = (
                ("channel", delivery.channel),
                ("category", delivery.category),
                ("journey", delivery.journey),
                ("step", delivery.step),
                ("message", delivery.message),
            )
            if delivery.status == "accepted" and all(
                properties.get(name, value) == value for name, value in said
            ):
                return delivery
        return None

    async def _take(self, arrival: Arrival) -> None:
        self.store.append([arrival])
        await self._settle()

    # ----------------------------------------------------------------------------------- clock

    async def until(self, end: Instant) -> None:
        """Runs what is due up to and including then, each thing at its own instant."""
        while (wake := self.store.next_wake()) is not None and wake <= end:
            self.now = max(self.now, wake)
            await self._settle()
        self.now = max(self.now, end)

    async def _settle(self) -> None:
        """Does everything that is due now."""
        for _ in range(_MOST_ROUNDS):
            ran = self._runner.run_once(self.now, _LIMIT)
            wake = self.store.next_wake()
            if wake is None or wake > self.now:
                return
            if not ran.more:
                await self._dispatcher.run_once(self.now)
                await self._caller.run_once(self.now)
        raise RuntimeError(f"the scenario does not get past {self.now}")

    def _answer(self, question: Question) -> Answer | NoAnswer:
        """What is pretended, by the step or by the service; else nothing, at once."""
        runs = self.store.people([self.person], ())[self.person].runs
        steps = [run.state for run in runs if run.awaiting == question.id]
        service, pretend = question.service, self._pretend
        for name in (*steps, service.name):
            if name in pretend.failing:
                return NoAnswer("it is pretended to fail", again=False)
            if name in pretend.answers:
                kinds = service.returns
                said = pretend.answers[name].items()
                return Answer({each: told(value, kinds[each]) for each, value in said})
        return Answer({})

    # --------------------------------------------------------------------------------- results

    def handed(self, after: int) -> list[Handed]:
        """What was handed over, but for the first ``after``."""
        return [
            Handed(each.at, each.id, each.message, each.channel, each.parts)
            for each in self._adapter.accepted[after:]
        ]

    def decisions(self) -> list[Decision]:
        """Everything that was decided, in its order."""
        return self.store.decisions(self.person)

    def emitted(self, event: str) -> list[Happened]:
        """What of an event was not by the script: the journey has made it."""
        own = [received for name, received in self.own if name == event]
        made = []
        for happened in self.store.people([self.person], [event])[self.person].history[event]:
            if happened.received in own:
                own.remove(happened.received)
            else:
                made.append(happened)
        return made


def _named(step: Does) -> str:
    return f"event {step.id}" if step.id else ""


def _contact(name: str, sent: Instant, properties: Mapping[str, Any]) -> Contact:
    """A message of somebody else, as caps and rules count it."""
    said = [str(properties.get(name) or "") for name in ("channel", "category", "journey")]
    return Contact(name, sent, sent, *said)
