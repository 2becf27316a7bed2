"""People who become one, in a database: whoever has gone into whom, and all that is theirs now.

Nobody writes anything under a name any more that has gone into another, but the door, and whoever
hands on what came in by it. So the rows of a name may be changed by whoever holds the person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from dsl.calendar import Instant
from engine.core.changes import Changes, Merge
from engine.core.identity import Union
from engine.core.knowing import number_of
from engine.core.merging import Behind
from engine.core.signals import Joined
from engine.store import codec, letters
from engine.store.sql import reading
from engine.store.sql import statements as sql
from engine.store.sql.session import Row, Session
from engine.store.sql.standings import Standing
from engine.store.sql.statements import Add, Set

__all__ = ["Moved", "behind", "hand_on", "join", "names_of", "targets", "unions", "with_names"]

_ADD = Add("merges", "person", "winner", "at", "by", "number", once="person")
_CALLED = "select number, id from people where number in ({})"
_UP = "select person, winner from merges where person in ({})"
_DOWN = "select winner, person, at from merges where winner in ({})"
_NAMES = """
    select p.id, w.id, m.at, m.by, m.number, m.person
    from merges m join people p on p.number = m.person join people w on w.number = m.winner
    where m.winner in ({})
"""
_FORGET_ORIGINS = "delete from origins where person = ?"

_TAKE = "delete from inbox where person = ? and number = ? returning number"
_GIVE = Set("log", "person", key="number")
_GIVE_JOINED = Set("log", "person", "kind", "received", "document", key="number")

_BEHIND = """
    select person, occurred, received, number, document from log l
    where person in ({}) and name = ? and kind = 'event' and not exists (
        select 1 from inbox i where i.person = l.person and i.number = l.number
    )
"""

_JOIN_LOG = """
    update log set person = ? where person = ? and not exists (
        select 1 from inbox i where i.person = log.person and i.number = log.number
    )
"""
_JOIN = tuple(
    f"update {table} set person = ? where person = ?"  # noqa: S608 - our own tables
    for table in ("consents", "assignments")
)
_CLOSED = "select number, document from closed_runs where person = ?"
_JOIN_CLOSED = Set("closed_runs", "person", "document", key="number")
_CALLS = "select number, document from calls where person = ?"
_JOIN_CALL = Set("calls", "person", "document", key="number")
_CHAIN = """
    with recursive chain (number, previous) as (
        select number, previous from {0} where number = ?
        union all
        select d.number, d.previous from chain join {0} d on d.number = chain.previous
    )
    select number, previous from chain
"""
_CONTENTS = "select number, document from contents where number in ({})"
_JOIN_CONTENT = Set("contents", "document", key="number")
_END = "update standings set document = ? where person = ?"


class Moved(NamedTuple):
    """An arrival, by its number, that waits for a person from ``at`` on."""

    person: int
    number: int
    at: Instant


# -------------------------------------------------------------------------------- who is who


def unions(session: Session, names: Collection[str], since: Instant) -> dict[str, Union]:
    """How names stand to others."""
    found: dict[str, int] = dict(session.among(sql.NUMBERS_BY_ID, sorted(names)))
    into = _roots(session, found.values())
    known = sorted({*found.values(), *into.values()})
    called = {number: name for name, number in found.items()}
    below = {number: _below(session, number) for number in known}
    unnamed = [number for number in known if number not in called]
    called.update(session.among(_CALLED, unnamed))
    made = {name: Union(name) for name in names}
    for name, number in found.items():
        merges = below[into[number]]
        lately = sum(1 for at in merges if at >= since)
        made[name] = Union(called[into[number]], len(merges), lately, len(below[number]))
    return made


def _roots(session: Session, people: Iterable[int]) -> dict[int, int]:
    roots = {number: number for number in people}
    while rows := session.among(_UP, sorted(set(roots.values()))):
        into: dict[int, int] = dict(rows)
        roots = {number: into.get(root, root) for number, root in roots.items()}
    return roots


def _below(session: Session, person: int) -> list[Instant]:
    """When each of the names went into a person, or into one of these."""
    found: list[Instant] = []
    names = [person]
    while rows := session.among(_DOWN, names):
        found += [at for _, _, at in rows]
        names = [name for _, name, _ in rows]
    return found


def names_of(session: Session, person: int, through: int | None = None) -> list[tuple[int, Merge]]:
    """By which names, and their numbers, a person is known beside their own: those that were asked
    for ``through`` a number of the log.
    """
    found: list[tuple[int, Merge]] = []
    names = [person]
    while names:
        merges = [(number, Merge(*each)) for *each, number in session.among(_NAMES, names)]
        merges = [each for each in merges if through is None or each[1].number <= through]
        found += merges
        names = [number for number, _ in merges]
    return sorted(found, key=lambda each: (each[1].at, each[1].person))


def with_names(session: Session, people: Mapping[str, int]) -> dict[str, int]:
    """The same people by their numbers, with all who have gone into them."""
    found = dict(people)
    for number in people.values():
        found.update({merge.person: name for name, merge in names_of(session, number)})
    return found


# ------------------------------------------------------------------------------- whoever goes


def targets(changes: Changes) -> list[str]:
    """Those who are gone into, or handed something."""
    into = {each.into for each in changes.merges}
    return sorted(into.union(each.arrival.person for each in changes.handed))


def hand_on(session: Session, changes: Changes, people: Mapping[str, int]) -> list[Moved]:
    """Writes down who has gone into whom, and that what waited for one person is another's. What does
    not wait any more is left out: whoever it was of has been forgotten meanwhile.
    """
    merges = changes.merges
    session.many(_ADD, [(people[m.person], people[m.into], m.at, m.by, m.number) for m in merges])
    session.many(_FORGET_ORIGINS, [(people[each.person],) for each in merges])
    moved: list[Moved] = []
    for of, arrival, at in changes.handed:
        number, person = number_of(arrival), people[arrival.person]
        if not session.rows(_TAKE, (people[of], number)):
            continue
        if isinstance(arrival, Joined):
            kind, _, _, received = letters.arrival_kind(arrival)
            row = (person, kind, received, letters.arrival_document(arrival), number)
            session.many(_GIVE_JOINED, [row])
        else:
            session.many(_GIVE, [(person, number)])
        moved.append(Moved(person, number, at))
    return moved


# ------------------------------------------------------------------------------ whoever stays


def behind(
    session: Session,
    people: Mapping[int, str],
    events: Iterable[str],
    journeys: Iterable[str],
    broken: reading.Broken,
) -> dict[str, Behind]:
    """What those who have gone into others have left behind."""
    past = reading.history(
        session, {n: p for p, n in people.items()}, list(people.values()), events, broken, _BEHIND
    )
    closed = reading.closed_runs(session, list(people), journeys, broken)
    return {
        name: Behind(past[name], [run for _, run in closed if run.person == name])
        for name in people.values()
    }


def join(session: Session, standing: Standing, name: str, person: str) -> None:
    """All that is kept under a name is the person's, but for what waits there."""
    gone = reading.people(session, [name]).get(name)
    if gone is None:
        return
    number, new = gone.number, standing.found.number
    session.execute(_JOIN_LOG, (new, number))
    for statement in _JOIN:
        session.execute(statement, (new, number))
    runs = [
        (new, codec.run_document(codec.read_run(document)._replace(person=person)), row)
        for row, document in session.rows(_CLOSED, (number,))
    ]
    session.many(_JOIN_CLOSED, runs)
    calls = [
        (new, codec.call_document(codec.read_call(document)._replace(person=person)), row)
        for row, document in session.rows(_CALLS, (number,))
    ]
    session.many(_JOIN_CALL, calls)
    other = Standing(gone)
    standing.last_decision, _ = _join_chains(
        session, "decisions", new, standing.last_decision, other.last_decision
    )
    standing.last_delivery, deliveries = _join_chains(
        session, "deliveries", new, standing.last_delivery, other.last_delivery
    )
    contents = [
        (codec.delivery_document(codec.read_delivery(document)._replace(person=person)), row)
        for row, document in session.among(_CONTENTS, deliveries)
    ]
    session.many(_JOIN_CONTENT, contents)
    other.last_decision = other.last_delivery = None
    session.execute(_END, (other.document(), number))


def _join_chains(
    session: Session, table: str, person: int, mine: int | None, theirs: int | None
) -> tuple[int | None, list[int]]:
    """Where the chain of both ends, and the numbers of the rows that were the other's. A chain goes
    back in the order of numbers, so that letting go of what is old cuts it at its old end only.
    """
    statement = _CHAIN.format(table)
    other: dict[int, int | None] = dict(session.rows(statement, (theirs,)))
    if not other:
        return mine, []
    own: dict[int, int | None] = dict(session.rows(statement, (mine,)))
    before = {**own, **other}
    numbers = sorted(before)
    rows: list[Row] = []
    for previous, number in zip([None, *numbers], numbers, strict=False):
        told = before[number] if previous is None else previous
        if number in other or told != before[number]:
            rows.append((person, told, number))
    session.many(Set(table, "person", "previous", key="number"), rows)
    return numbers[-1], sorted(other)
