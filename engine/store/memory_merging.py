"""People who become one, in memory."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Iterable, Iterator

from dsl.calendar import Instant
from engine.core.changes import Handed, Merge
from engine.core.identity import Union
from engine.core.knowing import place
from engine.core.merging import Behind
from engine.store.memory_learnt import MemoryLearnt
from engine.store.shelves import Shelves

__all__ = ["behind", "close", "hand_on", "join", "names_of", "unions"]


def close(shelves: Shelves, merge: Merge) -> None:
    """Of somebody who has gone into another nothing is known any more under their own name."""
    shelves.person(merge.into).names.append(merge)
    gone = shelves.person(merge.person)
    gone.known = False
    gone.runs.clear()
    gone.origins.clear()


def hand_on(shelves: Shelves, handed: Handed) -> None:
    """What waited for one person waits for another, under its number."""
    number = shelves.take_back(handed.arrival)
    if number is not None:
        shelves.shelve(handed.arrival, number, handed.at)


def join(shelves: Shelves, learnt: MemoryLearnt, person: str, name: str) -> None:
    """All that is kept under a name is the person's, but for what waits there."""
    kept, gone = shelves.person(person), shelves.person(name)
    for event, happened in gone.history.items():
        past = kept.history.setdefault(event, [])
        for each in happened:
            if each.number not in gone.pending:
                insort(past, each, key=place)
        gone.history[event] = [each for each in happened if each.number in gone.pending]
    kept.arrived += [each for each in gone.arrived if each[0] not in gone.pending]
    gone.arrived = [each for each in gone.arrived if each[0] in gone.pending]
    for run in gone.closed.values():
        shelves.put_run(run._replace(person=person))
    gone.closed.clear()
    gone.latest.clear()
    told = ((at, each._replace(person=person)) for at, each in gone.decisions)
    kept.decisions = sorted([*kept.decisions, *told], key=lambda each: each[0])
    gone.decisions.clear()
    kept.receipts += [each._replace(person=person) for each in gone.receipts]
    gone.receipts.clear()
    kept.starts += [each._replace(person=person) for each in gone.starts]
    gone.starts.clear()
    for delivery in gone.deliveries:
        shelves.deliveries[delivery] = shelves.deliveries[delivery]._replace(person=person)
    kept.deliveries = sorted([*kept.deliveries, *gone.deliveries], key=shelves.serial)
    gone.deliveries.clear()
    shelves.calls.rename(name, person)
    learnt.rename(name, person)


def names_of(shelves: Shelves, person: str, through: int | None = None) -> Iterator[Merge]:
    """By which names a person is known beside their own, and these are: those that were asked for
    ``through`` a number.
    """
    kept = shelves.people.get(person)
    for merge in () if kept is None else kept.names:
        if through is None or merge.number <= through:
            yield merge
            yield from names_of(shelves, merge.person, through)


def unions(shelves: Shelves, names: Collection[str], since: Instant) -> dict[str, Union]:
    """How names stand to others."""
    found: dict[str, Union] = {}
    for name in names:
        root = name
        while (kept := shelves.people.get(root)) and kept.profile.identity.merged:
            root = kept.profile.identity.merged
        merges = list(names_of(shelves, root))
        lately = sum(1 for each in merges if each.at >= since)
        own = len(merges) if name == root else len(list(names_of(shelves, name)))
        found[name] = Union(root, len(merges), lately, own)
    return found


def behind(
    shelves: Shelves, names: Collection[str], events: Iterable[str], journeys: Iterable[str]
) -> dict[str, Behind]:
    """What those who have gone into others have left behind."""
    wanted, asked = tuple(events), tuple(journeys)
    found: dict[str, Behind] = {}
    for name in names:
        kept = shelves.people.get(name)
        if kept is not None:
            past = {
                event: [each for each in happened if each.number not in kept.pending]
                for event, happened in kept.past(wanted).items()
            }
            closed = [run for each in asked for run in kept.latest.get(each, {}).values()]
            found[name] = Behind(past, closed)
    return found
