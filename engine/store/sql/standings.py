"""What of a person changes with every step, as one row: open runs, recent contacts, when to wake,
and where the chains of decisions and deliveries end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from dsl.calendar import Instant
from engine.core.profile import Contact, Profile
from engine.core.run import Run
from engine.store import codec
from engine.store.sql import statements as sql
from engine.store.sql.session import Session

__all__ = ["Found", "Standing", "write_standings"]

_SCATTERED = 4  # places of the table for each row that is written, from which rows are gathered
_NOTHING: Final = codec.StandingDocument()


class Found(NamedTuple):
    """A person's rows as the statements select them: in ``people`` and, if there is one (if there
    is a ``place``), in ``standings``.
    """

    number: int
    profile: bytes | None = None
    place: int | None = None
    wake: Instant | None = None
    calendar: Instant | None = None
    document: bytes | None = None


class Standing:
    """A person's standing as it is now, and as it was found."""

    __slots__ = (
        "calendar",
        "contacts",
        "found",
        "last_decision",
        "last_delivery",
        "runs",
        "woken",
    )

    def __init__(self, found: Found) -> None:
        self.found = found
        read = _NOTHING if found.document is None else codec.read_standing(found.document)
        self.calendar = found.calendar
        self.contacts: tuple[Contact, ...] = read.contacts
        self.runs: list[Run] = read.runs
        self.woken = read.woken
        self.last_decision = read.last_decision
        self.last_delivery = read.last_delivery

    def profile(self, name: str) -> Profile:
        """The profile, or an empty one."""
        return codec.read_profile(
            name, self.found.profile, self.contacts, self.calendar, self.woken
        )

    def follow(self, profile: Profile) -> None:
        """Takes over what a profile says."""
        self.contacts = profile.contacts
        self.calendar = profile.wake
        self.woken = profile.woken

    def put(self, run: Run) -> None:
        """Takes over a run. A closed one is no part of a standing any more."""
        self.runs = [each for each in self.runs if each.id != run.id]
        if run.status != "closed":
            self.runs.append(run)

    def timer(self) -> Instant | None:
        """The earliest timer of the open runs."""
        earliest = None
        for run in self.runs:
            earliest = _earlier(earliest, run.due)
        return earliest

    def document(self) -> bytes:
        """What is stored of it besides the columns."""
        return codec.standing_document(
            codec.StandingDocument(
                self.contacts, self.runs, self.woken, self.last_decision, self.last_delivery
            )
        )


class _Change(NamedTuple):
    """A standing that is to be written. Sorts by wake; people are numbered, so there it ends."""

    at: Instant
    person: int
    before: Found
    row: tuple[Instant | None, Instant | None, Instant | None, bytes]


def write_standings(session: Session, standings: Iterable[Standing]) -> None:
    """Writes those that have changed.

    Who wakes at the same time as before stays in place. The others stay too if their rows lie
    together; if they are scattered, they are gathered at the end of the table, in the order of
    waking, so that they lie together the next time.
    """
    changes = sorted([change for standing in standings if (change := _change(standing))])
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


def _change(standing: Standing) -> _Change | None:
    found, document = standing.found, standing.document()
    if document == found.document and standing.calendar == found.calendar:
        return None
    timer = standing.timer()
    wake = _earlier(timer, standing.calendar)
    return _Change(wake or 0, found.number, found, (wake, timer, standing.calendar, document))


def _scattered(places: Sequence[int]) -> bool:
    return bool(places) and max(places) - min(places) >= _SCATTERED * len(places)


def _earlier(one: Instant | None, other: Instant | None) -> Instant | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
