"""What happens to people, drawn at random: events late and repeated, receipts, changes of mind,
people who turn out to be one, wishes to be forgotten, and time between them.

A move says what happens in words that need no store. ``arrival_of`` makes of it what comes in by
the door, once; every runtime is then told the very same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.services import Answer, NoAnswer, Question
from dsl.calendar import DAY, HOUR, MINUTE, SECOND, Instant
from dsl.expr.context import Happened
from engine.core.effects import Delivery
from engine.core.signals import (
    Arrival,
    Erased,
    EventArrived,
    MergeAsked,
    ProfileChanged,
    ReceiptArrived,
    StartAsked,
)
from tests.proof.shop import ATTRIBUTES

__all__ = ["END", "PEOPLE", "START", "Life", "Move", "World", "arrival_of", "beginning", "lives"]

START: Instant = 1_774_537_200_000_000  # Thursday 2026-03-26 15:00 UTC; clocks change on Sunday
END = 30 * DAY  # after the last move: long enough for everybody to leave
PEOPLE = ("ada", "bob", "eve")


class Move(NamedTuple):
    """``after`` so long, something happens to somebody. With 0 it is at the instant of the one
    before.
    """

    after: Instant
    person: str
    what: str
    name: str = ""
    values: Mapping[str, Any] = {}
    late: Instant = 0


class World(NamedTuple):
    """How the world answers: by what it is asked, and not by the order of that."""

    outcomes: Sequence[Outcome]
    replies: Sequence[Answer | NoAnswer]

    def provider(self) -> Callable[[Message], Outcome]:
        """One that refuses nothing for ever: the third attempt is taken."""
        times: dict[str, int] = {}

        def answer(message: Message) -> Outcome:
            number = times[message.id] = times.get(message.id, 0) + 1
            if number > 2 or not self.outcomes:
                return Accepted(f"p-{message.id}")
            return self.outcomes[(int(message.id[-6:], 16) + number) % len(self.outcomes)]

        return answer

    def desk(self) -> Callable[[Question], Answer | NoAnswer]:
        """A web service. What is fetched for a message has no second try: after five of those,
        nobody would be asked for a while, and that would depend on who was before.
        """
        times: dict[str, int] = {}

        def answer(question: Question) -> Answer | NoAnswer:
            number = times[question.id] = times.get(question.id, 0) + 1
            if number > 2 or not self.replies:
                return Answer({"score": 50})
            reply = self.replies[sum(question.id.encode()) % len(self.replies)]
            if isinstance(reply, NoAnswer) and "/" in question.id:
                return NoAnswer(reply.reason, again=False)
            return reply

        return answer


class Life(NamedTuple):
    """Everything that is not the project."""

    people: Sequence[str]
    moves: Sequence[Move]
    world: World


# ------------------------------------------------------------------------------------ drawing

_gaps = st.sampled_from((0, 0, SECOND, 5 * MINUTE, 40 * MINUTE, 3 * HOUR, 7 * HOUR, DAY, 3 * DAY))
_lateness = st.sampled_from((0, 0, 0, MINUTE, HOUR, 30 * HOUR))
_money = st.sampled_from((1000, 2000, 6000))

_events = st.one_of(
    st.tuples(st.just("signed_up"), st.just({})),
    st.tuples(st.just("signed_up"), st.just({})),
    st.tuples(
        st.just("cart_updated"),
        st.fixed_dictionaries({"cart_id": st.sampled_from("ab"), "value": _money}),
    ),
    st.tuples(st.just("purchase"), st.fixed_dictionaries({"total": _money})),
    st.tuples(
        st.just("viewed"), st.fixed_dictionaries({"product": st.sampled_from(("lamp", "tea"))})
    ),
    st.tuples(
        st.sampled_from(("consent_granted", "consent_withdrawn")),
        st.sampled_from(
            ({"category": "promotional"}, {"category": "promotional", "channel": "push"})
        ),
    ),
    st.tuples(
        st.just("preferences_set"),
        st.sampled_from(({"at_most_per_week": 1}, {"paused_until": START + 5 * DAY}, {})),
    ),
    st.tuples(st.just("message_opened"), st.just({"channel": "email"})),
)
_changes = st.sampled_from(
    [(name, value) for name, values in ATTRIBUTES.items() for value in values]
    + [(name, value) for name in ("email", "phone", "push") for value in ("new", None)]
)
_receipts = st.sampled_from(("delivered", "opened", "clicked", "replied", "failed"))


@st.composite
def _moves(draw: st.DrawFn, people: Sequence[str]) -> Move:
    after, who = draw(_gaps), draw(st.sampled_from(people))
    kind = draw(st.integers(0, 11))
    if kind < 6:
        name, values = draw(_events)
        return Move(after, who, "event", name, values, draw(_lateness))
    if kind < 8:
        name, value = draw(_changes)
        return Move(after, who, "change", name, {"value": value})
    if kind < 10:
        back = draw(st.integers(1, 3))
        return Move(after, who, "receipt", draw(_receipts), {"back": back})
    what = draw(st.sampled_from(("again", "start", "start", "erase", "merge", "merge")))
    if what == "merge":
        return Move(after, who, what, draw(st.sampled_from(people)))
    return Move(after, who, what, f"journey_{draw(st.integers(1, 3))}" * (what == "start"))


_outcomes: st.SearchStrategy[list[Outcome]] = st.lists(
    st.sampled_from(
        (
            Accepted("ok"),
            Rejected(FailureClass.TRANSIENT, "451", "busy"),
            Rejected(FailureClass.PERMANENT_RECIPIENT, "410", "gone"),
            Rejected(FailureClass.PERMANENT_CONTENT, "554", "spam"),
            RateLimited("recipient", 90),
            Unknown("no answer"),
        )
    ),
    max_size=5,
)
_replies: st.SearchStrategy[list[Answer | NoAnswer]] = st.lists(
    st.sampled_from(
        (
            Answer({"score": 70}),
            Answer({}),
            Answer({"score": "many"}),
            NoAnswer("busy", again=True),
            NoAnswer("no", again=False),
        )
    ),
    max_size=3,
)


@st.composite
def lives(draw: st.DrawFn, most: int = 24) -> Life:
    """One to three people, what happens to them, and how the world answers."""
    people = PEOPLE[: draw(st.integers(1, len(PEOPLE)))]
    moves = draw(st.lists(_moves(people), min_size=most // 3, max_size=most))
    return Life(people, moves, World(draw(_outcomes), draw(_replies)))


# ----------------------------------------------------------------------------------- arriving


def beginning(people: Sequence[str]) -> list[Arrival]:
    """Everybody can be reached on all channels and has agreed to be."""
    arrivals: list[Arrival] = []
    for number, who in enumerate(people):
        known = {"email": f"{who}@example.com", "phone": f"+49170000{number}", "first_name": who}
        if zone := ("", "Asia/Tokyo", "America/New_York")[number % 3]:
            known["time_zone"] = zone
        addresses = {"email": known["email"], "sms": known["phone"], "push": f"token-{who}"}
        agreed = Happened("consent_granted", START, START, 0, {"category": "promotional"})
        arrivals += [
            ProfileChanged(f"begin {who}", who, START, 0, known, addresses),
            EventArrived(f"agree {who}", who, agreed),
        ]
    return arrivals


def arrival_of(
    move: Move, number: int, now: Instant, sent: Sequence[Delivery], before: Sequence[Arrival]
) -> list[Arrival]:
    """What comes in by the door. ``sent`` are this person's deliveries so far, ``before`` what
    came in before; where a move is about something that is not there, nothing comes in.
    """
    who, name = move.person, f"m{number}"
    match move.what:
        case "event":
            happened = Happened(move.name, now - move.late, now, 0, move.values)
            return [EventArrived(name, who, happened)]
        case "change":
            value = move.values["value"]
            if move.name in ATTRIBUTES:
                return [ProfileChanged(name, who, now, 0, {move.name: value}, {})]
            given = None if value is None else f"{number}-{who}@example.com"
            attributes = {} if move.name == "push" else {move.name: given}
            channel = "sms" if move.name == "phone" else move.name
            return [ProfileChanged(name, who, now, 0, attributes, {channel: given})]
        case "receipt":
            back = int(move.values["back"])
            meant = [each for each in sent if each.status == "accepted"][-back:][:1]
            return [
                ReceiptArrived(name, who, now, 0, each.id, move.name, "told so", now)
                for each in meant
            ]
        case "again":
            mine = [each for each in before if each.person == who]
            return mine[-1:]
        case "start":
            return [StartAsked(name, who, now, 0, move.name, {"voucher": "v"})]
        case "erase":
            return [Erased(name, who, now, 0)]
        case "merge":
            return [MergeAsked(name, who, now, 0, move.name, "alias")]
        case _:
            raise AssertionError(move)
