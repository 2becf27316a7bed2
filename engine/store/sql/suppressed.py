"""Who has an address that is not written to any more: looked for in everybody, because it is asked
once in a while, by a person.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from engine.core.profile import Profile
from engine.store import codec
from engine.store.sql.database import Database

__all__ = ["suppressed"]

_PROFILES_AFTER = """
    select number, id, document from people
    where document is not null and number > ? order by number limit 1000
"""
_PLACE = 3  # in the document


def suppressed(database: Database) -> Iterator[Profile]:
    """Their profiles, without what changes often. A thousand people at a time: no transaction lasts
    longer than those need. Who cannot be read is left out.
    """
    last = 0
    while True:
        with database.reading() as session:
            rows = session.rows(_PROFILES_AFTER, (last,))
        if not rows:
            return
        last = rows[-1][0]
        for _, name, document in rows:
            try:
                if orjson.loads(document)[_PLACE]:
                    yield codec.read_profile(name, document, (), None, None)
            except (ValueError, LookupError, TypeError):
                continue
