"""Questions to web services in the database: asked for, claimed, put back, answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dsl.calendar import Instant
from engine.core.effects import CallWebhook
from engine.core.signals import CallAnswered
from engine.store import codec
from engine.store.protocol import CallSettlement
from engine.store.sql import outward
from engine.store.sql.session import Row, Session
from engine.store.sql.standings import Standing

__all__ = ["add_calls", "leased", "settle"]


def add_calls(
    session: Session, calls: Iterable[CallWebhook], standings: Mapping[str, Standing]
) -> None:
    """Adds calls, each in the place of one with its id."""
    session.many(
        outward.ADD_CALL,
        [
            (
                each.id,
                standings[each.person].found.number,
                each.due,
                each.attempts,
                each.lease,
                each.due if each.lease is None else each.lease,
                codec.call_document(each),
                each.service,
            )
            for each in calls
        ],
    )


def leased(row: Row, lease: Instant) -> CallWebhook:
    """A call as the statements select it, just leased."""
    _, due, attempts, document = row
    return codec.read_call(document)._replace(due=due, attempts=attempts, lease=lease)


def settle(session: Session, settlements: Sequence[CallSettlement]) -> list[CallAnswered]:
    """Puts calls back or removes them; the answers of those that were there are to be received."""
    rows = session.among(outward.CALL_KEYS, [each.call for each in settlements])
    known = {name for (name,) in rows}
    back: list[Row] = []
    answers: dict[str, CallAnswered] = {}
    for name, attempts, due, answer in settlements:
        if answer is None:
            back.append((due, attempts, due, name))
        elif name in known:
            answers.setdefault(name, answer)
    session.many(outward.PUT_BACK_CALL, back)
    session.many(outward.REMOVE_CALL, [(name,) for name in answers])
    return list(answers.values())
