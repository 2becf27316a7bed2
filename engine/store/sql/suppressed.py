"""Who has an address that is not written to any more: looked for in everybody, because it is asked
once in a while, by a person.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from engine.core.profile import Profile
from engine.store import codec
from engine.store.sql.database import Database

__all__ = ["after", "suppressed"]

_PROFILES_AFTER = """
    select number, id, document from people
    where document is not null and number > ? order by number limit ?
"""
_AT_A_TIME = 1000
_PLACE = 3  # in the document


def suppressed(database: Database) -> Iterator[Profile]:
    """Their profiles, without what changes often. A thousand people at a time: no transaction lasts
    longer than those need. Who cannot be read is left out.
    """
    last: int | None = 0
    while last is not None:
        found, last = after(database, last, _AT_A_TIME)
        yield from found


def after(database: Database, number: int, limit: int) -> tuple[list[Profile], int | None]:
    """Those among the next people, and behind whom to go on; None if nobody follows."""
    with database.reading() as session:
        rows = session.rows(_PROFILES_AFTER, (number, limit))
    found = []
    for _, name, document in rows:
        try:
            if orjson.loads(document)[_PLACE]:
                found.append(codec.read_profile(name, document, (), None, None))
        except (ValueError, LookupError, TypeError):
            continue
    return found, rows[-1][0] if rows else None
