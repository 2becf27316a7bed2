"""The store's SQL about what goes out: lanes, questions to web services, and gates."""

# ruff: noqa: S608 - statements are put together from constants of these modules only

from __future__ import annotations

from engine.store.sql.statements import LANES, Add, Set

__all__ = [
    "ADD_CALL",
    "ADD_GATE",
    "CALLS_DUE",
    "CALLS_DUE_OF",
    "CALL_KEYS",
    "CHANGE_GATE",
    "CLAIM",
    "CLAIM_CALL",
    "GATES",
    "GATES_THAT_MATTER",
    "GATES_TO_CHANGE",
    "LANES_DUE",
    "PRUNE_GATES",
    "PUT_BACK_CALL",
    "REMOVE_CALL",
    "RENEW",
    "RENEW_ALL",
    "RENEW_ALL_CALLS",
    "RENEW_CALLS",
    "REOPEN_CALLS",
    "SERVICES_DUE",
    "SETTLE",
]

LANES_DUE = f"""
    {LANES}
    select lane from lanes where lane is not null and exists (
        select 1 from deliveries d
        where d.status = 'queued' and d.lane = lanes.lane and d.wake <= ?
    ) order by lane
"""

CLAIM = Set("deliveries", "status", "lease", "wake", key="number")
SETTLE = """
    update deliveries set status = ?, due = ?, attempts = ?, lease = null, wake = ?,
        provider_id = case when ? = '' then provider_id else ? end,
        lane = case when ? = '' then lane else ? end
    where id = ? and (? is null or lease = ?)
"""

# What is out, and who says that they are still at it. Nobody waits for anybody over that.
RENEW = """
    with mine as (
        select number from deliveries
        where status = 'calling' and wake is not null and lease in ({})
    ) update deliveries set wake = ? where number in (select number from mine) returning lease
"""
RENEW_ALL = """
    with late as (
        select number from deliveries where status = 'calling' and wake < ?
    ) update deliveries set wake = ? where number in (select number from late)
"""
RENEW_CALLS = """
    with mine as (
        select number from calls where lease in ({})
    ) update calls set wake = ? where number in (select number from mine) returning lease
"""
RENEW_ALL_CALLS = """
    with late as (
        select number from calls where lease is not null and wake < ?
    ) update calls set wake = ? where number in (select number from late)
"""

# Calls of web services, until their answers are in.
CALLS_DUE = """
    select number, due, attempts, document from calls where wake <= ? order by wake, number limit ?
"""
_SERVICES = """
    with recursive services (service) as (
        select (select service from calls order by service limit 1)
        union all
        select (
            select c.service from calls c where c.service > services.service
            order by c.service limit 1
        ) from services where services.service is not null
    )
"""
SERVICES_DUE = f"""
    {_SERVICES}
    select service from services where service is not null and exists (
        select 1 from calls c where c.service = services.service and c.wake <= ?
    ) order by service
"""
CALLS_DUE_OF = """
    select number, due, attempts, document from calls
    where service = ? and wake <= ? order by wake, number limit ?
"""
CALL_KEYS = "select id from calls where id in ({})"
ADD_CALL = """
    insert into calls (id, person, due, attempts, lease, wake, document, service)
    values (?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (id) do update set due = excluded.due, attempts = excluded.attempts,
        lease = excluded.lease, wake = excluded.wake, document = excluded.document,
        service = excluded.service
"""
CLAIM_CALL = "update calls set lease = ?, wake = ? where number = ?"
PUT_BACK_CALL = "update calls set due = ?, attempts = ?, lease = null, wake = ? where id = ?"
REMOVE_CALL = "delete from calls where id = ?"
REOPEN_CALLS = """
    update calls set due = ?, lease = null, wake = ? where wake > ? and lease is not null
"""

# Gates, shared by all who hand over.
GATES = "select name, document from gates where name in ({})"
GATES_TO_CHANGE = "select name, document from gates where name in ({}) order by name"
GATES_THAT_MATTER = "select name, document from gates where until >= ? order by name"
ADD_GATE = Add("gates", "name", "until", "document", once="name")
CHANGE_GATE = Set("gates", "until", "document", key="name")
PRUNE_GATES = "delete from gates where until < ?"
