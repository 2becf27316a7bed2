"""From calls in the Segment spec to arrivals, or to one sentence on what is wrong with each.

Pure: the plan, the body and the time come in, values go out. Nothing that is not in the tracking
plan gets past this door, and nothing here raises for what somebody sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from dsl.calendar import Instant
from dsl.expr.context import Happened
from dsl.plan import Event, TrackingPlan, camel
from dsl.policy import EVERY
from dsl.values import Problem, attributes_at_rest, properties_at_rest
from engine.core.consent import CONSENT_EVENTS
from engine.core.identity import BROWSER
from engine.core.ids import merge_id
from engine.core.past import PAST
from engine.core.preferences import PREFERENCES_SET
from engine.core.proof import lacking
from engine.core.signals import Arrival, EventArrived, MergeAsked, ProfileChanged
from engine.ingest.addresses import addresses_in
from engine.ingest.context import attributes_of, completed
from engine.ingest.events import Book, Known
from engine.ingest.guard import WORDS, Guard
from engine.ingest.moments import occurred
from engine.ingest.oddities import Odd, Unplanned, without
from engine.ingest.people import check_user, is_known, named_by, previous_of, whose
from engine.ingest.reading import Wrong, check_size, id_of, message_id, printable, record
from engine.ingest.sender import TRUSTED, Sender

__all__ = ["LARGEST_BATCH", "LARGEST_EVENT", "MOST_EVENTS", "Intake", "Refused", "Taken"]

LARGEST_EVENT = 32 * 1024
LARGEST_BATCH = 500 * 1024
MOST_EVENTS = 2_500
"""In one batch, as the Segment spec has it."""


class Refused(NamedTuple):
    """One call that was not taken, by its place in the batch (from 0)."""

    place: int
    message_id: str | None
    error: str


class Taken(NamedTuple):
    """What came of a batch. ``ignored`` counts traits the tracking plan does not know, by name.
    ``beside`` are the places of arrivals that come along with a call, and are none by themselves.
    ``odd`` is what does not fit the plan, be it taken, refused, or only kept aside.
    """

    arrivals: list[Arrival]
    refused: list[Refused]
    ignored: Counter[str]
    beside: list[int]
    odd: Odd


class _Delivered(NamedTuple):
    """What all calls of a batch have in common. ``moments`` are those read before, by their text;
    ``hints`` counts what was looked for to say something helpful; ``joined`` are those of whom it
    was said that they are one with somebody.
    """

    received: Instant
    fresh: Callable[[], str]
    sent_at: object
    sender: Sender
    moments: dict[str, Instant]
    hints: Counter[str]
    joined: set[tuple[str, str]]
    taken: Taken

    def occurred(self, call: Mapping[str, Any]) -> Instant:
        """When a call of it happened."""
        return occurred(call, self.received, self.sent_at, self.moments)

    def join(self, person: str, into: str) -> None:
        """That whoever goes by less is somebody: once, however many calls name both."""
        if (person, into) not in self.joined:
            self.joined.add((person, into))
            self.taken.beside.append(len(self.taken.arrivals))
            self.ask(person, into, "identify")

    def ask(self, person: str, into: str, by: str) -> None:
        """For two people to be one. Whoever says so again says it under the same id."""
        by = BROWSER if self.sender.browser else by
        merge = MergeAsked(merge_id(person, into, by), person, self.received, 0, into, by)
        self.taken.arrivals.append(merge)


class Intake:
    """Reads calls against one tracking plan. Built once per deployed project.

    ``categories`` and ``channels`` are those of the policy: consent for anything else would never
    have an effect. Without them, nothing is said about that. ``largest`` bounds one event, in
    bytes: what is read from a file of one's own may be larger than what a stranger may send.
    ``guard`` is what a key that everybody can read may not say.
    """

    __slots__ = ("_book", "_groups", "_guard", "_largest", "_plan", "_policy", "_traits")

    def __init__(
        self,
        plan: TrackingPlan,
        categories: Collection[str] = (),
        channels: Collection[str] = (),
        largest: int = LARGEST_EVENT,
        guard: Guard = WORDS,
    ) -> None:
        self._plan = plan
        self._largest = largest
        self._guard = guard
        self._policy = {"category": tuple(categories), "channel": tuple(channels)}
        self._book = Book(plan)
        self._traits = _names(plan.attributes, "")
        self._groups = _names(plan.attributes, "group_")

    def take(
        self,
        calls: Sequence[object],
        received: Instant,
        fresh: Callable[[], str],
        sent_at: object = None,
        sender: Sender = TRUSTED,
    ) -> Taken:
        """Every call that is right, as arrivals, beside all that are not.

        ``sent_at`` is the sender's clock for the whole batch; ``fresh`` names a call without a
        ``messageId``. Arrivals have no number yet: the store gives it.
        """
        taken = Taken([], [], Counter(), [], Odd())
        delivered = _Delivered(received, fresh, sent_at, sender, {}, Counter(), set(), taken)
        for place, call in enumerate(calls):
            try:
                self._take(call, delivered)
            except Unplanned as wrong:
                self._stray(place, call, wrong, delivered)
            except Wrong as wrong:
                taken.refused.append(Refused(place, message_id(call), str(wrong)))
        return taken

    def _stray(self, place: int, call: object, wrong: Unplanned, delivered: _Delivered) -> None:
        """Refuses a call that does not fit the plan, or takes what is right of it; and keeps aside
        what is not taken.
        """
        taken, sender = delivered.taken, delivered.sender
        assert isinstance(call, dict)  # or it would be wrong in another way
        taken.odd.note(wrong)
        identity = id_of(call, "messageId") or delivered.fresh()
        rest: tuple[str, ...] = ()
        if self._plan.door == "strict":
            taken.refused.append(Refused(place, message_id(call), str(wrong)))
        elif wrong.problems:
            right = without(call, wrong.names, self._traits)
            # What else is odd in it has been counted.
            anew = delivered._replace(taken=Taken([], [], Counter(), [], Odd()))
            try:
                self._take({**right, "messageId": identity}, anew)
            except Unplanned:
                pass  # what is required cannot be left out: all of it waits
            except Wrong as other:
                taken.refused.append(Refused(place, message_id(call), str(other)))
                return
            else:
                first = len(taken.arrivals)
                taken.beside.extend(first + each for each in anew.taken.beside)
                taken.arrivals.extend(anew.taken.arrivals)
                if isinstance(taken.arrivals[-1], EventArrived):
                    return  # it has happened, and cannot happen again with more to it
                rest = wrong.names
        person, _ = self._whose(call, sender)
        taken.odd.keep(identity, person, call, wrong.event, delivered.received, sender, rest)

    def _take(self, call: object, delivered: _Delivered) -> None:
        if not isinstance(call, dict):
            raise Wrong("An event must be a JSON object.")
        check_size(call, self._largest)
        name = id_of(call, "messageId") or delivered.fresh()
        if prefix := delivered.sender.prefix:
            name = prefix + name
        elif name.startswith(PAST):
            raise Wrong(f'A "messageId" cannot begin with "{PAST}".')
        kind = call.get("type")
        if kind == "alias":
            _alias(call, delivered)
            return
        person, others = self._whose(call, delivered.sender)
        arrival = self._arrival(kind, call, name, person, delivered)
        if others:
            for other in others:
                delivered.join(other, person)
        delivered.taken.arrivals.append(arrival)

    def _whose(self, call: Mapping[str, Any], sender: Sender) -> tuple[str, Sequence[str]]:
        """Whose a call is, and by what else they go as it says. Addresses are nobody's name in what
        anybody can say.
        """
        identifiers = self._plan.identifiers
        if identifiers and not sender.browser:
            return named_by(call, identifiers, named=sender.named)
        return whose(call, named=sender.named)

    def _arrival(
        self, kind: object, call: Mapping[str, Any], name: str, person: str, delivered: _Delivered
    ) -> Arrival:
        match kind:
            case "track":
                known = self._book.track(call.get("event"), delivered.hints)
                happened = self._happened(call, known, record(call, "properties"), delivered)
                return EventArrived(name, person, happened)
            case "identify":
                return self._identified(call, name, person, delivered)
            case "page" | "screen":
                known = self._book.seen(kind, call)
                happened = self._happened(call, known, _seen(call), delivered)
                return EventArrived(name, person, happened)
            case "group":
                return self._grouped(call, name, person, delivered)
            case _:
                raise Wrong(
                    'The "type" of an event must be "track", "identify", "page", "screen", "group"'
                    ' or "alias".'
                )

    def _happened(
        self,
        call: Mapping[str, Any],
        known: Known,
        properties: Mapping[str, Any],
        delivered: _Delivered,
    ) -> Happened:
        event = known.event
        if delivered.sender.browser and event.name in self._guard.events:
            raise Wrong(
                f'A browser\'s key may not send "{printable(event.source)}": it is about consent.'
                " Send it from a server."
            )
        if known.asked:
            properties = completed(properties, known.asked, record(call, "context"))
        values, problems = properties_at_rest(event.properties, properties)
        if problems:
            sentence = _sentence(event.source, problems)
            raise Unplanned(sentence, event.name, problems, properties, event.properties)
        if self._plan.door == "learn":
            self._learn(call, event, properties, delivered)
        if event.name in CONSENT_EVENTS:
            self._check_consent(event.name, values)
        if event.name == PREFERENCES_SET and (values.get("at_most_per_week") or 0) < 0:
            raise Wrong('"at_most_per_week" must be 0 or more; leave it out for no limit.')
        return Happened(event.name, delivered.occurred(call), delivered.received, 0, values)

    def _learn(
        self,
        call: Mapping[str, Any],
        event: Event,
        properties: Mapping[str, Any],
        delivered: _Delivered,
    ) -> None:
        """Keeps a call as an example of what the plan could know as well."""
        unknown = tuple(each for each in properties if each not in event.properties)
        odd = delivered.taken.odd
        for name in unknown:
            odd.unplanned(event.name, name)
        identity = id_of(call, "messageId")
        if unknown and identity is not None:
            received, sender = delivered.received, delivered.sender
            person, _ = self._whose(call, sender)
            odd.keep(identity, person, call, event.name, received, sender, unknown)

    def _check_consent(self, event: str, values: Mapping[str, Any]) -> None:
        for part, known in self._policy.items():
            value = values.get(part)
            if value not in (None, EVERY) and known and value not in known:
                shown = printable(value)
                raise Wrong(f'The policy has no {part} "{shown}". It has: {", ".join(known)}.')
        trouble = lacking(event, values)
        if trouble is not None:
            raise Wrong(trouble)

    def _identified(
        self, call: Mapping[str, Any], name: str, person: str, delivered: _Delivered
    ) -> ProfileChanged:
        """What is told of a person. Some clients put it into the context."""
        context = record(call, "context")
        delivered.occurred(call)
        traits = record(call, "traits") or record(context, "traits")
        if delivered.sender.browser:
            context = self._public(person, traits, context)
        known: dict[str, Any] = {}
        for trait, value in traits.items():
            attribute = self._traits.get(trait)
            if attribute is not None:
                known[attribute] = value
            elif trait not in ("email", "phone"):
                delivered.taken.ignored[printable(trait)] += 1
                delivered.taken.odd.unplanned("identify", trait)
        known |= attributes_of(self._plan.attributes, context, known)
        addresses = addresses_in(traits, context)
        return self._changed("identify", name, person, known, addresses, delivered)

    def _grouped(
        self, call: Mapping[str, Any], name: str, person: str, delivered: _Delivered
    ) -> ProfileChanged:
        """That a person belongs to a group, and what is told of it: attributes of theirs whose names
        begin with ``group_``, as far as the plan has them.
        """
        delivered.occurred(call)
        group = id_of(call, "groupId")
        if group is None:
            raise Wrong('A "group" call needs the id of the group in "groupId".')
        known: dict[str, Any] = {}
        for trait, value in {**record(call, "traits"), "id": group}.items():
            attribute = self._groups.get(trait)
            if attribute is not None:
                known[attribute] = value
            else:
                delivered.taken.ignored[printable(f"group {trait}")] += 1
        return self._changed("group", name, person, known, {}, delivered)

    def _public(
        self, person: str, traits: Mapping[str, Any], context: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The context as far as somebody may set it who can be anybody. Refuses what they ask for
        by name and may not have.
        """
        for address in ("email", "phone"):
            if is_known(person) and address in traits:
                raise Wrong(
                    f'A browser\'s key may not change the address of somebody known: send "{address}"'
                    " from a server."
                )
        return {**context, "device": None} if is_known(person) else context

    def _changed(
        self,
        kind: str,
        name: str,
        person: str,
        known: Mapping[str, Any],
        addresses: Mapping[str, str | None],
        delivered: _Delivered,
    ) -> ProfileChanged:
        if delivered.sender.browser:
            for attribute in known.keys() & self._guard.attributes:
                raise Wrong(
                    f'A browser\'s key may not set "{attribute}": consent is judged by it. Send it'
                    " from a server."
                )
        attributes, problems = attributes_at_rest(self._plan.attributes, known)
        if problems:
            plan = self._plan.attributes
            raise Unplanned(_sentence(kind, problems), kind, problems, known, plan)
        # What anybody could have said of an address fills in, and takes no other's place.
        guessed = delivered.sender.browser and addresses
        origin = "observed" if guessed else delivered.sender.origin
        return ProfileChanged(*(name, person, delivered.received, 0, attributes, addresses), origin)


def _alias(call: Mapping[str, Any], delivered: _Delivered) -> None:
    """Whoever the user was before is the user."""
    into = id_of(call, "userId")
    if into is None:
        raise Wrong('An "alias" call needs the id that somebody has now in "userId".')
    check_user(into)
    delivered.occurred(call)
    for place, previous in enumerate(previous_of(call, browser=delivered.sender.browser)):
        if place:
            delivered.taken.beside.append(len(delivered.taken.arrivals))
        delivered.ask(previous, into, "alias")


def _names(attributes: Collection[str], prefix: str) -> dict[str, str]:
    """Attributes by what senders call them: as here, or as one does in JavaScript."""
    own = {name.removeprefix(prefix): name for name in attributes if name.startswith(prefix)}
    return {camel(short): name for short, name in own.items()} | own


def _seen(call: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties of a page or a screen: what it is called is one."""
    properties = record(call, "properties")
    named = {part: call[part] for part in ("name", "category") if call.get(part) is not None}
    return {**named, **properties}


def _sentence(source: str, problems: Sequence[Problem]) -> str:
    return f"{source}: " + "; ".join(str(problem) for problem in problems) + "."
