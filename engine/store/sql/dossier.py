"""All that a database knows of one person, read by the person and along their chains."""

from __future__ import annotations

from engine.core.signals import Arrival
from engine.store import codec, letters
from engine.store.dossier import Dossier, Filed
from engine.store.protocol import Aside
from engine.store.sql import consents, merging, origins, reading
from engine.store.sql.learnt import assignment_of
from engine.store.sql.session import Session
from engine.store.sql.statements import ASSIGNMENT_COLUMNS
from engine.store.sql.strays import of_people

__all__ = ["PERSONS", "dossier"]

_FILED = """
    select l.kind, l.name, l.id, l.occurred, l.received, l.number, l.document, exists (
        select 1 from inbox i where i.person = l.person and i.number = l.number
    )
    from log l where l.person = ? and l.kind {} 'event'
"""
_EVENTS, _OTHERS = _FILED.format("="), _FILED.format("<>")
_CALLS = "select due, attempts, lease, document from calls where person = ? order by number"
_ASSIGNMENTS = f"""
    select p.id, a.{", a.".join(ASSIGNMENT_COLUMNS.split(", "))}
    from assignments a join people p on p.number = a.person
    where a.person = ? order by a.number
"""  # noqa: S608 - our own columns
_ASIDE = """
    select p.id, a.since, a.reason, a.released
    from set_aside a join people p on p.number = a.person where a.person = ?
"""
PERSONS = (_EVENTS, _OTHERS, _CALLS, _ASSIGNMENTS, _ASIDE, origins.OF_ONE, *consents.KNOWN)
"""The statements, each for one person."""


def dossier(session: Session, name: str) -> Dossier | None:
    """A person, whole; None of who was never heard of."""
    found = reading.people(session, [name]).get(name)
    if found is None:
        return None
    number = found.number
    filed: list[tuple[int, Filed]] = []
    for statement in (_EVENTS, _OTHERS):
        for *row, document, waits in session.rows(statement, (number,)):
            kind, event, identity, occurred, received, place = row
            arrival: Arrival = letters.read_arrival(
                kind, event, identity, name, occurred, received, place, document
            )
            filed.append((place, Filed(arrival, bool(waits))))
    filed.sort(key=lambda each: each[0])
    calls = [
        codec.read_call(document)._replace(due=due, attempts=attempts, lease=lease)
        for due, attempts, lease, document in session.rows(_CALLS, (number,))
    ]
    closed = reading.closed_documents(session, [number]).get(number, [])
    aside, released = None, None
    for person, since, reason, until in session.rows(_ASIDE, (number,)):
        aside, released = Aside(person, since, reason), until
    return Dossier(
        reading.view(name, found, closed, {}, aside if released is None else None),
        [each for _, each in filed],
        reading.deliveries_of(session, name),
        reading.decisions_of(session, name),
        calls,
        [assignment_of(row) for row in session.rows(_ASSIGNMENTS, (number,))],
        aside,
        released,
        consents.ledger(session, name, number),
        origins.of_one(session, number),
        merges := [merge for _, merge in merging.names_of(session, number)],
        of_people(session, [name, *(merge.person for merge in merges)]),
    )
