"""What of a person changes with every step, as one row: open runs, recent contacts, when to wake,
and where the chains of decisions and deliveries end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dsl.calendar import Instant
from engine.core.profile import Contact, Profile
from engine.core.run import Run
from engine.store import codec
from engine.store.sql import statements as sql
from engine.store.sql.session import Row, Session

__all__ = ["Standing", "read_standing", "write_standings"]


@dataclass(slots=True)
class Standing:
    """One person's. ``stored`` is the row as it stands: its place, calendar and document."""

    person: int
    stored: tuple[int | None, Instant | None, bytes | None] = (None, None, None)
    contacts: tuple[Contact, ...] = ()
    runs: dict[str, Run] = field(default_factory=dict)
    calendar: Instant | None = None
    woken: Instant | None = None
    last_decision: int | None = None
    last_delivery: int | None = None

    def follow(self, profile: Profile) -> None:
        """Takes over what a profile says."""
        self.contacts = profile.contacts
        self.calendar = profile.wake
        self.woken = profile.woken

    def timer(self) -> Instant | None:
        """The earliest timer of the open runs."""
        return min([run.due for run in self.runs.values() if run.due is not None], default=None)

    def document(self) -> bytes:
        """What is stored of it besides the columns."""
        return codec.standing_document(
            codec.StandingDocument(
                self.contacts,
                list(self.runs.values()),
                self.woken,
                self.last_decision,
                self.last_delivery,
            )
        )


def read_standing(
    person: int, place: int | None, calendar: Instant | None, document: bytes | None
) -> Standing:
    """The standing of a row, or an empty one for somebody who has none."""
    if document is None:
        return Standing(person)
    read = codec.read_standing(document)
    return Standing(
        person,
        (place, calendar, document),
        read.contacts,
        {run.id: run for run in read.runs},
        calendar,
        read.woken,
        read.last_decision,
        read.last_delivery,
    )


def write_standings(session: Session, standings: Iterable[Standing]) -> None:
    """Writes those that have changed to the end of the table, in the order of waking."""
    changed: list[tuple[Instant, int, Standing, Row]] = []
    for standing in standings:
        document = standing.document()
        _, calendar, before = standing.stored
        if document != before or standing.calendar != calendar:
            timer = standing.timer()
            wake = _earlier(timer, standing.calendar)
            row = (wake, timer, standing.calendar, document)
            changed.append((wake or 0, standing.person, standing, row))
    changed.sort()
    last = session.one(sql.LAST_PLACE)
    fresh: list[Row] = []
    moved: list[Row] = []
    for place, (_, person, standing, row) in enumerate(changed, last + 1):
        stood = standing.stored[0]
        if stood is None:
            fresh.append((place, person, *row))
        else:
            moved.append((place, *row, stood))
    session.many(sql.ADD_STANDING, fresh)
    session.many(sql.MOVE_STANDING, moved)


def _earlier(one: Instant | None, other: Instant | None) -> Instant | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
