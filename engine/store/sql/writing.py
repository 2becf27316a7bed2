"""From values to rows: what batches, the inbox and the dispatcher write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dsl.calendar import Instant
from engine.core.effects import Delivery
from engine.core.run import Run
from engine.core.signals import Arrival, EventArrived
from engine.store import codec
from engine.store.protocol import Appended, EdgeCount, Settlement
from engine.store.sql import reading
from engine.store.sql import statements as sql
from engine.store.sql.session import Row, Session

__all__ = [
    "add_deliveries",
    "add_events",
    "add_runs",
    "count_edges",
    "hear",
    "receive",
    "replace_deliveries",
    "settle",
]


def hear(session: Session, people: Iterable[str]) -> dict[str, int]:
    """The numbers of these people; those never heard of get one, in the order given."""
    wanted = list(dict.fromkeys(people))
    numbers = {name: heard.number for name, heard in reading.people(session, wanted).items()}
    if len(numbers) < len(wanted):
        last = session.one(sql.LAST_PERSON)
        fresh = [name for name in wanted if name not in numbers]
        numbers.update(zip(fresh, range(last + 1, last + 1 + len(fresh)), strict=True))
        session.many(sql.ADD_PERSON, [(numbers[name], name) for name in fresh])
    return numbers


def receive(session: Session, arrivals: Sequence[Arrival]) -> Appended:
    """Adds arrivals to the log and to the inbox, except those whose id is in the log."""
    numbers = hear(session, [arrival.person for arrival in arrivals])
    seen = {row[0] for row in session.among(sql.IDS_IN_LOG, [arrival.id for arrival in arrivals])}
    last = session.one(sql.LAST_IN_LOG)
    log: list[Row] = []
    inbox: list[Row] = []
    for arrival in arrivals:
        if arrival.id in seen:
            continue
        seen.add(arrival.id)
        last += 1
        person = numbers[arrival.person]
        kind, name, occurred, received = codec.arrival_kind(arrival)
        document = codec.arrival_document(arrival)
        log.append((last, arrival.id, person, kind, name, occurred, received, document))
        inbox.append((person, last, received))
    session.many(sql.ADD_ARRIVAL, log)
    session.many(sql.ADD_TO_INBOX, inbox)
    return Appended(len(log), len(arrivals) - len(log))


def add_events(session: Session, events: Iterable[EventArrived], numbers: dict[str, int]) -> None:
    """Adds events that are history already to the log."""
    session.many(
        sql.ADD_EVENT,
        [
            (
                event.number,
                identity,
                numbers[person],
                "event",
                event.name,
                event.occurred,
                event.received,
                codec.mapping_document(event.properties),
            )
            for identity, person, event in events
        ],
    )


def add_runs(session: Session, runs: Sequence[Run], numbers: dict[str, int]) -> None:
    """Adds runs that are new."""
    if not runs:
        return
    last = session.one(sql.LAST_RUN)
    session.many(
        sql.ADD_RUN,
        [
            (
                number,
                numbers[run.person],
                run.id,
                run.journey,
                run.version,
                run.key,
                run.arm,
                run.entered,
                codec.origin_document(run.trigger),
                run.status,
                run.state,
                due_of(run),
                run.outcome,
                codec.run_document(run),
            )
            for number, run in enumerate(runs, last + 1)
        ],
    )


def due_of(run: Run) -> Instant | None:
    """When a run's timer is due; nothing wakes a closed one."""
    return None if run.status == "closed" else run.due


def add_deliveries(
    session: Session, deliveries: Iterable[Delivery], numbers: dict[str, int]
) -> None:
    """Adds deliveries whose ids are not there yet; the others stay as they are."""
    fresh = {delivery.id: delivery for delivery in deliveries}
    for (known,) in session.among(sql.DELIVERY_KEYS, list(fresh)):
        del fresh[known]
    if not fresh:
        return
    last = session.one(sql.LAST_DELIVERY)
    rows: list[Row] = []
    texts: list[Row] = []
    for number, each in enumerate(fresh.values(), last + 1):
        rows.append(
            (
                number,
                each.id,
                numbers[each.person],
                each.journey,
                each.run,
                each.step,
                each.channel,
                each.category,
                each.message,
                each.address,
                each.decided,
                each.expires,
                each.due,
                each.status,
                each.attempts,
                each.provider_id,
                each.lease,
                _wake(each),
            )
        )
        texts.append((number, codec.mapping_document(each.parts)))
    session.many(sql.ADD_DELIVERY, rows)
    session.many(sql.ADD_TEXTS, texts)


def replace_deliveries(
    session: Session, deliveries: Sequence[Delivery], before: Mapping[str, Delivery]
) -> None:
    """Writes deliveries that are there as they are now."""
    session.many(
        sql.REPLACE_DELIVERY,
        [
            (
                each.journey,
                each.run,
                each.step,
                each.channel,
                each.category,
                each.message,
                each.address,
                each.decided,
                each.expires,
                each.due,
                each.status,
                each.attempts,
                each.provider_id,
                each.lease,
                _wake(each),
                each.id,
            )
            for each in deliveries
        ],
    )
    session.many(
        sql.REPLACE_TEXTS,
        [
            (codec.mapping_document(each.parts), each.id)
            for each in deliveries
            if each.parts != before[each.id].parts
        ],
    )


def settle(session: Session, settlements: Iterable[Settlement]) -> None:
    """Writes the new standing of claimed deliveries."""
    session.many(
        sql.SETTLE,
        [
            (
                status,
                due,
                attempts,
                due if status == "queued" else None,
                provider_id,
                provider_id,
                delivery,
            )
            for delivery, status, due, attempts, provider_id in settlements
        ],
    )


def count_edges(session: Session, edges: Mapping[EdgeCount, int]) -> None:
    """Adds to the counts of edges."""
    session.many(sql.COUNT_EDGE, [(*edge, count) for edge, count in edges.items()])


def _wake(delivery: Delivery) -> Instant | None:
    match delivery.status:
        case "queued":
            return delivery.due
        case "calling":
            return delivery.lease
        case "accepted" | "refused" | "unknown" | "stopped":
            return None
