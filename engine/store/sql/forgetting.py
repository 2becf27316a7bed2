"""The statements by which a person is forgotten. Each finds its rows by the person, or along a
chain of theirs: none reads what is of others.
"""

from __future__ import annotations

__all__ = [
    "DISOWN_ARRIVAL",
    "ERASE_ASSIGNMENTS",
    "ERASE_CALLS",
    "ERASE_CLOSED_RUNS",
    "ERASE_CONSENTS",
    "ERASE_CONTENTS",
    "ERASE_DECISIONS",
    "ERASE_DELIVERIES",
    "ERASE_EVENTS",
    "ERASE_INBOX",
    "ERASE_MERGE",
    "ERASE_NUMBERS",
    "ERASE_ORIGINS",
    "ERASE_OTHERS",
    "ERASE_PERSON",
    "ERASE_PROFILE",
    "ERASE_STANDING",
    "ERASE_STRAYS",
    "IS_KNOWN",
    "OVERWRITE_DELETED",
    "OVERWRITE_IN_PASSING",
]

# What is deleted is overwritten with zeros, pages that become free among it;
# at other times only what shares its page with what stays.
OVERWRITE_DELETED = "pragma secure_delete = on"
OVERWRITE_IN_PASSING = "pragma secure_delete = fast"
_CHAIN = """
    with recursive chain (number, previous) as (
        select number, previous from {0} where number = ?
        union all
        select d.number, d.previous from chain join {0} d on d.number = chain.previous
    )
    delete from {1} where number in (select number from chain)
"""
ERASE_DECISIONS = _CHAIN.format("decisions", "decisions")
ERASE_DELIVERIES = _CHAIN.format("deliveries", "deliveries")
ERASE_CONTENTS = _CHAIN.format("deliveries", "contents")
ERASE_CALLS = "delete from calls where person = ?"
ERASE_CLOSED_RUNS = "delete from closed_runs where person = ?"
ERASE_CONSENTS = "delete from consents where person = ?"
ERASE_ORIGINS = "delete from origins where person = ?"
ERASE_STANDING = "delete from standings where person = ?"
ERASE_INBOX = "delete from inbox where person = ? and number <= ?"
DISOWN_ARRIVAL = "update log set person = 0 where number = ?"
_ERASE_LOG = """
    delete from log
    where person = ? and {} and number not in (select number from inbox where person = ?)
"""
ERASE_EVENTS = _ERASE_LOG.format("kind = 'event'")
ERASE_OTHERS = _ERASE_LOG.format("kind <> 'event'")
ERASE_NUMBERS = "delete from numbers where person = ?"
ERASE_PROFILE = "update people set document = null where number = ?"
ERASE_PERSON = """
    delete from people where number = ? and not exists (select 1 from inbox where person = ?)
"""
IS_KNOWN = "select 1 from people where number = ?"
ERASE_STRAYS = "delete from strays where person = (select id from people where number = ?)"
ERASE_MERGE = "delete from merges where person = ?"
ERASE_ASSIGNMENTS = "delete from assignments where person = ?"
