"""Forgetting people: every row that is about them, from every table."""

from __future__ import annotations

from engine.store.sql import aside, hooks
from engine.store.sql import forgetting as sql
from engine.store.sql.session import Session
from engine.store.sql.standings import Found, Standing

__all__ = ["erase"]


# Reads all there is: of somebody whose standing is damaged, and only to forget them.
_LAST_OF = "select max(number) from {} where person = ?"


def erase(session: Session, found: Found, through: int) -> bool:
    """Forgets a person, except arrivals with a number above ``through``. Says whether they are
    unknown now, having no such arrivals.

    Of the arrival ``through`` that asked for it, a line about nobody stays in the log: so that
    asking again is recognised, and no number is ever given twice.
    """
    person, standing = found.number, _ends(session, found)
    hooks.tell_of_erasure(session, person, through)
    session.execute(sql.OVERWRITE_DELETED)
    try:
        session.execute(sql.ERASE_CONTENTS, (standing.last_delivery,))
        session.execute(sql.ERASE_DELIVERIES, (standing.last_delivery,))
        session.execute(sql.ERASE_DECISIONS, (standing.last_decision,))
        session.execute(sql.ERASE_CALLS, (person,))
        session.execute(sql.ERASE_CLOSED_RUNS, (person,))
        session.execute(sql.ERASE_ASSIGNMENTS, (person,))
        session.execute(sql.ERASE_CONSENTS, (person,))
        session.execute(sql.ERASE_ORIGINS, (person,))
        session.execute(sql.ERASE_STANDING, (person,))
        session.execute(sql.ERASE_MERGE, (person,))
        aside.forget(session, person)
        session.execute(sql.ERASE_INBOX, (person, through))
        session.execute(sql.DISOWN_ARRIVAL, (through,))
        session.execute(sql.ERASE_EVENTS, (person, person))
        session.execute(sql.ERASE_OTHERS, (person, person))
        session.execute(sql.ERASE_NUMBERS, (person,))
        session.execute(sql.ERASE_STRAYS, (person,))
        session.execute(sql.ERASE_PROFILE, (person,))
        session.execute(sql.ERASE_PERSON, (person, person))
        return not session.rows(sql.IS_KNOWN, (person,))
    finally:
        session.execute(sql.OVERWRITE_IN_PASSING)


def _ends(session: Session, found: Found) -> Standing:
    """A standing that knows where the chains end; if it cannot be read, by looking for them among
    all there are.
    """
    try:
        return Standing(found)
    except Exception:  # noqa: BLE001 - whatever it is, they are forgotten
        chains = ("decisions", "deliveries")
        ends = (session.one(_LAST_OF.format(each), (found.number,)) for each in chains)
        return Standing.damaged(found, *ends)
