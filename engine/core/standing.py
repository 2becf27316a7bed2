"""One person while their signals are folded: the facts that rules ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dsl.calendar import Instant
from dsl.expr.context import Context, Happened, NoFacts, Wording
from engine.core.best_time import SEEN
from engine.core.habits import allowed_by, best_of, first_at
from engine.core.lawful import FREE, Bounds
from engine.core.learning import NO_SNAPSHOTS, Snapshot
from engine.core.profile import Contact, Profile
from engine.core.program import Program
from engine.core.quiet import Silence, Silent, freed_at, silent_until
from engine.core.run import Run
from engine.core.terms import Terms
from engine.core.zones import quiet_zones, recipient_zone

__all__ = ["Standing"]

_NOTHING: Mapping[str, Any] = {}  # never written to; a dict, because those are written fastest
_SEEN = frozenset({"opened", "clicked"})
_RECEIPT_EVENTS: Mapping[str, tuple[str, ...]] = {
    # Who opens a message has got it: providers leave that out, or tell it later.
    "delivered": ("message_delivered", "message_opened", "message_clicked", "message_replied"),
    "opened": ("message_opened",),
    "clicked": ("message_clicked",),
    "answered": ("message_replied",),
    "bounced": ("message_failed",),
}


class Standing:
    """Profile, runs and history of one person, and the project they are judged by.

    Moves along as signals are folded, and from one person to the next, so it is mutable on purpose,
    and it has one context that is placed here and there: whoever asks for it has it until the next
    one asks. ``handing`` is the
    delivery being handed over: "messaged" does not count it, else ``exclude if: messaged ...``
    would stop every message of its own journey.
    """

    __slots__ = (
        "_context",
        "handing",
        "history",
        "profile",
        "program",
        "run",
        "runs",
        "snapshots",
    )

    def __init__(
        self,
        program: Program,
        profile: Profile,
        runs: dict[str, Run],
        history: Mapping[str, Sequence[Happened]],
        handing: str = "",
        snapshots: Mapping[str, Snapshot] = NO_SNAPSHOTS,
    ) -> None:
        self.program = program
        self.handing = handing
        self.snapshots = snapshots
        self._context = Context(0, program.zone, facts=self, holidays=program.policy.holidays)
        self.turn_to(profile, runs, history)

    def turn_to(
        self, profile: Profile, runs: dict[str, Run], history: Mapping[str, Sequence[Happened]]
    ) -> None:
        """Another person."""
        self.profile = profile
        self.runs = runs
        self.history = self._context.history = history
        self.run: Run | None = None  # whose steps are asked about
        self._read(profile.attributes)

    def _read(self, attributes: Mapping[str, Any]) -> None:
        """What the context says of a person by itself."""
        context, program = self._context, self.program
        context.attributes = attributes
        context.zone = recipient_zone(attributes, program.zone)
        own = attributes.get("language")
        context.language = own if isinstance(own, str) and own else program.policy.languages[0]

    def copy(self) -> Standing:
        """Another one with the same values, to be moved along by itself."""
        return Standing(
            self.program,
            self.profile,
            dict(self.runs),
            self.history,
            self.handing,
            self.snapshots,
        )

    def part(self) -> None:
        """Is not known to the context any more, which it knows: a circle that only the cycle
        collector could break. Nothing is asked afterwards.
        """
        self._context.facts = NoFacts()

    def become(self, profile: Profile) -> None:
        """The person has changed."""
        if profile.attributes is not self.profile.attributes:
            self._read(profile.attributes)
        self.profile = profile

    @property
    def quiet_zones(self) -> tuple[ZoneInfo, ...]:
        """Every zone in which it must not be quiet."""
        return quiet_zones(self.profile.attributes, self.program.zone)

    def bounds(self, terms: Terms) -> Bounds:
        """What the laws of their place say about a message on these terms."""
        if terms.laws is None:
            return FREE
        profile = self.profile
        return terms.laws.bounds(profile.addresses.get(terms.reach.channel, ""), profile.attributes)

    def silent(self, terms: Terms, bounds: Bounds, now: Instant) -> Silent:
        """Until when neither the company nor a law lets a message out on these terms."""
        silences = self._silences(terms, bounds)
        return silent_until(silences, now) if silences else Silent(now)

    def freed(self, terms: Terms, bounds: Bounds, end: Instant, last: Instant | None) -> Instant:
        """When a message goes that waits for the end of that silence; before ``last``. Everything of
        one person goes together, so that the more important is still the first.
        """
        span, silences = self.program.policy.spread, self._silences(terms, bounds)
        return freed_at(silences, end, span, self.profile.id, last)

    def _silences(self, terms: Terms, bounds: Bounds) -> tuple[Silence, ...]:
        if not terms.quiet:
            return bounds.silences
        zones = self.quiet_zones
        return (*[Silence(span, zones) for span in terms.quiet], *bounds.silences)

    def context(self, now: Instant, run: Run | None = None) -> Context:
        """What rules see at ``now``, in the place of ``run`` or outside any."""
        context = self._context
        context.now = now
        self.run = run
        if run is None:
            context.trigger = context.entry = None
            context.variables = context.steps = _NOTHING
            return context
        trigger = run.trigger
        context.trigger = trigger
        context.entry = run.entered if trigger is None else trigger.occurred
        context.variables = run.variables
        context.steps = run.steps
        return context

    # ---------------------------------------------------------------- facts asked for by rules

    def reachable(self, channel: str, context: Context) -> bool:
        """The channel is on, has an address that is not suppressed, and its rule holds."""
        known = self.program.reach.get(channel)
        return known is not None and known.reachable(self.profile, context)

    def window_open(self, channel: str, context: Context) -> bool:
        """The person wrote on the channel within its free-text window."""
        known = self.program.reach.get(channel)
        if known is None or known.window is None:
            return True
        start = context.now - known.window
        return any(
            happened.occurred > start and happened.properties.get("channel") == channel
            for happened in self.history.get("message_replied", ())
        )

    def subscribed(self, category: str, channel: str | None, context: Context) -> bool:
        """Consent for the category stands on the channel, or on any."""
        channels = (channel,) if channel is not None else self.program.policy.channels
        terms = [self.program.terms.get((category, name)) for name in channels]
        return any(each is not None and each.consented(self.profile, context) for each in terms)

    def in_segment(self, segment: str, context: Context) -> bool:
        """The segment's rule holds now. Segments know no journey, so the place does not matter."""
        known = self.program.project.segments.get(segment)
        return known is not None and known.who.holds(context)

    def in_journey(self, journey: str, context: Context) -> bool:
        """A live run that is not held out."""
        return any(
            run.journey == journey and run.status == "live" and run.arm == "live"
            for run in self.runs.values()
        )

    def messaged(
        self,
        channel: str | None,
        category: str | None,
        journey: str | None,
        start: Instant | None,
        end: Instant | None,
        context: Context,
    ) -> bool:
        """Decided messages, open ones whatever their age."""
        return any(
            channel in (None, contact.channel)
            and category in (None, contact.category)
            and journey in (None, contact.journey)
            and contact.delivery != self.handing
            and _within(contact, start, end)
            for contact in self.profile.contacts
        )

    def outcome(self, step: str, what: str, within: Instant | None, context: Context) -> bool:
        """What became of the message of a step of the run in question."""
        record = context.steps.get(step)
        if record is None:
            return False
        if what == "skipped":
            return record.skipped is not None
        if record.time is None or record.channel is None:
            return False
        if what == "sent":
            return True
        own, names = self.run, (step, *record.formerly)
        return any(
            happened.occurred >= record.time
            and (within is None or happened.occurred <= within)
            and happened.properties.get("step") in names
            and (own is None or happened.properties.get("journey") == own.journey)
            and (what not in _SEEN or happened.properties.get("by") != "machine")
            for name in _RECEIPT_EVENTS[what]
            for happened in self.history.get(name, ())
        )

    def said(self, wording: Wording, context: Context) -> str | None:
        """As messages say it."""
        return self.program.content.say(wording, context)

    def best_time(
        self, channel: str | None, start: Instant, end: Instant, context: Context
    ) -> Instant:
        """By what the person, their segment and everybody did, outside of quiet hours."""
        program, zone = self.program, context.zone
        channels = tuple(program.policy.channels)
        if program.best_time is not None:
            return first_at(program.best_time, start, end, zone)
        machine = None if self.run is None else program.machine_of(self.run)
        if machine is None:
            return start
        names = channels if channel is None else (channel,)
        asked = [program.terms[machine.category, name] for name in names]
        return best_of(
            [event for name in sorted(SEEN) for event in self.history.get(name, ())],
            self.snapshots,
            channel,
            channels,
            program.lessons.audience.get(machine.version, ""),
            (start, end),
            zone,
            allowed_by([(each, self.bounds(each)) for each in asked], self.silent),
        )


def _within(contact: Contact, start: Instant | None, end: Instant | None) -> bool:
    if contact.sent is None:
        return True
    return (start is None or contact.sent >= start) and (end is None or contact.sent < end)
