"""Where standings lie in an SQLite table: rows that wake together are kept together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.store.sql import statements as sql
from engine.store.sql.session import Session
from engine.store.sql.standings import Standing, changes_of

__all__ = ["write_standings"]

_SCATTERED = 4  # places of the table for each row that is written, from which rows are gathered


def write_standings(session: Session, standings: Iterable[Standing]) -> None:
    """Writes those that have changed.

    Who wakes at the same time as before stays in place. The others stay too if their rows lie
    together; if they are scattered, they are gathered at the end of the table, in the order of
    waking, so that they lie together the next time.
    """
    changes = changes_of(standings)
    fresh = [each for each in changes if each.before.place is None]
    known = [each for each in changes if each.before.place is not None]
    asleep = [each for each in known if each.before.wake == each.row[0]]
    moving = [each for each in known if each.before.wake != each.row[0]]
    last = session.one(sql.LAST_PLACE)
    session.many(sql.UPDATE_STANDING, [(*each.row[1:], each.before.place) for each in asleep])
    if _scattered([each.before.place for each in moving if each.before.place is not None]):
        session.many(
            sql.MOVE_STANDING,
            [(place, *each.row, each.before.place) for place, each in enumerate(moving, last + 1)],
        )
        last += len(moving)
    else:
        session.many(sql.UPDATE_STANDING_WAKE, [(*each.row, each.before.place) for each in moving])
    session.many(
        sql.ADD_STANDING,
        [(place, each.person, *each.row) for place, each in enumerate(fresh, last + 1)],
    )


def _scattered(places: Sequence[int]) -> bool:
    return bool(places) and max(places) - min(places) >= _SCATTERED * len(places)
