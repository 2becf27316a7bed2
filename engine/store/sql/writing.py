"""From values to rows: what batches, the inbox and the dispatcher write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dsl.calendar import Instant
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.core.run import Run
from engine.core.signals import Arrival, Erased, EventArrived, ReceiptArrived
from engine.store import codec, letters
from engine.store.protocol import Appended, EdgeCount, Settlement
from engine.store.settlements import kept_of
from engine.store.sql import aside, outward
from engine.store.sql import statements as sql
from engine.store.sql.session import Row, Session
from engine.store.sql.standings import Standing

__all__ = [
    "add_closed_runs",
    "add_decisions",
    "add_deliveries",
    "add_events",
    "count_edges",
    "hear",
    "of_kept",
    "receive",
    "replace_deliveries",
    "settle",
    "update_closed_runs",
]


def hear(session: Session, people: Iterable[str]) -> dict[str, int]:
    """The numbers of these people; those never heard of get one, in the order given."""
    wanted = list(dict.fromkeys(people))
    numbers: dict[str, int] = dict(session.among(sql.NUMBERS_BY_ID, wanted))
    if len(numbers) < len(wanted):
        fresh = [name for name in wanted if name not in numbers]
        numbers.update(zip(fresh, session.numbers("people", len(fresh)), strict=True))
        session.many(sql.ADD_PERSON, [(numbers[name], name) for name in fresh])
    return numbers


def receive(session: Session, arrivals: Sequence[Arrival]) -> Appended:
    """Adds arrivals to the log and to the inbox, except those whose id is in the log."""
    seen = {row[0] for row in session.among(sql.IDS_IN_LOG, [arrival.id for arrival in arrivals])}
    fresh: list[Arrival] = []
    repeats: list[int] = []
    for place, arrival in enumerate(arrivals):
        if arrival.id in seen:
            repeats.append(place)
        else:
            seen.add(arrival.id)
            fresh.append(arrival)
    numbers = hear(session, [arrival.person for arrival in fresh])
    apart = aside.keep_apart(session, numbers.values())
    log: list[Row] = []
    inbox: list[Row] = []
    for number, arrival in zip(session.numbers("log", len(fresh)), fresh, strict=True):
        person = numbers[arrival.person]
        kind, name, occurred, received = letters.arrival_kind(arrival)
        document = letters.arrival_document(arrival)
        log.append((number, arrival.id, person, kind, name, occurred, received, document))
        waits = person in apart and not isinstance(arrival, Erased)
        inbox.append((person, number, sql.NEVER if waits else received))
    session.many(sql.ADD_ARRIVAL, log)
    session.many(sql.ADD_TO_INBOX, inbox)
    return Appended(len(log), len(repeats), frozenset(repeats))


def add_events(
    session: Session, events: Iterable[EventArrived], standings: Mapping[str, Standing]
) -> None:
    """Adds events that are history already to the log."""
    session.many(
        sql.ADD_EVENT,
        [
            (
                event.number,
                identity,
                standings[person].found.number,
                "event",
                event.name,
                event.occurred,
                event.received,
                codec.mapping_document(event.properties),
            )
            for identity, person, event in events
        ],
    )


def add_closed_runs(session: Session, runs: Iterable[tuple[int, Run]]) -> None:
    """Adds runs, with their people's numbers, that nothing will wake again."""
    session.many(
        sql.ADD_CLOSED_RUN,
        [
            (person, run.id, run.journey, run.key, run.outcome, codec.run_document(run))
            for person, run in runs
        ],
    )


def update_closed_runs(session: Session, runs: Iterable[tuple[int, Run]]) -> None:
    """Writes closed runs, with their rows' numbers, that are there as they are now."""
    session.many(
        sql.UPDATE_CLOSED_RUN,
        [(run.outcome, codec.run_document(run), number) for number, run in runs],
    )


def add_decisions(
    session: Session, decisions: Iterable[Decision], standings: Mapping[str, Standing]
) -> None:
    """Adds decisions to the ends of their people's chains."""
    taken = list(decisions)
    rows: list[Row] = []
    for number, each in zip(session.numbers("decisions", len(taken)), taken, strict=True):
        standing = standings[each.person]
        rows.append((number, standing.found.number, standing.last_decision, *each[1:]))
        standing.last_decision = number
    session.many(sql.ADD_DECISION, rows)


def add_deliveries(
    session: Session, deliveries: Iterable[Delivery], standings: Mapping[str, Standing]
) -> None:
    """Adds deliveries to the ends of their people's chains. Those whose ids are there already
    stay as they are.
    """
    fresh = list(deliveries)
    if fresh and not _add_new_deliveries(session, fresh, standings):
        rows = session.among(sql.DELIVERY_KEYS, [each.id for each in fresh])
        known = {name for (name,) in rows}
        fresh = [each for each in fresh if each.id not in known]
        _add_new_deliveries(session, fresh, standings)


def _add_new_deliveries(
    session: Session, deliveries: Sequence[Delivery], standings: Mapping[str, Standing]
) -> bool:
    """Adds deliveries, or none of them if the id of one is there already."""
    rows: list[Row] = []
    contents: list[Row] = []
    ends: dict[str, int] = {}
    numbers = session.numbers("deliveries", len(deliveries))
    for number, each in zip(numbers, deliveries, strict=True):
        standing = standings[each.person]
        previous = ends.get(each.person, standing.last_delivery)
        ends[each.person] = number
        rows.append(
            (
                number,
                each.id,
                standing.found.number,
                previous,
                each.status,
                each.due,
                each.attempts,
                each.provider_id,
                each.lease,
                _wake(each),
                each.lane,
            )
        )
        contents.append((number, codec.delivery_document(each)))
    if not session.all_or_none(sql.ADD_DELIVERY, rows):
        return False
    session.many(sql.ADD_CONTENT, contents)
    for person, number in ends.items():
        standings[person].last_delivery = number
    return True


def replace_deliveries(session: Session, deliveries: Sequence[Delivery]) -> None:
    """Writes deliveries that are there as they are now."""
    session.many(
        sql.REPLACE_DELIVERY,
        [
            (
                each.status,
                each.due,
                each.attempts,
                each.provider_id,
                each.lease,
                _wake(each),
                each.lane,
                each.id,
            )
            for each in deliveries
            if each.status != "calling"  # whoever is at it says how it stands
        ],
    )
    session.many(
        sql.REPLACE_CONTENT, [(codec.delivery_document(each), each.id) for each in deliveries]
    )


def finish(session: Session, settlements: Iterable[Settlement]) -> None:
    """Writes the texts of messages that are finished now. To be called before their new standing
    is written, while it can still be seen whose claim they are.
    """
    finished = {each.delivery: each for each in settlements if each.parts is not None}
    for name, *_, lease, _, document in session.among(sql.DELIVERIES_BY_ID, list(finished)):
        parts, links = finished[name].parts, finished[name].links
        if parts is not None and finished[name].lease in (None, lease):
            whole = codec.read_delivery(document)
            whole = whole._replace(parts=parts, links=links, unfinished=None)
            session.execute(sql.REPLACE_CONTENT, (codec.delivery_document(whole), name))


def settle(session: Session, settlements: Sequence[Settlement]) -> None:
    """Writes the new standing of claimed deliveries."""
    finish(session, settlements)
    session.many(
        outward.SETTLE,
        [
            (
                status,
                due,
                attempts,
                due if status == "queued" else None,
                provider_id,
                provider_id,
                lane,
                lane,
                delivery,
                lease,
                lease,
            )
            for delivery, status, due, attempts, provider_id, lease, _, lane, _ in settlements
        ],
    )


def of_kept(session: Session, receipts: Sequence[Arrival]) -> list[Arrival]:
    """The receipts of deliveries that are kept: others are of people who were forgotten."""
    named = [each.delivery for each in receipts if isinstance(each, ReceiptArrived)]
    return kept_of(receipts, {name for (name,) in session.among(sql.DELIVERY_KEYS, named)})


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
