"""The store's SQL, all of it. ``{}`` is filled with the marks of a list of values."""

# ruff: noqa: S608 - statements are put together from constants of this module only

from __future__ import annotations

__all__ = [
    "ADD_ARRIVAL",
    "ADD_DECISION",
    "ADD_DELIVERY",
    "ADD_DEPLOYMENT",
    "ADD_EVENT",
    "ADD_PERSON",
    "ADD_RUN",
    "ADD_TEXTS",
    "ADD_TO_INBOX",
    "ALL_RUNS",
    "ARRIVALS_DUE",
    "CLAIM",
    "CLOSED_RUNS",
    "COUNT_EDGE",
    "DECISIONS_OF",
    "DELIVERIES_BY_ID",
    "DELIVERIES_DUE",
    "DELIVERIES_LOST",
    "DELIVERIES_OF",
    "DELIVERY_KEYS",
    "EDGES",
    "EVENTS_OF",
    "IDS_IN_LOG",
    "LAST_DELIVERY",
    "LAST_DEPLOYMENT",
    "LAST_IN_LOG",
    "LAST_PERSON",
    "LAST_RUN",
    "NEXT_WAKE",
    "OPEN_RUNS",
    "PEOPLE_BY_ID",
    "PEOPLE_BY_NUMBER",
    "PERSON_OF_ARRIVAL",
    "REPLACE_DELIVERY",
    "REPLACE_TEXTS",
    "SETTLE",
    "TAKE_FROM_INBOX",
    "TIMERS_DUE",
    "UPDATE_PROFILE",
    "UPDATE_RUN",
    "UPDATE_RUN_DUE",
    "UPDATE_RUN_STATUS",
    "WAITING",
]

# Who is due. Both in the order (instant, person), so that they can be merged as they are read.
TIMERS_DUE = """
    select r.due, r.person, p.id, p.document
    from runs r join people p on p.number = r.person
    where r.due <= ? order by r.due, r.person
"""
ARRIVALS_DUE = """
    select i.received, i.person, p.id, p.document
    from inbox i join people p on p.number = i.person
    where i.received <= ? order by i.received, i.person
"""
NEXT_WAKE = """
    select min(at) from (
        select min(received) as at from inbox
        union all select min(due) from runs where due is not null
        union all select min(wake) from deliveries where status = 'queued' and wake is not null
        union all select min(wake) from deliveries where status = 'calling' and wake is not null
    ) as wakes
"""

# People.
PEOPLE_BY_ID = "select number, id, document from people where id in ({})"
PEOPLE_BY_NUMBER = "select number, id, document from people where number in ({})"
LAST_PERSON = "select coalesce(max(number), 0) from people"
ADD_PERSON = "insert into people (number, id) values (?, ?)"
UPDATE_PROFILE = "update people set document = ? where number = ?"

# Runs.
_RUN = (
    "number, person, id, journey, version, key, arm, entered, origin, status, state, due, outcome,"
    " document"
)
OPEN_RUNS = f"select {_RUN} from runs where person in ({{}}) and status <> 'closed'"
CLOSED_RUNS = f"""
    select {_RUN} from runs
    where person in ({{}}) and status = 'closed' and journey = ? and outcome <> 'restart'
"""
ALL_RUNS = f"""
    select {_RUN} from runs where person = ? and status <> 'closed'
    union all select {_RUN} from runs where person = ? and status = 'closed'
"""
LAST_RUN = "select coalesce(max(number), 0) from runs"
ADD_RUN = f"insert into runs ({_RUN}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# A column that is set has its indexes written again, the same value or not: so only what changed.
UPDATE_RUN = "update runs set version = ?, state = ?, document = ? where number = ?"
UPDATE_RUN_DUE = "update runs set version = ?, state = ?, document = ?, due = ? where number = ?"
UPDATE_RUN_STATUS = """
    update runs set version = ?, state = ?, document = ?, due = ?, status = ?, outcome = ?
    where number = ?
"""

# The log and the inbox.
IDS_IN_LOG = "select id from log where id in ({})"
LAST_IN_LOG = "select coalesce(max(number), 0) from log"
_LOG = "number, id, person, kind, name, occurred, received, document"
ADD_ARRIVAL = f"insert into log ({_LOG}) values (?, ?, ?, ?, ?, ?, ?, ?)"
ADD_EVENT = f"{ADD_ARRIVAL} on conflict (id) do nothing"
ADD_TO_INBOX = "insert into inbox (person, number, received) values (?, ?, ?)"
TAKE_FROM_INBOX = "delete from inbox where person = ? and number = ?"
PERSON_OF_ARRIVAL = "select number, person from log where number in ({})"
WAITING = """
    select i.person, l.kind, l.name, l.id, l.occurred, l.received, l.number, l.document
    from inbox i join log l on l.number = i.number
    where i.person in ({}) and i.received <= ? order by i.person, i.received, i.number
"""
EVENTS_OF = """
    select person, occurred, received, number, document from log
    where person in ({}) and name = ? and kind = 'event'
"""

# Deliveries.
_DELIVERY = """
    d.id, p.id, d.journey, d.run, d.step, d.channel, d.category, d.message, d.address, t.parts,
    d.decided, d.due, d.expires, d.status, d.attempts, d.provider_id, d.lease, d.number
"""
_DELIVERIES = f"""
    select {_DELIVERY} from deliveries d
    join people p on p.number = d.person join texts t on t.number = d.number
"""
DELIVERIES_BY_ID = f"{_DELIVERIES} where d.id in ({{}})"
DELIVERIES_OF = f"{_DELIVERIES} where d.person = ? order by d.number"
DELIVERIES_DUE = f"""
    {_DELIVERIES} where d.status = 'queued' and d.wake <= ? order by d.wake, d.number limit ?
"""
DELIVERIES_LOST = f"""
    {_DELIVERIES} where d.status = 'calling' and d.wake <= ? order by d.wake, d.number
"""
DELIVERY_KEYS = "select id from deliveries where id in ({})"
LAST_DELIVERY = "select coalesce(max(number), 0) from deliveries"
ADD_DELIVERY = """
    insert into deliveries (number, id, person, journey, run, step, channel, category, message,
        address, decided, expires, due, status, attempts, provider_id, lease, wake)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
ADD_TEXTS = "insert into texts (number, parts) values (?, ?)"
REPLACE_TEXTS = """
    update texts set parts = ? where number = (select number from deliveries where id = ?)
"""
REPLACE_DELIVERY = """
    update deliveries set journey = ?, run = ?, step = ?, channel = ?, category = ?, message = ?,
        address = ?, decided = ?, expires = ?, due = ?, status = ?, attempts = ?, provider_id = ?,
        lease = ?, wake = ?
    where id = ?
"""
CLAIM = "update deliveries set status = 'calling', lease = ?, wake = ? where number = ?"
SETTLE = """
    update deliveries set status = ?, due = ?, attempts = ?, lease = null, wake = ?,
        provider_id = case when ? = '' then provider_id else ? end
    where id = ?
"""

# Records.
ADD_DECISION = """
    insert into decisions (person, at, what, reason, journey, run, step, channel, detail)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
DECISIONS_OF = """
    select at, what, reason, journey, run, step, channel, detail
    from decisions where person = ? order by number
"""
COUNT_EDGE = """
    insert into edges (journey, version, source, target, count) values (?, ?, ?, ?, ?)
    on conflict (journey, version, source, target) do update set count = edges.count + excluded.count
"""
EDGES = "select journey, version, source, target, count from edges"
ADD_DEPLOYMENT = "insert into deployments (version, deployed, files) values (?, ?, ?)"
LAST_DEPLOYMENT = """
    select version, deployed, files from deployments order by number desc limit 1
"""
