"""The statements by which a store is gone through from its beginning, and what is over let go of.

All go by number, so each reads as much as is asked for. What is open again is left alone.
"""

# ruff: noqa: S608 - statements are put together from constants of these modules only

from __future__ import annotations

from engine.store.sql.consents import NAMES
from engine.store.sql.statements import DELIVERIES_BY_ID, Set

__all__ = [
    "ASSIGNED",
    "DECIDED",
    "DROP_ASSIGNMENTS",
    "DROP_CONTENTS",
    "DROP_DECISIONS",
    "DROP_DELIVERIES",
    "DROP_LINES",
    "DROP_RELEASED",
    "DROP_RUNS",
    "DROP_SNAPSHOT",
    "ENDED",
    "LEARNT_SINCE",
    "LINES",
    "MARKS",
    "NEVER_AGAIN",
    "OVERTAKEN",
    "PUT_MARKS",
    "SENT",
    "SILENCE",
    "STILL_CLOSED",
    "TAKE_TURN",
    "WAITING_SINCE",
]

_WAITS = "select 1 from inbox i where i.person = l.person and i.number = l.number"
LINES = f"""
    select l.number, coalesce(p.id, ''), case l.kind when 'event' then l.name else '' end,
        l.occurred, l.received
    from log l left join people p on p.number = l.person
    where l.number > ? and not exists ({_WAITS})
    order by l.number limit ?
"""
ENDED = "select number, person, document from closed_runs where number > ? order by number limit ?"
SENT = DELIVERIES_BY_ID.replace("c.document", "c.document, d.wake", 1).replace(
    "where d.id in ({})", "where d.number > ? order by d.number limit ?"
)
DECIDED = "select number, at from decisions where number > ? order by number limit ?"
ASSIGNED = "select number, at, fate from assignments where number > ? order by number limit ?"
OVERTAKEN = """
    select s.subject, s.number from snapshots s where exists (
        select 1 from snapshots n where n.subject = s.subject and n.at > s.at and n.at < ?
    ) limit ?
"""

# Since when something of people is not over.
LEARNT_SINCE = """
    select person, min(at) from assignments where person in ({}) and fate = 'open' group by person
"""
WAITING_SINCE = """
    select i.person, min(l.received) from inbox i join log l on l.number = i.number
    where i.person in ({}) group by i.person
"""

# No word about consent goes before the ledger has it.
DROP_LINES = f"""
    delete from log where number in ({{}}) and not exists (
        select 1 from inbox i where i.person = log.person and i.number = log.number
    ) and (
        kind <> 'event' or name not in ({NAMES})
        or exists (select 1 from consents c where c.id = log.id)
    ) returning number
"""
DROP_RUNS = "delete from closed_runs where number in ({}) returning number"
DROP_DELIVERIES = "delete from deliveries where number in ({}) and wake is null returning number"
DROP_CONTENTS = "delete from contents where number in ({}) returning number"
DROP_DECISIONS = "delete from decisions where number in ({}) returning number"
DROP_ASSIGNMENTS = """
    delete from assignments where number in ({}) and fate <> 'open' returning number
"""
STILL_CLOSED = "select number from deliveries where number in ({}) and wake is null"
SILENCE = Set("contents", "document", key="number")
DROP_SNAPSHOT = "delete from snapshots where subject = ? and number = ?"
DROP_RELEASED = "delete from set_aside where released < ? returning person"

_AT_LEAST = "cast(meta.value as bigint) < cast(excluded.value as bigint)"
NEVER_AGAIN = f"""
    insert into meta (name, value) values (?, ?)
    on conflict (name) do update set value = excluded.value where {_AT_LEAST}
"""
MARKS = "select value from meta where name = 'kept'"
PUT_MARKS = """
    insert into meta (name, value) values ('kept', ?)
    on conflict (name) do update set value = excluded.value
"""
TAKE_TURN = """
    insert into meta (name, value) values ('pruned', ?)
    on conflict (name) do update set value = excluded.value
    where cast(meta.value as bigint) not between ? and ?
    returning name
"""
