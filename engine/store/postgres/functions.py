"""The functions that audiences call: made in the database when one is first asked for, and made anew
by a version of Wayline, or of Python, that says something else.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from hashlib import sha256
from unicodedata import unidata_version
from zoneinfo import available_timezones

from dsl.sql.postgres import functions, install, statements
from engine.core.country_zones import COUNTRY_ZONES
from engine.core.zones import zone_called
from engine.store.postgres.database import PostgresDatabase
from engine.store.postgres.session import PostgresSession

__all__ = ["are_known", "make", "make_known"]

_MAKING = 0x57_41_59_05
"""The advisory lock under which they are made."""

_KNOWN = "select obj_description(to_regnamespace('wayline'), 'pg_namespace')"
_LOCK = "select pg_advisory_xact_lock(?::bigint)"
_FORGET = ("delete from wayline.zones", "delete from wayline.only_zones")
_ZONES = "insert into wayline.zones select * from unnest(?::text[])"
_ONLY_ZONES = "insert into wayline.only_zones select * from unnest(?::text[], ?::text[])"


def are_known(session: PostgresSession) -> bool:
    """Whether the functions are there as this version has them."""
    return bool(session.one(_KNOWN) == _version())


def make_known(database: PostgresDatabase) -> None:
    """Makes them unless they are there."""
    with database.asking() as session:
        known = are_known(session)
    if not known:
        with database.writing() as session:
            make(session)


def make(session: PostgresSession) -> None:
    """Makes them, one process at a time."""
    session.rows(_LOCK, (_MAKING,))
    if are_known(session):
        return
    install(session.run)
    for statement in statements(_own()):
        session.run(statement, ())
    for statement in _FORGET:
        session.execute(statement)
    session.execute(_ZONES, (_zones(),))
    only = [
        (country, names[0])
        for country, codes in COUNTRY_ZONES.items()
        if len(names := [code for code in codes if zone_called(code)]) == 1
    ]
    session.execute(_ONLY_ZONES, [list(each) for each in zip(*only, strict=True)])
    session.run(f"comment on schema wayline is '{_version()}'", ())


@cache
def _version() -> str:
    """What the functions are made of, in short."""
    parts = (functions(), _own(), unidata_version, *_zones(), repr(sorted(COUNTRY_ZONES.items())))
    return sha256("\n".join(parts).encode()).hexdigest()


def _zones() -> list[str]:
    return sorted(available_timezones())


def _own() -> str:
    text = pkgutil.get_data("engine.store.postgres", "asking.sql")
    assert text is not None
    return text.decode()
