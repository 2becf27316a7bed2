"""Two people, three journeys, a web service and a dozen days: something of everything that a crash
could spoil.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

from channels.limits import Limit
from dsl.calendar import DAY, HOUR, MINUTE, SECOND, Instant
from dsl.expr.context import Happened
from engine.core.program import Program
from engine.core.signals import Arrival, EventArrived, ProfileChanged
from tests.engine.grounds import Ground
from tests.engine.scene import SHOP, journey, program_of
from tests.engine.seams import ManyProvider, Outcomes, Provider, Seams
from tests.engine.worlds import World

__all__ = [
    "PEOPLE",
    "lost_at_most_what_was_out",
    "play",
    "program_of_two",
    "provider",
    "provider_of_many",
    "story",
    "without_gaps",
    "without_times",
]

START: Instant = 1_772_442_000_000_000  # 2026-03-02 09:00 UTC, a Monday
PEOPLE = ("ada", "eve")
POLICY = """
frequency caps:
  - 1 per day on push
  - 6 per 7 days about promotional
when capped: next channel
arbitration: {about: promotional, collect for: 15 minutes}
webhooks:
  desk: {address: https://desk.example.com, returns: {score: whole number}}
"""
WELCOME = journey(
    """
  - {id: greet, send: hello, to first of: [push, email]}
  - {id: rating, webhook: desk, with: {since: = entry}}
  - if: rating.score < 50
    then: [{set profile: {visits: = rating.score}}]
  - {id: pause, wait: 1 day}
  - emit: finished
    with: {outcome: shown}
  - id: looked
    wait for: viewed
    at most: 2 days
    then:
      - {id: rest, wait: 2 days}
    otherwise:
      - {id: nudge, send: hello, to first of: [sms, push, email]}
""",
    "welcome",
    "priority: 30\ngoal: did buy since entry\ngoal within: 7 days",
)
CART = journey(
    """
  - {id: think, wait: 1 day}
  - {id: remind, send: hello, to: email, when capped: wait up to 7 days}
  - {id: last_word, send: hello, to: push, when capped: skip}
""",
    "cart",
    "priority: 70\ntrigger: {event: cart_updated}\none per: trigger.cart_id",
)
AFTERWARDS = journey(
    "  - {id: thanks, send: hello, to: email}\n",
    "afterwards",
    "category: service\ntrigger: {event: finished}\nif already inside: allow",
)


def program_of_two() -> Program:
    """What is deployed."""
    hold = {"policy.yaml": SHOP["policy.yaml"] + POLICY}
    journeys = {f"{number}.yaml": text for number, text in enumerate((WELCOME, CART, AFTERWARDS))}
    return program_of({**SHOP, **hold, **journeys})


def story() -> Iterator[tuple[Instant, list[Arrival]]]:
    """Two people who sign up, fill carts and look around; one of them buys. Eve has no app any
    more, so a push to her is refused and goes to the next channel.
    """
    ids = count(1)

    def event(person: str, name: str, at: Instant, **properties: object) -> Arrival:
        return EventArrived(f"m{next(ids)}", person, Happened(name, at, at, 0, properties))

    known: list[Arrival] = []
    for name in PEOPLE:
        email = f"{name}@example.com"
        addresses = {"email": email, "push": f"token-{name}", "sms": f"+49-{name}"}
        attributes = {"email": email, "phone": f"+49-{name}", "first_name": name}
        known += [
            ProfileChanged(f"m{next(ids)}", name, START, 0, attributes, addresses),
            event(name, "consent_granted", START, category="promotional"),
        ]
    yield START, known
    yield START + MINUTE, [event(name, "signed_up", START + MINUTE) for name in PEOPLE]
    carts = START + HOUR
    yield (
        carts,
        [
            event("ada", "cart_updated", carts, cart_id="c1", value=6000),
            event("eve", "cart_updated", carts, cart_id="c2", value=7000),
            event("eve", "cart_updated", carts, cart_id="c3", value=8000),
        ],
    )
    yield (
        START + 5 * HOUR,
        [
            event("eve", "cart_updated", START + 5 * HOUR, cart_id=f"d{number}", value=5000)
            for number in range(3)
        ],
    )
    yield START + 2 * DAY, [event("ada", "viewed", START + 2 * DAY, product="lamp")]
    bought = START + 2 * DAY + HOUR
    yield bought, [event("ada", "purchase", bought, cart_id="c1", total=6000)]
    yield START + 12 * DAY, []


_GONE = frozenset({"token-eve"})
_WIDE = (Limit("account", 50_000, SECOND), Limit("recipient", 1000, SECOND))


def provider(*, deduplicates: bool = False) -> Provider:
    """One that reaches everybody but Eve's app, and counts for whom and for how many."""
    return Provider(deduplicates=deduplicates, refuses=_GONE, limits=_WIDE)


def provider_of_many() -> ManyProvider:
    """The same, and takes many at once."""
    return ManyProvider(deduplicates=False, refuses=_GONE, limits=_WIDE)


def play(
    ground: Ground,
    program: Program,
    provider: Provider,
    seams: Seams,
    make: type[World] = World,
) -> Outcomes:
    """The whole story, in a world of its own."""
    with ground.watched(seams):
        world = make(ground, program, provider, seams)
        for at, arrivals in story():
            world.tell(at, arrivals)
        return world.end(PEOPLE)


def lost_at_most_what_was_out(told: Outcomes, expected: Outcomes) -> bool:
    """At most the calls that were out became ``unknown``, and only what may be was said twice.
    Whether anything of that kind happened at all.
    """
    unknown = {name for name, status in told.statuses.items() if status == "unknown"}
    assert unknown <= told.out
    doubled = {told.sends[name][0] for name, times in told.delivered.items() if times > 1}
    assert doubled <= {"service"}
    assert max(told.delivered.values()) <= 2
    missing = set(expected.delivered) - set(told.delivered) - unknown
    held = {told.sends[name] for name in unknown if expected.statuses[name] == "refused"}
    assert {expected.sends[name] for name in missing} <= held
    return bool(unknown or doubled)


def without_gaps(told: Outcomes) -> Outcomes:
    """What came out, but for the log's own numbers: PostgreSQL gives none of them twice, so that a
    transaction that was undone leaves a gap.
    """
    runs = {
        who: [run._replace(trigger=run.trigger and run.trigger._replace(number=0)) for run in each]
        for who, each in told.runs.items()
    }
    return told._replace(runs=runs, out=frozenset())


def without_times(told: Outcomes) -> Any:
    """What came out, whenever it did: what a dead process had in its hands comes a lease later, and
    so does what follows from it. Ids begin with a time, so they are left out too.
    """
    sends = Counter(
        (told.places[name], category, step, told.statuses[name], told.delivered.get(name, 0))
        for name, (category, _, step) in told.sends.items()
    )
    decisions = {
        who: Counter(each._replace(at=0, run="") for each in taken)
        for who, taken in told.decisions.items()
    }
    runs = {
        who: Counter((run.journey, run.state, run.status, run.outcome) for run in runs)
        for who, runs in told.runs.items()
    }
    contacts = {
        who: Counter((each.channel, each.journey, each.sent is None) for each in contacts)
        for who, contacts in told.contacts.items()
    }
    return sends, decisions, runs, contacts, told.edges, len(told.asked)
