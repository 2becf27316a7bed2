"""What of a person changes with every step, as one row: open runs, recent contacts, when to wake,
and where the chains of decisions and deliveries end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from dsl.calendar import Instant
from engine.core.profile import Contact, Profile
from engine.core.run import Run
from engine.store import codec
from engine.store.sql import statements as sql
from engine.store.sql.session import Session

__all__ = ["Change", "Found", "Standing", "add_missing", "changes_of", "same_profile"]

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
        "merged",
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
        self.merged = read.merged
        self.last_decision = read.last_decision
        self.last_delivery = read.last_delivery

    @classmethod
    def damaged(
        cls, found: Found, last_decision: int | None, last_delivery: int | None
    ) -> Standing:
        """Of a row that cannot be read, where the chains end."""
        standing = cls(found._replace(document=None))
        standing.last_decision, standing.last_delivery = last_decision, last_delivery
        return standing

    def profile(self, name: str) -> Profile:
        """The profile, or an empty one."""
        return codec.read_profile(
            name, self.found.profile, self.contacts, self.calendar, self.woken, self.merged
        )

    def follow(self, profile: Profile) -> None:
        """Takes over what a profile says."""
        self.contacts = profile.contacts
        self.calendar = profile.wake
        self.woken = profile.woken
        merged = profile.identity.merged
        if merged:
            self.merged = merged
            self.runs = []

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
                self.contacts,
                self.runs,
                self.woken,
                self.last_decision,
                self.last_delivery,
                self.merged,
            )
        )


class Change(NamedTuple):
    """A standing that is to be written: when it wakes, its timer, its calendar, its document.
    Sorts by wake; people are numbered, so there it ends.
    """

    at: Instant
    person: int
    before: Found
    row: tuple[Instant | None, Instant | None, Instant | None, bytes]


def changes_of(standings: Iterable[Standing]) -> list[Change]:
    """Those that have changed, in the order of waking."""
    return sorted([change for standing in standings if (change := _change(standing))])


def _change(standing: Standing) -> Change | None:
    found, document = standing.found, standing.document()
    if document == found.document and standing.calendar == found.calendar:
        return None
    timer = standing.timer()
    wake = _earlier(timer, standing.calendar)
    return Change(wake or 0, found.number, found, (wake, timer, standing.calendar, document))


def _earlier(one: Instant | None, other: Instant | None) -> Instant | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def same_profile(one: Profile, other: Profile) -> bool:
    """Whether what rarely changes is the same, told without looking inside."""
    return (
        one.attributes is other.attributes
        and one.addresses is other.addresses
        and one.consents is other.consents
        and one.suppressed is other.suppressed
        and one.segments is other.segments
        and one.preferences is other.preferences
        and one.trouble is other.trouble
        and one.tallies is other.tallies
        and one.identity is other.identity
    )


def add_missing(session: Session, statement: str = sql.ADD_MISSING_STANDINGS) -> None:
    """Gives a standing to all who have none, so that everybody can be due."""
    session.execute(statement, (codec.standing_document(_NOTHING),))
