"""What of a person changes with every step, as one row: open runs, recent contacts, and where the
chains of decisions and deliveries end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dsl.calendar import Instant
from engine.core.profile import Contact
from engine.core.run import Run
from engine.store import codec
from engine.store.sql import statements as sql
from engine.store.sql.session import Row, Session

__all__ = ["Standing", "read_standing", "write_standings"]


@dataclass(slots=True)
class Standing:
    """One person's. ``place`` and ``document`` say where and how it is stored, if it is."""

    person: int
    place: int | None = None
    document: bytes | None = None
    contacts: tuple[Contact, ...] = ()
    runs: dict[str, Run] = field(default_factory=dict)
    last_decision: int | None = None
    last_delivery: int | None = None

    def wake(self) -> Instant | None:
        """The earliest timer of the open runs."""
        return min([run.due for run in self.runs.values() if run.due is not None], default=None)


def read_standing(name: str, person: int, place: int | None, document: bytes | None) -> Standing:
    """The standing of a row, or an empty one for somebody who has none."""
    if document is None:
        return Standing(person)
    contacts, runs, last_decision, last_delivery = codec.read_standing(name, document)
    return Standing(
        person,
        place,
        document,
        contacts,
        {run.id: run for run in runs},
        last_decision,
        last_delivery,
    )


def write_standings(session: Session, standings: Iterable[Standing]) -> None:
    """Writes those that have changed to the end of the table, in the order of waking."""
    changed: list[tuple[Instant, Standing, Instant | None, bytes]] = []
    for standing in standings:
        document = codec.standing_document(
            standing.contacts,
            standing.runs.values(),
            standing.last_decision,
            standing.last_delivery,
        )
        if document != standing.document:
            wake = standing.wake()
            changed.append((wake or 0, standing, wake, document))
    changed.sort(key=_by_wake)
    last = session.one(sql.LAST_PLACE)
    fresh: list[Row] = []
    moved: list[Row] = []
    for place, (_, standing, wake, document) in enumerate(changed, last + 1):
        if standing.place is None:
            fresh.append((place, standing.person, wake, document))
        else:
            moved.append((place, wake, document, standing.place))
    session.many(sql.ADD_STANDING, fresh)
    session.many(sql.MOVE_STANDING, moved)


def _by_wake(each: tuple[Instant, Standing, Instant | None, bytes]) -> Instant:
    return each[0]
