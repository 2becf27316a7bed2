"""A merge, as it goes through the queues of two people, each of whom is looked at alone.

It reaches the person who goes first. From there on everything in their queue goes on to the other,
in its order, and the merge itself at its head, with all that is left of them. When it reaches the
other, the two become one. Nothing is ever in both places, and nobody needs both at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from dsl.calendar import Instant
from dsl.expr.context import Happened
from dsl.policy import EVERY
from engine.core.barring import came_to
from engine.core.books import Books, Made
from engine.core.changes import Handed, Merge
from engine.core.decision import Decision
from engine.core.identity import REFUSALS, Refusal, Unions
from engine.core.ids import word_id
from engine.core.joining import Known, Restricted, join, older_first
from engine.core.knowing import consented, place, received_at
from engine.core.obeying import moved_in
from engine.core.origins import Origin
from engine.core.profile import Identity, Profile
from engine.core.run import Run
from engine.core.signals import (
    Arrival,
    EventArrived,
    Joined,
    Left,
    MergeAsked,
    ProfileChanged,
)

__all__ = ["Behind", "Merging", "become_one", "go_over", "leave_for", "pass_on"]

_METHOD = "merge"


class Behind(NamedTuple):
    """What somebody has left behind in the store who has gone into another."""

    history: Mapping[str, Sequence[Happened]]
    closed: Sequence[Run]


class Merging(NamedTuple):
    """What the merges of a batch need beside the people: how names stand to each other, what was
    left behind, where what is known of people comes from, and when each was first heard of.
    """

    unions: Unions
    behind: Mapping[str, Behind] = MappingProxyType({})
    origins: Mapping[str, Mapping[str, Origin]] = MappingProxyType({})
    heard: Mapping[str, int] = MappingProxyType({})


# ------------------------------------------------------------------------------- whoever goes


def leave_for(books: Books, merging: Merging, asked: MergeAsked, now: Instant) -> bool:
    """Whether the person goes where they are asked to. If not, why is written down."""
    reason = merging.unions.refusal(asked, "")
    if reason is None:
        return True
    told = Decision(asked.person, now, "not joined", REFUSALS[reason], detail=asked.into)
    books.changes.decisions.append(told)
    return False


def go_over(
    books: Books, merging: Merging, asked: MergeAsked, others: Iterable[Arrival], now: Instant
) -> None:
    """Everything that is known of the person goes to the other, with all that came after."""
    person, into = asked.person, merging.unions.join(asked.person, asked.into)
    before = books.standing.profile
    runs = tuple(books.standing.runs.values())
    origins = {**merging.origins.get(person, {}), **books.changes.origins.pop(person, {})}
    left = Left(before, runs, origins, merging.heard.get(person, 0), books.known)
    changes = books.changes
    changes.merges.append(Merge(person, into, now, asked.by, asked.number))
    joined = Joined(asked.id, into, now + 1, asked.number, person, asked.by, left)
    changes.handed.append(Handed(person, joined, now + 1))
    books.standing.runs.clear()
    books.changed = {name: each for name, each in books.changed.items() if each.status == "closed"}
    books.standing.become(Profile(person, identity=Identity(merged=into)))
    pass_on(books, merging, others, now)


def pass_on(books: Books, merging: Merging, arrivals: Iterable[Arrival], now: Instant) -> None:
    """Whatever arrives for somebody who has gone into another is the other's; but for being asked to
    go into somebody as well, which was asked of the name, and not of whoever has it now.
    """
    merged = books.standing.profile.identity.merged
    waiting: list[Arrival] = []
    for arrival in arrivals:
        if not isinstance(arrival, MergeAsked):
            waiting.append(arrival)
            continue
        reason = merging.unions.refusal(arrival, merged)
        if reason is None or reason == "one already":
            books.changes.processed.append(arrival.number)
        else:
            _tell(books, arrival, merging.unions.root(arrival.into), reason, now)
    _hand_on(books, waiting, merged, now)


def _tell(books: Books, asked: MergeAsked, into: str, reason: Refusal, now: Instant) -> None:
    """It belongs to somebody else, so that it is told where it was to go."""
    refused = Joined(
        asked.id, into, now + 1, asked.number, asked.person, asked.by, None, REFUSALS[reason]
    )
    books.changes.handed.append(Handed(asked.person, refused, now + 1))


def _hand_on(books: Books, arrivals: Iterable[Arrival], into: str, now: Instant) -> None:
    """A microsecond later: what the other has got by now is processed before it, so that it makes no
    difference which of the two is looked at first.
    """
    person = books.standing.profile.id
    for arrival in arrivals:
        at = max(received_at(arrival), now) + 1
        books.changes.handed.append(Handed(person, arrival._replace(person=into), at))


# ------------------------------------------------------------------------------ whoever stays


def become_one(books: Books, merging: Merging, joined: Joined, now: Instant) -> list[Made]:
    """The person with what is left of the other: histories, runs, and what is known of both."""
    changes, person = books.changes, joined.person
    left = joined.left
    if left is None:
        told = Decision(person, now, "not joined", joined.refused, detail=joined.name)
        changes.decisions.append(told)
        return []
    changes.decisions.append(Decision(person, now, "joined", joined.name, detail=joined.by))
    changes.joined.append((person, joined.name))
    behind = merging.behind.get(joined.name)
    _remember(books, behind)
    _join_runs(books, left, now)
    before = books.standing.profile.addresses
    mine = {**merging.origins.get(person, {}), **changes.origins.get(person, {})}
    coverages = {where: terms.coverage for where, terms in books.program.terms.items()}
    together = join(
        Known(books.standing.profile, mine, merging.heard.get(person, 0)),
        Known(left.profile, {n: Origin(*each) for n, each in left.origins.items()}, left.heard),
        coverages,
    )
    books.known = books.known or left.known
    books.standing.become(_computed(books, together.profile, left.profile, behind))
    changes.trace(person, together.origins)
    made: list[Made] = [_withdrawn(books, joined, each, now) for each in together.restricted]
    for each in made:
        if isinstance(each, EventArrived):
            books.standing.become(consented(books.standing.profile, each.event))
    addresses = ProfileChanged(joined.id, person, now, 0, {}, left.profile.addresses)
    if books.said:
        made += moved_in(books, addresses, books.said)
    return made + came_to(books, addresses, before, now) if books.bars else made


def _computed(books: Books, profile: Profile, gone: Profile, behind: Behind | None) -> Profile:
    """With what is computed of both. If the project has changed since one of them has gone, of that
    one it is computed anew.
    """
    computing = books.computing
    if computing is None:
        return profile
    if not computing.is_of(gone):
        gone = computing.anew(gone, {} if behind is None else behind.history)
    return computing.together(profile, profile.tallies, gone.tallies)


def _remember(books: Books, behind: Behind | None) -> None:
    """History is one; what was in it of either starts nothing again."""
    if behind is None:
        return
    for name, happened in behind.history.items():
        if happened:
            books.history[name] = sorted([*books.history.get(name, ()), *happened], key=place)
    books.closed = (
        *books.closed,
        *(each._replace(person=books.standing.profile.id) for each in behind.closed),
    )


def _join_runs(books: Books, left: Left, now: Instant) -> None:
    """Runs go on where they are, drawn as they were. Of two live ones of a journey and key the older
    stays, with what steps of the younger have left behind.
    """
    person, unit = books.standing.profile.id, books.standing.profile.unit
    for run in [each for each in books.standing.runs.values() if not each.unit]:
        books.keep(run._replace(unit=unit))
    for each in left.runs:
        run = each._replace(person=person, unit=each.unit or left.profile.unit)
        books.keep(run)
        twin = _twin(books, run)
        if twin is None:
            continue
        older, younger = older_first(twin, run)
        books.keep(older._replace(steps={**younger.steps, **older.steps}))
        books.keep(younger._replace(status="closed", due=None, left=now, outcome="merged"))
        books.decide(younger, now, "left", "merged")


def _twin(books: Books, run: Run) -> Run | None:
    """Another live run of the journey and key, where there may be only one."""
    machine = books.machines.get(run.journey)
    if run.status != "live" or machine is None or machine.if_inside == "allow":
        return None
    return next(
        (
            each
            for each in books.standing.runs.values()
            if (each.journey, each.key) == (run.journey, run.key)
            and each.status == "live"
            and each.id != run.id
        ),
        None,
    )


def _withdrawn(books: Books, joined: Joined, what: Restricted, now: Instant) -> EventArrived:
    """A word for the ledger: it says that it comes of the merge, and is as old as what it answers."""
    values = {"category": what.category, "method": _METHOD, "source": joined.name}
    if what.channel != EVERY:
        values["channel"] = what.channel
    event = Happened("consent_withdrawn", what.at, now, books.number(), values)
    name = word_id(joined.id, joined.person, f"{what.category}/{what.channel}")
    return EventArrived(name, joined.person, event)
