"""The nine promises of the architecture, each a check with the promise as its words.

They look from outside: at what came in by the door, at what the provider was handed, and at what
the store tells. None asks the code that it watches over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from channels.message import Message
from dsl.calendar import DAY, Instant, local
from engine.core.run import Run
from engine.core.signals import Arrival, Erased, EventArrived
from engine.store.audience import members
from engine.store.protocol import Store
from engine.why import Names, tell
from tests.proof.firm import CAPS, EXEMPT, PAUSED, PAUSING, QUIET, Version
from tests.proof.known import Known, Somebody
from tests.proof.outcomes import differences, outcome
from tests.proof.whole import Whole

__all__ = ["PROMISES", "Breach", "Promises", "Wish"]

Wish = Mapping[str, object]
"""What a scenario would have to expect."""

_NOTHING: Wish = {"expect nothing": "yes"}
_UNHAPPY = ("refused", "unknown", "stopped")
_ENTERED = frozenset({"entered", "held out", "not entered"})


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that was not kept. ``wish`` is what a scenario expects at ``at`` instead."""

    number: int
    words: str
    person: str = ""
    journey: str = ""
    at: Instant = 0
    wish: Wish | None = None


@dataclass(slots=True)
class Promises:
    """Watches one engine. What is broken is kept in ``breaches``."""

    known: Known
    people: Sequence[str]
    project: Sequence[Version]
    breaches: list[Breach] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)  # deliveries whose answer was lost
    places: dict[str, set[tuple[str, str, str]]] = field(default_factory=dict)  # before a pause
    expected: Counter[tuple[str, str]] = field(default_factory=Counter)  # starts: person, journey

    # ------------------------------------------------------------------- at every hand-over

    def handed(self, whole: Whole, message: Message, now: Instant) -> None:
        """Called just before the provider takes a message."""
        person = whole.store.deliveries([message.id])[message.id].person
        for number, check in _AT_HAND_OVER.items():
            for words in check(self, whole, message, person, now):
                said = f"{message.message} for {person} on {message.channel}: {words}"
                journey = message.journey
                self.breaches.append(Breach(number, said, person, journey, now, _NOTHING))

    def no_cap_is_exceeded(
        self, whole: Whole, message: Message, person: str, now: Instant
    ) -> Iterator[str]:
        """No cap is ever exceeded, whatever runs concurrently, and after any crash."""
        if message.category == EXEMPT:
            return
        somebody = self.known.of(person)
        for count, period, channel, category in CAPS:
            if channel not in (None, message.channel) or category not in (None, message.category):
                continue
            start = _start_of(period, now, somebody.zone)
            before = [
                each
                for each in whole.taken
                if each.person == person
                and each.category != EXEMPT
                and each.at >= max(start, somebody.since)
                and channel in (None, each.channel)
                and each.id != message.id
            ]
            if len(before) >= count:
                yield f"{len(before)} before it, and {count} per {period} are allowed"
        yield from _as_wished(whole, message, person, somebody, now)

    def nothing_leaves_that_may_not(
        self, whole: Whole, message: Message, person: str, now: Instant
    ) -> Iterator[str]:
        """Nothing is handed over without the category's consent as it stands at hand-over, nor
        after ``exit if`` or ``exclude if`` has become true; nothing non-exempt inside the
        recipient's quiet hours, DST days included.
        """
        somebody = self.known.of(person)
        if not somebody.is_known:
            yield "nobody knows this person any more"
        if message.category == EXEMPT:
            return
        if not somebody.agreed[1]:
            yield "no consent"
        hour = local(now, somebody.zone).hour
        if message.channel == "push" and not QUIET[1] <= hour < QUIET[0]:
            yield f"it is {hour} o'clock there"
        if message.journey != "welcome":
            return
        if somebody.attributes.get("tier") == "gold":
            yield "excluded"
        if (somebody.attributes.get("visits") or 0) > 5:
            yield "has left by exit if"
        run = _run_of(whole.store, message.id, person)
        if run is not None and somebody.bought_between(run.entered, now):
            yield "has reached the goal"

    def nothing_is_delivered_twice(
        self, whole: Whole, message: Message, person: str, now: Instant
    ) -> Iterator[str]:
        """No (run, step, round, channel) is delivered twice by us. Where an answer was lost, the
        category's policy says ``hold`` (default for promotional) or ``retry once`` (service).
        """
        before = [each for each in whole.taken if each.id == message.id]
        retried = message.category == EXEMPT and len(before) == 1 and message.id in self.doubtful
        if before and not retried:
            yield f"the provider has taken it {len(before)} times before"

    def pause_freezes(
        self, whole: Whole, message: Message, person: str, now: Instant
    ) -> Iterator[str]:
        """Pause freezes, failure is not exit, a missing address is not a failure, an edited
        journey loses nobody.
        """
        if message.journey == PAUSED and whole.is_paused:
            yield "the journey is paused"

    # ------------------------------------------------------------------------ after every step

    def processed(self, arrivals: Sequence[Arrival]) -> None:
        """What has been processed makes so many decisions necessary."""
        for each in arrivals:
            if isinstance(each, Erased):
                for journey in _STARTS:
                    self.expected[each.person, journey] = 0
            if isinstance(each, EventArrived) and each.event.received - each.event.occurred < DAY:
                for journey, event in _STARTS.items():
                    self.expected[each.person, journey] += event == each.event.name

    def rests(self, whole: Whole) -> None:
        """Looks at everybody."""
        for number, look in _AT_REST.items():
            for person in self.people:
                self.breaches += [
                    Breach(number, words, person, journey, whole.now, wish)
                    for words, journey, wish in look(self, whole, person)
                ]

    def nothing_is_lost_or_processed_twice(
        self, whole: Whole, person: str
    ) -> Iterator[tuple[str, str, Wish | None]]:
        """No accepted event is lost; none is processed twice, whatever is repeated, late or out
        of order.
        """
        view = whole.store.people([person], ("viewed", "purchase", "signed_up")).get(person)
        somebody = self.known.of(person)
        for name in ("viewed", "purchase", "signed_up"):
            there = Counter() if view is None else Counter(e.occurred for e in view.history[name])
            wanted = Counter(occurred for occurred, _ in somebody.happened.get(name, ()))
            # what waits is in the history already
            if wanted - there:
                yield f"{person}: an event is lost: {name}", "", None
        counted = 0 if view is None else view.profile.attributes.get("points") or 0
        wanted_points = self.expected[person, "counting"]
        if counted != wanted_points:
            yield f"{person}: {wanted_points} were seen, {counted} are counted", "counting", None

    def nobody_is_stuck(self, whole: Whole, person: str) -> Iterator[tuple[str, str, Wish | None]]:
        """A run at rest has a timer or awaits something; nobody is stuck."""
        for run in _runs(whole.store, person):
            if run.status == "live" and run.timer is None and run.frozen is None:
                yield f"{person} rests in {run.state} for ever", run.journey, None

    def every_reason_is_stored(
        self, whole: Whole, person: str
    ) -> Iterator[tuple[str, str, Wish | None]]:
        """Every person who could have been messaged and was not has a stored reason; ``wayline
        why`` finds it.
        """
        decisions = whole.store.decisions(person)
        entries = Counter(each.journey for each in decisions if each.what in _ENTERED)
        for journey in _STARTS:
            wanted = self.expected[person, journey]
            if entries[journey] < wanted:
                yield f"{person}: {wanted} starts, {entries[journey]} entries", journey, None
        told = {(each.run, each.step, each.channel): each.what for each in decisions}
        for delivery in whole.store.deliveries_of(person):
            key = (delivery.run, delivery.step, delivery.channel)
            if delivery.status in _UNHAPPY and not self._waits(whole, person) and key not in told:
                yield f"{person}: {delivery.status} without a reason", delivery.journey, None
        dropped = {(each.run, each.step) for each in decisions if each.what == "dropped"}
        for run in _runs(whole.store, person):
            for step, record in run.steps.items():
                if record.skipped and (run.id, step) not in dropped:
                    yield f"{person}: {step} was skipped without a reason", run.journey, None
            if run.status == "closed" and not any(
                each.what == "left" and each.run == run.id for each in decisions
            ):
                yield f"{person}: left without a reason", run.journey, None

    def _waits(self, whole: Whole, person: str) -> bool:
        with whole.store.batch() as batch:
            return bool(batch.load([person], whole.now + 400 * DAY)[person].pending)

    def nobody_is_lost(self, whole: Whole, person: str) -> Iterator[tuple[str, str, Wish | None]]:
        """Pause freezes, failure is not exit, a missing address is not a failure, an edited
        journey loses nobody.
        """
        decisions = whole.store.decisions(person)
        runs = {run.id: run for run in _runs(whole.store, person)}
        places: set[tuple[str, str, str]] = {
            (r.id, r.state, r.status) for r in runs.values() if r.journey == PAUSED
        }
        if whole.running != PAUSING:
            self.places[person] = places
        elif places - self.places.get(person, set()):
            yield f"{person} moves in a journey that is paused", PAUSED, None
        for each in decisions:
            if each.what == "entered" and each.run not in runs:
                yield f"{person}: a run is lost", each.journey, None
            if each.what == "left" and each.reason in ("failed", "removed", "ended"):
                yield f"{person} was thrown out: {each.reason}", each.journey, None

    # ------------------------------------------------------------------------------ at the end

    def ends(self, whole: Whole) -> None:
        """After a month in which nothing happened."""
        for person in self.people:
            for run in _runs(whole.store, person):
                if run.status != "closed":
                    words = f"{person} is still in {run.journey}: {run.state}"
                    self.breaches.append(Breach(5, words, person, run.journey))
            for delivery in whole.store.deliveries_of(person):
                if delivery.status in ("queued", "calling"):
                    words = f"{person}: a message is still {delivery.status}"
                    self.breaches.append(Breach(5, words, person, delivery.journey))
            view = whole.store.people([person], ()).get(person)
            if view is not None and any(each.sent is None for each in view.profile.contacts):
                words = f"{person}: a slot is taken for ever"
                self.breaches.append(Breach(5, words, person))
            self._why(whole, person)

    def _why(self, whole: Whole, person: str) -> None:
        project = self.project[whole.running].project
        names = Names.of(project.plan, ZoneInfo(project.policy.zone), project.segments)
        story = tell(whole.store, person, names)
        lines = [] if story is None else story.lines
        sorts = Counter(line.sort for line in lines)
        for what in ("dropped", "not entered"):
            is_told = sorts["not sent" if what == "dropped" else "not entered"]
            if any(d.what == what for d in whole.store.decisions(person)) and not is_told:
                words = f"wayline why does not say of {person}: {what}"
                self.breaches.append(Breach(8, words, person))

    def every_runtime_agrees(self, whole: Whole, other: Whole) -> None:
        """The same script gives the same deliveries and decisions in every runtime, restarted
        between any two signals.
        """
        program = self.project[whole.running].program
        one, two = (outcome(each.store, self.people, program, whole.now) for each in (whole, other))
        if one != two:
            words = "\n".join(differences(one, two))
            self.breaches.append(Breach(6, f"the other runtime comes to something else:\n{words}"))

    def rules_say_the_same_in_sql(self, whole: Whole) -> None:
        """A rule says the same live and in SQL."""
        program = self.project[whole.running].program
        events = tuple(program.project.plan.events)
        with whole.store.batch() as batch:
            loaded = batch.load(self.people, whole.now)
        profiles = [name for name, person in loaded.items() if person.known]
        views = whole.store.people(profiles, events)
        for name, segment in program.project.segments.items():
            live = set(members(views, segment.who, program, whole.now))
            there = set(whole.store.audience(segment.who, program, whole.now))
            if live != there:
                words = f"segment {name}: {sorted(live)} live, {sorted(there)} in SQL"
                self.breaches.append(Breach(7, words))


_STARTS: Mapping[str, str] = {
    "welcome": "signed_up",
    "cart": "cart_updated",
    "thanks": "purchase",
    "counting": "viewed",
}
_AtHandOver = Callable[[Promises, Whole, Message, str, Instant], Iterator[str]]
_AtRest = Callable[[Promises, Whole, str], Iterator[tuple[str, str, "Wish | None"]]]
_AT_HAND_OVER: Mapping[int, _AtHandOver] = {
    1: Promises.no_cap_is_exceeded,
    2: Promises.nothing_leaves_that_may_not,
    3: Promises.nothing_is_delivered_twice,
    9: Promises.pause_freezes,
}
_AT_REST: Mapping[int, _AtRest] = {
    4: Promises.nothing_is_lost_or_processed_twice,
    5: Promises.nobody_is_stuck,
    8: Promises.every_reason_is_stored,
    9: Promises.nobody_is_lost,
}
PROMISES: Mapping[int, str] = {
    number: " ".join((check.__doc__ or "").split())
    for number, check in {
        **_AT_HAND_OVER,
        **_AT_REST,
        6: Promises.every_runtime_agrees,
        7: Promises.rules_say_the_same_in_sql,
    }.items()
}
"""The sentences, by their numbers."""


def _as_wished(
    whole: Whole, message: Message, person: str, somebody: Somebody, now: Instant
) -> Iterator[str]:
    """A limit of the person's own is one more cap, and a pause one of none."""
    _, most, until = somebody.wish
    if now < until:
        yield "they have asked for a break"
    if most is None:
        return
    start = max(_start_of("week", now, somebody.zone), somebody.since)
    before = [
        each
        for each in whole.taken
        if each.person == person
        and each.category != EXEMPT
        and each.at >= start
        and each.id != message.id
    ]
    if len(before) >= most:
        yield f"{len(before)} before it, and they want {most} a week"


def _start_of(period: str, now: Instant, zone: ZoneInfo) -> Instant:
    if period in ("day", "week"):
        here = local(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
        first = here - timedelta(days=here.weekday() if period == "week" else 0)
        return round(first.timestamp() * 1_000_000)
    assert period == "24 hours"
    return now - timedelta(hours=24) // timedelta(microseconds=1) + 1


def _runs(store: Store, person: str) -> list[Run]:
    view = store.people([person], ()).get(person)
    return [] if view is None else view.runs


def _run_of(store: Store, delivery: str, person: str) -> Run | None:
    wanted = store.deliveries([delivery])[delivery].run
    return next((run for run in _runs(store, person) if run.id == wanted), None)
