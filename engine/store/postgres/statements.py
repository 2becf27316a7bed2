"""The statements as PostgreSQL is told them: the common ones with other marks, and its own."""

# ruff: noqa: S608 - statements are put together from constants of this module only

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.store.sql import forgetting, outward
from engine.store.sql import statements as common

__all__ = [
    "ADD_MISSING_STANDINGS",
    "ADD_STANDING",
    "ADD_TO_INBOX",
    "ARRIVALS_DUE",
    "CLAIM",
    "CLAIM_CALLS",
    "CLAIM_CALLS_OF",
    "COUNT_EDGE",
    "DELIVERIES_TO_CHANGE",
    "GO_ON",
    "HEAR",
    "IN_INBOX",
    "NEXT_OF_ROUND",
    "NEXT_WAKE",
    "NUMBERS",
    "NUMBERS_IN_LOG",
    "PEOPLE_BY_NUMBER",
    "RECEIVE",
    "SETTLE",
    "SHARDS_DUE",
    "SHARE",
    "TAKE_SHARDS",
    "TAKE_TURN",
    "TELL",
    "TIMERS_DUE",
    "TRY_SHARDS",
    "UPDATE_STANDING",
    "UPDATE_STANDING_WAKE",
    "told",
]

_PERSON = "p.id, p.document, s.person, s.wake, s.calendar, s.document"

# Which shards have something to do, the longest overdue first.
SHARDS_DUE = """
    select shard from (
        select distinct on (shard) shard, at from (
            select s.shard, t.wake as at
            from generate_series(0, ?) as s (shard) cross join lateral (
                select wake from standings
                where shard = s.shard and wake <= ? order by wake limit 1
            ) as t
            union all
            select s.shard, a.received
            from generate_series(0, ?) as s (shard) cross join lateral (
                select received from inbox
                where shard = s.shard and received <= ? order by received limit 1
            ) as a
        ) as all_due order by shard, at
    ) as due order by at, shard
"""
# One look into each index for each shard: the smallest of all of them stands nowhere.
NEXT_WAKE = f"""
    {common.LANES}
    select min(at) from (
        {common.WAKES_OUTSIDE}
        union all select t.wake
        from generate_series(0, ?) as s (shard) cross join lateral (
            select wake from standings
            where shard = s.shard and wake is not null order by wake limit 1
        ) as t
        union all select a.received
        from generate_series(0, ?) as s (shard) cross join lateral (
            select received from inbox where shard = s.shard order by received limit 1
        ) as a where a.received < {common.NEVER}
    ) as wakes
"""
TRY_SHARDS = """
    select shard from unnest(?::int8[]) with ordinality as wanted (shard, place)
    where pg_try_advisory_xact_lock(?::int, shard::int) order by place
"""
SHARE = "select pg_advisory_xact_lock_shared(?::int, 0)"
TAKE_SHARDS = (
    "select pg_advisory_xact_lock(?::int, shard::int) from unnest(?::int8[]) as wanted (shard)"
)

# Who is due in some shards.
TIMERS_DUE = """
    select t.wake, t.person from unnest(?::int8[]) as w (shard) cross join lateral (
        select wake, person from standings
        where shard = w.shard and wake <= ? order by wake limit ?
    ) as t
"""
ARRIVALS_DUE = """
    select a.received, a.person from unnest(?::int8[]) as w (shard) cross join lateral (
        select received, person from inbox
        where shard = w.shard and received <= ? order by received, person limit ?
    ) as a
"""
PEOPLE_BY_NUMBER = f"""
    select p.number, {_PERSON}
    from people p left join standings s on s.person = p.number where p.number in ({{}})
"""
HEAR = """
    insert into people (number, shard, id)
    select * from unnest(?::int8[], ?::int8[], ?::text[]) as heard (number, shard, id) order by id
    on conflict (id) do nothing
"""

# Standings. A row that is written anew finds room in its own page.
ADD_STANDING = common.Add("standings", "person", "shard", "wake", "timer", "calendar", "document")
UPDATE_STANDING = common.Set("standings", "timer", "calendar", "document", key="person")
UPDATE_STANDING_WAKE = common.Set(
    "standings", "wake", "timer", "calendar", "document", key="person"
)
ADD_MISSING_STANDINGS = """
    insert into standings (person, shard, document)
    select number, shard, ?::bytea from people
    where document is not null and not exists (
        select 1 from standings where standings.person = people.number
    )
"""

# The log and the inbox.
RECEIVE = f"""
    with arrived as (
        insert into log (number, id, person, kind, name, occurred, received, document)
        select number, id, person, kind, name, occurred, received, document
        from unnest(
            ?::int8[], ?::text[], ?::int8[], ?::text[], ?::text[], ?::int8[], ?::int8[], ?::bytea[]
        ) as a (number, id, person, kind, name, occurred, received, document)
        order by id
        on conflict (id) do nothing
        returning number, person, received, kind
    ), waiting as (
        insert into inbox (shard, person, number, received)
        select p.shard, a.person, a.number, case
            when (select exists (select 1 from set_aside where released is null))
                and a.kind <> 'erasure' and exists (
                    select 1 from set_aside s where s.person = a.person and s.released is null
                )
            then {common.NEVER} else a.received end
        from arrived a join people p on p.number = a.person
        returning number
    )
    select count(*) from waiting
"""
ADD_TO_INBOX = common.Add("inbox", "shard", "person", "number", "received")
NUMBERS_IN_LOG = "select number from log where number in ({})"
IN_INBOX = "select number from inbox where person in ({})"

# Deliveries.
CLAIM = """
    with next as (
        select d.number, d.wake from unnest(?::text[]) as wanted (lane) cross join lateral (
            select number, wake from deliveries
            where status = 'queued' and lane = wanted.lane and wake <= ?
            order by wake, number limit ? for update skip locked
        ) as d order by d.wake, d.number limit ?
    ), taken as (
        update deliveries d set status = 'calling', lease = ?, wake = ?
        from next where d.number = next.number
        returning d.id, d.number, d.status, d.due, d.attempts, d.provider_id, d.lease, d.lane,
            next.wake
    )
    select t.id, t.number, t.status, t.due, t.attempts, t.provider_id, t.lease, t.lane, c.document
    from taken t join contents c using (number) order by t.wake, number
"""
DELIVERIES_TO_CHANGE = """
    select number from deliveries where id in ({}) order by number for no key update
"""
SETTLE = """
    update deliveries d set status = s.status, due = s.due, attempts = s.attempts, lease = null,
        wake = s.wake,
        provider_id = case s.provider_id when '' then d.provider_id else s.provider_id end,
        lane = case s.lane when '' then d.lane else s.lane end
    from unnest(
        ?::text[], ?::text[], ?::int8[], ?::int8[], ?::int8[], ?::text[], ?::int8[], ?::text[]
    ) as s (id, status, due, attempts, wake, provider_id, lease, lane)
    where d.id = s.id and (s.lease is null or d.lease = s.lease)
"""

_CLAIM_CALLS = """
    with next as (
        select number, wake from calls
        where {}wake <= ? order by wake, number limit ? for update skip locked
    ), taken as (
        update calls c set lease = ?, wake = ? from next where c.number = next.number
        returning c.number, c.due, c.attempts, c.document
    )
    select t.* from taken t join next using (number) order by next.wake, number
"""
CLAIM_CALLS = _CLAIM_CALLS.format("")
CLAIM_CALLS_OF = _CLAIM_CALLS.format("service = ? and ")

# Records. Each shard counts for itself: one row for all of them would have everybody wait.
COUNT_EDGE = """
    insert into edges (journey, version, source, target, shard, count) values (?, ?, ?, ?, ?, ?)
    on conflict (journey, version, source, target, shard)
    do update set count = edges.count + excluded.count
"""
_EDGES = """
    select journey, version, source, target, sum(count)::bigint from edges
    group by journey, version, source, target
"""

# Of those who would go on with a round, one does.
NEXT_OF_ROUND = "select value from meta where name = 'round' for update skip locked"
GO_ON = """
    select setval(
        pg_get_serial_sequence('{table}', 'number'),
        1 + greatest(
            (select coalesce(max(number), 0) from {table}),
            (select coalesce(max(value::bigint), 0) from meta where name = 'last {table}')
        ), false
    )
"""
NUMBERS = "select nextval(?::regclass) from generate_series(1, ?)"
TAKE_TURN = """
    insert into meta (name, value) values ('tidied', now()::text)
    on conflict (name) do update set value = excluded.value
    where meta.value::timestamptz < now() - interval '1 hour' returning name
"""
TELL = "select pg_notify('wayline', '')"

# What is said differently here. Rows are found by their person, and nothing is overwritten with
# zeros: vacuum gives the room of deleted rows to others.
_OTHERWISE: Final[Mapping[str, str]] = MappingProxyType(
    {
        common.PEOPLE_BY_ID: common.PEOPLE_BY_ID.replace("s.place", "s.person"),
        common.EDGES: _EDGES,
        outward.GATES_TO_CHANGE: f"{outward.GATES_TO_CHANGE} for update",
        # Whoever is at one of them just now keeps it; otherwise two could wait for each other.
        outward.PRUNE_GATES: """
            delete from gates where name in (
                select name from gates where until < ? order by name for update skip locked
            )
        """,
        forgetting.OVERWRITE_DELETED: "",
        forgetting.OVERWRITE_IN_PASSING: "",
        **{
            each: each.replace(") update", "for update skip locked) update")
            for each in (
                outward.RENEW,
                outward.RENEW_ALL,
                outward.RENEW_CALLS,
                outward.RENEW_ALL_CALLS,
            )
        },
    }
)


def told(statement: str) -> str:
    """A statement as psycopg is given it; nothing, if there is nothing to say."""
    text = _OTHERWISE.get(statement, statement)
    return text.replace("%", "%%").replace("in ({})", "= any(?)").replace("?", "%b")
