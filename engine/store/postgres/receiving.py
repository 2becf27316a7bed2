"""What arrives goes into the log and into the inbox, from any number of processes at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

from engine.core.signals import Arrival
from engine.store import letters
from engine.store.postgres import statements as own
from engine.store.postgres.shards import ARRIVING, shard_of, shards_of, take
from engine.store.protocol import Appended
from engine.store.sql import aside
from engine.store.sql import statements as sql
from engine.store.sql.session import Row, Session

__all__ = ["hear", "hold_doors", "receive"]

_MANY = 64  # rows: for fewer, one statement for everything is worth more than COPY
_BY_ID = itemgetter(1)  # the order of whoever appends, so that nobody waits in a circle


def hold_doors(session: Session, people: Iterable[str]) -> None:
    """Lets nobody else append for the shards of these people until the transaction ends.

    A number is given before it can be seen. Without this, somebody else's later number could be
    seen first, a person's arrivals would not ascend, and one could be put down for a person who is
    being forgotten.
    """
    take(session, ARRIVING, shards_of(people))


def hear(session: Session, people: Iterable[str]) -> dict[str, int]:
    """The numbers of these people; those never heard of get one, in the order given."""
    wanted = list(dict.fromkeys(people))
    numbers: dict[str, int] = dict(session.among(sql.NUMBERS_BY_ID, wanted))
    fresh = [name for name in wanted if name not in numbers]
    if fresh:
        given = session.numbers("people", len(fresh))
        session.execute(own.HEAR, (given, [shard_of(name) for name in fresh], fresh))
        numbers.update(session.among(sql.NUMBERS_BY_ID, fresh))  # somebody else's may hold
    return numbers


def receive(session: Session, arrivals: Sequence[Arrival]) -> Appended:
    """Adds arrivals to the log and to the inbox, except those whose id is in the log. Whoever calls
    holds the doors.
    """
    seen = {row[0] for row in session.among(sql.IDS_IN_LOG, [arrival.id for arrival in arrivals])}
    fresh: dict[int, Arrival] = {}  # by place
    for place, arrival in enumerate(arrivals):
        if arrival.id not in seen:
            seen.add(arrival.id)
            fresh[place] = arrival
    if not fresh:
        return Appended(0, len(arrivals), frozenset(range(len(arrivals))))
    people = hear(session, [arrival.person for arrival in fresh.values()])
    numbers = session.numbers("log", len(fresh))
    rows = []
    for number, arrival in zip(numbers, fresh.values(), strict=True):
        kind, name, occurred, received = letters.arrival_kind(arrival)
        document = letters.arrival_document(arrival)
        person = people[arrival.person]
        rows.append((number, arrival.id, person, kind, name, occurred, received, document))
    if len(rows) >= _MANY and session.all_or_none(sql.ADD_ARRIVAL, sorted(rows, key=_BY_ID)):
        taken = len(rows)
        _add_to_inbox(session, rows, {number: name for name, number in people.items()})
    else:
        taken = session.one(own.RECEIVE, [list(column) for column in zip(*rows, strict=True)])
    session.execute(own.TELL)
    if taken < len(fresh):  # somebody has appended the same id for another person meanwhile
        kept = {number for (number,) in session.among(own.NUMBERS_IN_LOG, numbers)}
        fresh = {
            place: arrival
            for number, (place, arrival) in zip(numbers, fresh.items(), strict=True)
            if number in kept
        }
    return Appended(taken, len(arrivals) - taken, frozenset(range(len(arrivals))) - fresh.keys())


def _add_to_inbox(session: Session, rows: Sequence[Row], names: Mapping[int, str]) -> None:
    """Lets what is new in the log wait to be processed; of people who are set aside, out of reach."""
    apart = aside.keep_apart(session, names)
    waiting: list[Row] = []
    for number, _, person, kind, _, _, received, _ in rows:
        at = sql.NEVER if person in apart and kind != "erasure" else received
        waiting.append((shard_of(names[person]), person, number, at))
    session.many(own.ADD_TO_INBOX, waiting)
