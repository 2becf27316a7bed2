"""From rows to values: what batches and views read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter, itemgetter
from typing import TypeAlias

from dsl.calendar import Instant
from dsl.expr.context import Happened
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.profile import Profile
from engine.core.run import Run
from engine.core.signals import Arrival
from engine.store import codec, letters
from engine.store.protocol import Aside, EdgeCount, PersonView
from engine.store.sql import statements as sql
from engine.store.sql.session import Row, Session
from engine.store.sql.standings import Found, Standing

__all__ = [
    "BY_ENTRY",
    "Broken",
    "closed_documents",
    "closed_runs",
    "decisions_of",
    "deliveries",
    "deliveries_of",
    "delivery",
    "edges",
    "history",
    "people",
    "view",
    "waiting",
]

BY_ENTRY = attrgetter("entered", "id")

Broken: TypeAlias = Callable[[int, Exception], None]
"""Is told of whom, by number, something could not be read, and why. It is left out."""


def people(session: Session, ids: Sequence[str]) -> dict[str, Found]:
    """Those of these people whom the store has heard of."""
    return {
        name: Found(number, *rows) for number, name, *rows in session.among(sql.PEOPLE_BY_ID, ids)
    }


def closed_runs(
    session: Session, people: Sequence[int], journeys: Iterable[str], broken: Broken
) -> list[tuple[int, Run]]:
    """The latest closed run of each person, journey and key, with the rows' numbers."""
    latest: dict[tuple[int, str, str], tuple[int, Run]] = {}
    for journey in journeys:
        rows = session.among(sql.CLOSED_RUNS, people, journey)
        for number, person, document in rows:
            try:
                run = codec.read_run(document)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is about them alone
                broken(person, error)
                continue
            place = person, run.journey, run.key
            other = latest.get(place)
            if other is None or _lateness(other[1]) <= _lateness(run):
                latest[place] = number, run
    return list(latest.values())


def closed_documents(session: Session, people: Sequence[int]) -> dict[int, list[bytes]]:
    """All closed runs of each of these people who has some."""
    found: dict[int, list[bytes]] = {}
    for person, document in session.among(sql.ALL_CLOSED_RUNS, people):
        found.setdefault(person, []).append(document)
    return found


def view(
    name: str,
    found: Found,
    closed_runs: Iterable[bytes],
    past: dict[str, list[Happened]],
    aside: Aside | None,
) -> PersonView:
    """A person as seen from outside a batch."""
    try:
        standing = Standing(found)
        profile = standing.profile(name)
        closed = [codec.read_run(document) for document in closed_runs]
    except Exception:  # noqa: BLE001 - whoever advances them finds out what it is
        return PersonView(Profile(name), [], {}, aside, readable=False)
    return PersonView(
        profile,
        sorted([*standing.runs, *closed], key=BY_ENTRY),
        past,
        aside,
    )


def waiting(
    session: Session, names: dict[int, str], now: Instant, broken: Broken
) -> list[tuple[int, int, Arrival]]:
    """Arrivals received by ``now`` that wait to be processed, each person's in the order of
    processing, with the people's numbers and their own.
    """
    found: list[tuple[int, int, Arrival]] = []
    for who, *row in session.among(sql.WAITING, list(names), now):
        kind, name, identity, occurred, received, number, document = row
        try:
            arrival = letters.read_arrival(
                kind, name, identity, names[who], occurred, received, number, document
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, it is about them alone
            broken(who, error)
            continue
        found.append((who, number, arrival))
    return found


def history(
    session: Session,
    numbers: dict[str, int],
    asked: Sequence[str],
    events: Iterable[str],
    broken: Broken,
    statement: str = sql.EVENTS_OF,
) -> dict[str, dict[str, list[Happened]]]:
    """The named events of the people asked for, of whom those in ``numbers`` are heard of."""
    names = tuple(events)
    past: dict[str, dict[str, list[Happened]]] = {
        person: {name: [] for name in names} for person in asked
    }
    lists = {number: past[person] for person, number in numbers.items()}
    wanted = list(lists)
    for name in names:
        rows = session.among(statement, wanted, name)
        rows.sort(key=itemgetter(1, 3))
        for person, occurred, received, number, document in rows:
            try:
                properties = codec.loads(document)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is about them alone
                broken(person, error)
                continue
            lists[person][name].append(Happened(name, occurred, received, number, properties))
    return past


def deliveries(session: Session, ids: Sequence[str], broken: Broken) -> dict[str, Delivery]:
    """Deliveries by id."""
    found: dict[str, Delivery] = {}
    for row in session.among(sql.DELIVERIES_BY_ID, ids):
        try:
            found[row[0]] = delivery(row)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is about them alone
            broken(session.one(sql.PERSON_OF_DELIVERY, (row[0],)), error)
    return found


def deliveries_of(session: Session, name: str) -> list[Delivery]:
    """A person's deliveries in the order of decision."""
    found = people(session, [name]).get(name)
    last = Standing(found).last_delivery if found else None
    return [delivery(row) for row in session.rows(sql.DELIVERIES_OF, (last,))]


def delivery(row: Row) -> Delivery:
    """A delivery as the statements select it."""
    _, _, status, due, attempts, provider_id, lease, lane, document = row
    return codec.read_delivery(document)._replace(
        status=status,
        due=due,
        attempts=attempts,
        provider_id=provider_id,
        lease=lease,
        lane=lane,
    )


def decisions_of(session: Session, name: str) -> list[Decision]:
    """A person's decisions in the order they were taken."""
    found = people(session, [name]).get(name)
    last = Standing(found).last_decision if found else None
    return [Decision(name, *row) for row in session.rows(sql.DECISIONS_OF, (last,))]


def edges(session: Session) -> dict[EdgeCount, int]:
    """How often people went along each edge."""
    return {EdgeCount(*row[:4]): row[4] for row in session.rows(sql.EDGES)}


def _lateness(run: Run) -> tuple[Instant, Instant, str]:
    return run.left or 0, run.entered, run.id
