"""From rows to values: what batches and views read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter, itemgetter
from typing import NamedTuple

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.profile import Profile
from engine.core.run import Run
from engine.core.signals import Arrival
from engine.store import codec
from engine.store.protocol import Deployment, EdgeCount
from engine.store.sql import statements as sql
from engine.store.sql.session import Row, Session

__all__ = [
    "BY_ENTRY",
    "Heard",
    "all_runs",
    "closed_runs",
    "decisions_of",
    "deliveries",
    "deliveries_of",
    "edges",
    "history",
    "last_deployment",
    "open_runs",
    "people",
    "profile",
    "waiting",
]

BY_ENTRY = attrgetter("entered", "id")


class Heard(NamedTuple):
    """Somebody the store has heard of: their number, and their profile's document if any."""

    number: int
    document: bytes | None


def people(session: Session, ids: Sequence[str]) -> dict[str, Heard]:
    """Those of these people whom the store has heard of."""
    rows = session.among(sql.PEOPLE_BY_ID, ids)
    return {name: Heard(number, document) for number, name, document in rows}


def profile(name: str, heard: Heard) -> Profile:
    """The profile, or an empty one."""
    return Profile(name) if heard.document is None else codec.read_profile(name, heard.document)


def open_runs(session: Session, names: dict[int, str]) -> list[tuple[int, Run]]:
    """Live and watched runs of people by number, with the runs' own numbers."""
    return [(row[0], _run(row, names[row[1]])) for row in session.among(sql.OPEN_RUNS, list(names))]


def closed_runs(
    session: Session, names: dict[int, str], journeys: Iterable[str]
) -> list[tuple[int, Run]]:
    """The latest closed run of each person, journey and key, with their numbers."""
    latest: dict[tuple[int, str, str], tuple[int, Run]] = {}
    for journey in journeys:
        for row in session.among(sql.CLOSED_RUNS, list(names), journey):
            run = _run(row, names[row[1]])
            place = row[1], run.journey, run.key
            other = latest.get(place)
            if other is None or _lateness(other[1]) <= _lateness(run):
                latest[place] = row[0], run
    return list(latest.values())


def all_runs(session: Session, name: str, number: int) -> list[Run]:
    """Everything a person ever went through, in the order of entering."""
    runs = [_run(row, name) for row in session.rows(sql.ALL_RUNS, (number, number))]
    return sorted(runs, key=BY_ENTRY)


def waiting(
    session: Session, names: dict[int, str], now: Instant
) -> list[tuple[int, int, Arrival]]:
    """Arrivals received by ``now`` that wait to be processed, each person's in the order of
    processing, with the people's numbers and their own.
    """
    return [
        (
            who,
            number,
            codec.read_arrival(kind, name, id_, names[who], occurred, received, number, document),
        )
        for who, kind, name, id_, occurred, received, number, document in session.among(
            sql.WAITING, list(names), now
        )
    ]


def history(
    session: Session, numbers: dict[str, int], asked: Sequence[str], events: Iterable[str]
) -> dict[str, dict[str, list[Happened]]]:
    """The named events of the people asked for, of whom those in ``numbers`` are heard of."""
    names = tuple(events)
    past: dict[str, dict[str, list[Happened]]] = {
        person: {name: [] for name in names} for person in asked
    }
    lists = {number: past[person] for person, number in numbers.items()}
    wanted = list(lists)
    for name in names:
        rows = session.among(sql.EVENTS_OF, wanted, name)
        rows.sort(key=itemgetter(1, 3))
        for person, occurred, received, number, document in rows:
            lists[person][name].append(
                Happened(name, occurred, received, number, codec.loads(document))
            )
    return past


def deliveries(session: Session, ids: Sequence[str]) -> dict[str, Delivery]:
    """Deliveries by id."""
    rows = session.among(sql.DELIVERIES_BY_ID, ids)
    return {row[0]: delivery(row) for row in rows}


def deliveries_of(session: Session, number: int) -> list[Delivery]:
    """A person's deliveries in the order of decision."""
    return [delivery(row) for row in session.rows(sql.DELIVERIES_OF, (number,))]


def delivery(row: Row) -> Delivery:
    """A delivery as the statements select it."""
    values = list(row[:17])
    values[9] = codec.loads(row[9])
    return Delivery(*values)


def decisions_of(session: Session, name: str, number: int) -> list[Decision]:
    """A person's decisions in the order they were taken."""
    return [Decision(name, *row) for row in session.rows(sql.DECISIONS_OF, (number,))]


def edges(session: Session) -> dict[EdgeCount, int]:
    """How often people went along each edge."""
    return {EdgeCount(*row[:4]): row[4] for row in session.rows(sql.EDGES)}


def last_deployment(session: Session) -> Deployment | None:
    """The current project version."""
    rows = session.rows(sql.LAST_DEPLOYMENT)
    return Deployment(rows[0][0], rows[0][1], codec.loads(rows[0][2])) if rows else None


def _lateness(run: Run) -> tuple[Instant, Instant, str]:
    return run.left or 0, run.entered, run.id


def _run(row: Row, person: str) -> Run:
    (
        _,
        _,
        id_,
        journey,
        version,
        key,
        arm,
        entered,
        origin,
        status,
        state,
        due,
        outcome,
        document,
    ) = row
    since, collecting, collected, done, variables, steps, left, converted, until, entry = (
        codec.run_parts(document)
    )
    return Run(
        id_,
        person,
        journey,
        version,
        key,
        entered,
        codec.read_origin(origin),
        arm,
        status,
        state,
        since,
        due,
        collecting,
        collected,
        done,
        variables,
        steps,
        left,
        outcome,
        converted,
        until,
        entry,
    )
