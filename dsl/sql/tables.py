"""The rows that SQL rules are asked of. A store provides them as tables, views or subqueries."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal, TypeAlias

from sqlalchemy import FromClause, column, table

from dsl.machine import Category, ChannelPolicy, Segment
from dsl.sql.told import Told

__all__ = ["Database", "LiveOnly", "Setting", "Tables", "plain_tables"]

Database: TypeAlias = Literal["sqlite", "postgresql"]
_Membership: TypeAlias = Literal["stored", "by rule"]


@dataclass(frozen=True, slots=True)
class LiveOnly:
    """Why a rule cannot be asked in SQL: it would not give exactly the answer it gives live."""

    reason: str


@dataclass(frozen=True, slots=True)
class Tables:
    """What a store knows, in columns of these names. Values at rest are as ``dsl.kinds`` says.

    JSON is text in UTF-8, without escapes in names.

    | table     | a row is                          | columns                                     |
    | --------- | --------------------------------- | ------------------------------------------- |
    | people    | a person                          | person, attributes (JSON), zone (IANA name) |
    | events    | something that happened           | person, name, occurred, number,             |
    |           |                                   | properties (JSON)                           |
    | messages  | a message decided for a person    | person, channel, category, journey,         |
    |           | (a contact)                       | sent (NULL while it is open)                |
    | addresses | where a person can be reached;    | person, channel                             |
    |           | suppressed ones are left out      |                                             |
    | consents  | what the ledger says last         | person, category (* for all that need       |
    |           |                                   | consent), channel (* for all; followed by   |
    |           |                                   | "/existing customer" for that basis),       |
    |           |                                   | said (when; negative for a withdrawal)      |
    | runs      | a live run that is not held out   | person, journey                             |
    | members   | somebody in a segment             | person, segment                             |

    ``attributes_at`` is where attributes begin in the JSON of ``people``, as a path: some stores
    keep more in it. With ``told``, attributes are columns beside ``people``; whoever asks puts them
    there (``Told.beside``) when the SQL is written. ``person`` is the same kind of key everywhere. An
    index on events (person, name, occurred) is what windows can use.
    """

    people: FromClause
    events: FromClause
    messages: FromClause
    addresses: FromClause
    consents: FromClause
    runs: FromClause
    members: FromClause
    attributes_at: str = "$"
    told: Told | None = None


def plain_tables() -> Tables:
    """Tables of these very names, that no store has: to see what becomes of a rule."""

    def named(name: str, *columns: str) -> FromClause:
        return table(name, column("person"), *(column(one) for one in columns))

    return Tables(
        people=named("people", "attributes", "zone"),
        events=named("events", "name", "occurred", "number", "properties"),
        messages=named("messages", "channel", "category", "journey", "sent"),
        addresses=named("addresses", "channel"),
        consents=named("consents", "category", "channel", "said"),
        runs=named("runs", "journey"),
        members=named("members", "segment"),
    )


@dataclass(frozen=True, slots=True)
class Setting:
    """The project a rule stands in. ``membership`` says where segments are looked up: as they are
    stored in ``members``, or by their own rules, which is always up to date. ``database`` is the
    one that is asked.
    """

    holidays: Set[date] = frozenset()
    channels: Mapping[str, ChannelPolicy] = field(default_factory=lambda: MappingProxyType({}))
    categories: Mapping[str, Category] = field(default_factory=lambda: MappingProxyType({}))
    segments: Mapping[str, Segment] = field(default_factory=lambda: MappingProxyType({}))
    membership: _Membership = "by rule"
    database: Database = "sqlite"
