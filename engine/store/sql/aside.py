"""People who are set aside: their rows wait where they are, out of reach of who is due.

An arrival that waits keeps its place in the inbox and is received ``NEVER``, a standing wakes at no
time. What they say otherwise stands elsewhere (in the log; in the timer and the calendar), so
releasing somebody is putting it back. Nobody has to ask who is set aside while nobody is.

A row of somebody released stays for a day: whether it is their first time matters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from dsl.calendar import DAY, Instant
from engine.store.protocol import Aside
from engine.store.sql.session import Session
from engine.store.sql.statements import NEVER

__all__ = [
    "asides_of",
    "everybody",
    "forget",
    "hide_timers",
    "keep_apart",
    "put",
    "release",
    "released",
]

_PUT = """
    insert into set_aside (person, since, reason) values (?, ?, ?)
    on conflict (person) do update
    set since = excluded.since, reason = excluded.reason, released = null
"""
_APART = "select person from set_aside where released is null and person in ({})"
_ALL = """
    select p.number, p.id, a.since, a.reason from set_aside a join people p on p.number = a.person
    where a.released is null
"""
_OF = f"{_ALL} and a.person in ({{}})"
_RELEASED = """
    select p.id from people p join set_aside a on a.person = p.number
    where a.released is not null and p.id in ({})
"""
_ANYBODY = "select exists (select 1 from set_aside where released is null)"
_HIDE_ARRIVALS = """
    update inbox set received = ? where person = ? and not exists (
        select 1 from log l where l.number = inbox.number and l.kind = 'erasure'
    )
"""
_HIDE_TIMER = "update standings set wake = null where person = ?"
_SHOW_ARRIVALS = """
    update inbox set received = (select l.received from log l where l.number = inbox.number)
    where person = ?
"""
_LOOK_AT = """
    update standings set calendar = case when calendar < ? then calendar else ? end
    where person = (select number from people where number = ? and document is not null)
"""
_SHOW_TIMER = """
    update standings set wake = case
        when calendar is null or timer < calendar then timer else calendar end
    where person = ?
"""
_RELEASE = "update set_aside set released = ? where person = ?"
_DROP_OLD = "delete from set_aside where released < ?"
_FORGET = "delete from set_aside where person = ?"


def put(session: Session, asides: Iterable[tuple[int, Aside]]) -> None:
    """Sets people aside, with all that waits of them."""
    rows = list(asides)
    people = [(number,) for number, _ in rows]
    session.many(_PUT, [(number, each.since, each.reason) for number, each in rows])
    session.many(_HIDE_ARRIVALS, [(NEVER, number) for (number,) in people])
    session.many(_HIDE_TIMER, people)


def everybody(session: Session) -> list[tuple[int, Aside]]:
    """All who are set aside, the longest first, with their numbers."""
    found = [(number, Aside(*row)) for number, *row in session.rows(_ALL)]
    return sorted(found, key=lambda each: (each[1].since, each[1].person))


def asides_of(session: Session, people: Sequence[int]) -> dict[int, Aside]:
    """Those of these people who are set aside."""
    return {number: Aside(*row) for number, *row in session.among(_OF, people)}


def released(session: Session, people: Sequence[str]) -> set[str]:
    """Those of these people who were set aside before, and released since."""
    return {name for (name,) in session.among(_RELEASED, people)}


def keep_apart(session: Session, people: Iterable[int]) -> set[int]:
    """Those of these people whose arrivals wait."""
    if not session.one(_ANYBODY):
        return set()
    return {person for (person,) in session.among(_APART, list(people))}


def hide_timers(session: Session) -> None:
    """Lets nobody wake who is set aside, after everybody was given a time to wake."""
    session.many(_HIDE_TIMER, [(number,) for number, _ in everybody(session)])


def release(session: Session, at: Instant, people: Collection[str] | None) -> int:
    """Lets them be due again as of ``at``. How many they were."""
    found = [
        number for number, each in everybody(session) if people is None or each.person in people
    ]
    if not found:
        return 0
    rows = [(number,) for number in found]
    session.many(_SHOW_ARRIVALS, rows)
    session.many(_LOOK_AT, [(at, at, number) for number in found])
    session.many(_SHOW_TIMER, rows)
    session.execute(_DROP_OLD, (at - DAY,))
    session.many(_RELEASE, [(at, number) for number in found])
    return len(found)


def forget(session: Session, person: int) -> None:
    """Somebody is forgotten; what is left of theirs is of somebody new."""
    session.execute(_FORGET, (person,))
    session.execute(_SHOW_ARRIVALS, (person,))
