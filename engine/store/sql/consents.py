"""The consent ledger in a database. Words are kept as they stand in the log, and never changed.

What has been taken in and not been processed yet is in the log alone, and so is what a process of
a version without a ledger has processed: both are read from there.
"""

# ruff: noqa: S608 - statements are put together from constants of this module only

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dsl.expr.context import Happened
from engine.core.consent import CONSENT_EVENTS, Entry, entry_of
from engine.core.signals import EventArrived
from engine.store import codec
from engine.store.sql.session import Session
from engine.store.sql.statements import Add

__all__ = ["KNOWN", "NAMES", "add", "ledger"]

_COLUMNS = "number, id, name, occurred, received, document"
_ADD = Add(
    "consents", "number", "id", "person", "name", "occurred", "received", "document", once="id"
)
NAMES = ", ".join(f"'{name}'" for name in CONSENT_EVENTS)
"""The events that are words of the ledger, as SQL lists them."""

_IN_LEDGER = f"select {_COLUMNS} from consents where person = ?"
_IN_LOG = f"""
    select {_COLUMNS} from log l where person = ? and kind = 'event' and name in ({NAMES})
        and not exists (select 1 from consents c where c.id = l.id)
"""
KNOWN = (_IN_LEDGER, _IN_LOG)
"""The statements by which a person's words are read."""


def add(session: Session, words: Iterable[EventArrived], people: Mapping[str, int]) -> None:
    """Adds words; those that are there already stay as they are."""
    session.many(
        _ADD,
        [
            (
                event.number,
                identity,
                people[person],
                event.name,
                event.occurred,
                event.received,
                codec.mapping_document(event.properties),
            )
            for identity, person, event in words
        ],
    )


def ledger(session: Session, person: str, number: int) -> list[Entry]:
    """All words of a person, in the order in which we heard them."""
    found: list[Entry] = []
    rows = [row for statement in KNOWN for row in session.rows(statement, (number,))]
    rows.sort(key=lambda row: (row[4], row[0]))
    for place, identity, name, occurred, received, document in rows:
        event = Happened(name, occurred, received, place, codec.loads(document))
        entry = entry_of(identity, person, event)
        if entry is not None:
            found.append(entry)
    return found
