"""The store's SQL. ``{}`` is filled with the marks of a list of values.

Reading is the same text in every database. What only adds, sets or takes away rows says so
(``Add``, ``Set``, ``Remove``), so that a database with a faster way for many rows can take it.
"""

# ruff: noqa: S608 - statements are put together from constants of this module only

from __future__ import annotations

from typing import Self

__all__ = [
    "ADD_ARRIVAL",
    "ADD_ASSIGNMENT",
    "ADD_CLOSED_RUN",
    "ADD_CONTENT",
    "ADD_DECISION",
    "ADD_DELIVERY",
    "ADD_EVENT",
    "ADD_MISSING_STANDINGS",
    "ADD_PERSON",
    "ADD_SNAPSHOT",
    "ADD_STANDING",
    "ADD_TO_INBOX",
    "ALL_CLOSED_RUNS",
    "ARRIVALS_DUE",
    "ASSIGNMENTS_DUE",
    "ASSIGNMENTS_OF",
    "CLOSED_RUNS",
    "COUNT",
    "COUNTS",
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
    "JUDGE",
    "KEEP_SECRET",
    "LANES",
    "LAST_HOUR",
    "LAST_PLACE",
    "LAST_SNAPSHOT",
    "MOVE_STANDING",
    "NEVER",
    "NEXT_WAKE",
    "NUMBERS_BY_ID",
    "PEOPLE_AFTER",
    "PEOPLE_BY_ID",
    "PERSON_OF_ARRIVAL",
    "PERSON_OF_DELIVERY",
    "REACH_HOUR",
    "REPLACE_CONTENT",
    "REPLACE_DELIVERY",
    "SECRET",
    "SNAPSHOT",
    "TAKE_FROM_INBOX",
    "TIMERS_DUE",
    "UPDATE_CLOSED_RUN",
    "UPDATE_PROFILE",
    "UPDATE_STANDING",
    "UPDATE_STANDING_WAKE",
    "WAITING",
    "WAKES_OUTSIDE",
    "WAKE_EVERYONE",
    "Add",
    "Remove",
    "Set",
]


NEVER = 1 << 62
"""When an arrival is received whose person is set aside: no clock gets there."""


class Add(str):
    """Adds a row: the values of ``columns``. One that has the same value in the column ``once`` as
    another is left out.
    """

    __slots__ = ("columns", "once", "table")
    table: str
    columns: tuple[str, ...]
    once: str

    def __new__(cls, table: str, *columns: str, once: str = "") -> Self:
        marks = ", ".join("?" * len(columns))
        text = f"insert into {table} ({', '.join(columns)}) values ({marks})"
        made = super().__new__(cls, f"{text} on conflict ({once}) do nothing" if once else text)
        made.table, made.columns, made.once = table, columns, once
        return made

    def together(self, rows: int) -> str:
        """The same for so many rows at once."""
        marks = f"({', '.join('?' * len(self.columns))})"
        text = f"insert into {self.table} ({', '.join(self.columns)}) values "
        end = f" on conflict ({self.once}) do nothing" if self.once else ""
        return text + ", ".join([marks] * rows) + end


class Set(str):
    """Sets ``columns`` of the one row with a key: their values, and then the key."""

    __slots__ = ("columns", "key", "table")
    table: str
    columns: tuple[str, ...]
    key: str

    def __new__(cls, table: str, *columns: str, key: str) -> Self:
        values = ", ".join(f"{column} = ?" for column in columns)
        made = super().__new__(cls, f"update {table} set {values} where {key} = ?")
        made.table, made.columns, made.key = table, columns, key
        return made


class Remove(str):
    """Takes the rows with a key away: the values of ``columns``."""

    __slots__ = ("columns", "table")
    table: str
    columns: tuple[str, ...]

    def __new__(cls, table: str, *columns: str) -> Self:
        which = " and ".join(f"{column} = ?" for column in columns)
        made = super().__new__(cls, f"delete from {table} where {which}")
        made.table, made.columns = table, columns
        return made


# Who is due, with everything known of them, the longest overdue first, so that they can be merged as
# they are read. Of those who wake at one instant the rows are taken as they lie.
_PERSON = "p.id, p.document, s.place, s.wake, s.calendar, s.document"
TIMERS_DUE = f"""
    select s.wake, s.person, {_PERSON}
    from standings s join people p on p.number = s.person
    where s.wake <= ? order by s.wake, s.place
"""
ARRIVALS_DUE = f"""
    select i.received, i.person, {_PERSON}
    from inbox i join people p on p.number = i.person left join standings s on s.person = i.person
    where i.received <= ? order by i.received, i.person
"""
# Lanes in which something is queued, one look into the index for each.
LANES = """
    with recursive lanes (lane) as (
        select (
            select lane from deliveries
            where status = 'queued' and wake is not null order by lane limit 1
        )
        union all
        select (
            select d.lane from deliveries d
            where d.status = 'queued' and d.wake is not null and d.lane > lanes.lane
            order by d.lane limit 1
        ) from lanes where lanes.lane is not null
    )
"""
# When something is to be handed over or asked, or is to be taken for lost.
WAKES_OUTSIDE = """
    select (
        select d.wake from deliveries d
        where d.status = 'queued' and d.lane = lanes.lane and d.wake is not null
        order by d.wake limit 1
    ) as at from lanes where lanes.lane is not null
    union all select min(wake) from deliveries where status = 'calling' and wake is not null
    union all select min(wake) from calls
"""
NEXT_WAKE = f"""
    {LANES}
    select min(at) from (
        {WAKES_OUTSIDE}
        union all select min(received) from inbox where received < {NEVER}
        union all select min(wake) from standings where wake is not null
    ) as wakes
"""

# People.
PEOPLE_BY_ID = f"""
    select p.number, {_PERSON}
    from people p left join standings s on s.person = p.number where p.id in ({{}})
"""
PEOPLE_AFTER = """
    select id, number from people
    where document is not null and number > ? order by number limit ?
"""
NUMBERS_BY_ID = "select id, number from people where id in ({})"
ADD_PERSON = Add("people", "number", "id")
UPDATE_PROFILE = Set("people", "document", key="number")
LAST_PLACE = "select coalesce(max(place), 0) from standings"
ADD_STANDING = Add("standings", "place", "person", "wake", "timer", "calendar", "document")
# A column that is set has its indexes written again, the same value or not, and a new place has all
# of them: so there is one statement for each thing that may have changed.
UPDATE_STANDING = Set("standings", "timer", "calendar", "document", key="place")
UPDATE_STANDING_WAKE = Set("standings", "wake", "timer", "calendar", "document", key="place")
MOVE_STANDING = Set("standings", "place", "wake", "timer", "calendar", "document", key="place")
ADD_MISSING_STANDINGS = """
    insert into standings (place, person, document)
    select (select coalesce(max(place), 0) from standings) + row_number() over (order by number),
        number, ?
    from people where document is not null and number not in (select person from standings)
"""
WAKE_EVERYONE = """
    update standings set calendar = ?, wake = case when timer < ? then timer else ? end
    where person in (select number from people where document is not null)
"""

# Closed runs.
CLOSED_RUNS = """
    select number, person, document from closed_runs
    where person in ({}) and journey = ? and outcome <> 'restart'
"""
ALL_CLOSED_RUNS = "select person, document from closed_runs where person in ({})"
ADD_CLOSED_RUN = Add("closed_runs", "person", "id", "journey", "key", "outcome", "document")
UPDATE_CLOSED_RUN = Set("closed_runs", "outcome", "document", key="number")

# The log and the inbox.
IDS_IN_LOG = "select id from log where id in ({})"
ADD_ARRIVAL = Add(
    "log", "number", "id", "person", "kind", "name", "occurred", "received", "document"
)
ADD_EVENT = Add(ADD_ARRIVAL.table, *ADD_ARRIVAL.columns, once="id")
ADD_TO_INBOX = Add("inbox", "person", "number", "received")
TAKE_FROM_INBOX = Remove("inbox", "person", "number")
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
_DELIVERIES = """
    select d.id, d.number, d.status, d.due, d.attempts, d.provider_id, d.lease, d.lane, c.document
    from deliveries d join contents c on c.number = d.number
"""
DELIVERIES_BY_ID = f"{_DELIVERIES} where d.id in ({{}})"
DELIVERIES_OF = f"""
    with recursive chain (number, previous) as (
        select number, previous from deliveries where number = ?
        union all
        select d.number, d.previous from chain join deliveries d on d.number = chain.previous
    )
    {_DELIVERIES} where d.number in (select number from chain) order by d.number
"""
DELIVERIES_DUE = f"""
    select d.wake, f.* from deliveries d join ({_DELIVERIES}) f on f.number = d.number
    where d.status = 'queued' and d.lane = ? and d.wake <= ? order by d.wake, d.number limit ?
"""
DELIVERIES_LOST = f"""
    {_DELIVERIES} where d.status = 'calling' and d.wake <= ? order by d.wake, d.number
"""
PERSON_OF_DELIVERY = "select person from deliveries where id = ?"
DELIVERY_KEYS = "select id from deliveries where id in ({})"
ADD_DELIVERY = Add(
    "deliveries",
    "number",
    "id",
    "person",
    "previous",
    "status",
    "due",
    "attempts",
    "provider_id",
    "lease",
    "wake",
    "lane",
)
ADD_CONTENT = Add("contents", "number", "document")
REPLACE_DELIVERY = Set(
    "deliveries", "status", "due", "attempts", "provider_id", "lease", "wake", "lane", key="id"
)
REPLACE_CONTENT = """
    update contents set document = ? where number = (select number from deliveries where id = ?)
"""

# Records.
_DECISION = "at, what, reason, journey, run, step, channel, detail"
ADD_DECISION = Add(
    "decisions",
    "number",
    "person",
    "previous",
    "at",
    "what",
    "reason",
    "journey",
    "run",
    "step",
    "channel",
    "detail",
)
DECISIONS_OF = f"""
    with recursive chain (number, previous, {_DECISION}) as (
        select number, previous, {_DECISION} from decisions where number = ?
        union all
        select d.number, d.previous, d.at, d.what, d.reason, d.journey, d.run, d.step, d.channel,
            d.detail
        from chain join decisions d on d.number = chain.previous
    )
    select {_DECISION} from chain order by number
"""
COUNT_EDGE = """
    insert into edges (journey, version, source, target, count) values (?, ?, ?, ?, ?)
    on conflict (journey, version, source, target) do update set count = edges.count + excluded.count
"""
KEEP_SECRET = """
    insert into meta (name, value) values ('secret', ?) on conflict (name) do nothing
"""  # noqa: S105 - a statement
SECRET = "select value from meta where name = 'secret'"  # noqa: S105 - a statement
EDGES = "select journey, version, source, target, count from edges"

# What was learnt.
ASSIGNMENT_COLUMNS = "id, journey, run, step, scope, path, snapshot, probability, at, known, fate"
ADD_ASSIGNMENT = f"""
    insert into assignments (person, {ASSIGNMENT_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (id) do nothing
"""
_ASSIGNMENTS = f"""
    select p.id, a.{", a.".join(ASSIGNMENT_COLUMNS.split(", "))}
    from assignments a join people p on p.number = a.person
"""
ASSIGNMENTS_DUE = f"""
    {_ASSIGNMENTS} where a.fate = 'open' and a.known <= ? order by a.known, a.number limit ?
"""
ASSIGNMENTS_OF = f"{_ASSIGNMENTS} where a.scope = ? order by a.number"
JUDGE = """
    update assignments set fate = ?, known = ? where id = ? and fate = 'open' returning id
"""
COUNT = """
    insert into counts (subject, what, count) values (?, ?, ?)
    on conflict (subject, what) do update set count = counts.count + excluded.count
"""
COUNTS = "select subject, what, count from counts where subject in ({})"
SNAPSHOT = """
    select number, at, document from snapshots where subject = ? and at <= ?
    order by at desc limit 1
"""
LAST_SNAPSHOT = "select coalesce(max(number), 0) from snapshots where subject = ?"
ADD_SNAPSHOT = """
    insert into snapshots (subject, number, at, document) values (?, ?, ?, ?)
    on conflict do nothing
"""
REACH_HOUR = """
    insert into meta (name, value) values ('learnt', ?) on conflict (name)
    do update set value = excluded.value
    where cast(meta.value as bigint) < cast(excluded.value as bigint)
"""
LAST_HOUR = "select value from meta where name = 'learnt'"
