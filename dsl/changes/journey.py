"""What is different between two versions of a journey, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from dsl.changes.steps import kind_of, meaning, named_steps, unnamed_steps
from dsl.explain import head_in_words, step_in_words
from dsl.machine import Machine, Project

__all__ = ["Change", "journey_changes"]

Sign = Literal["+", "-", "~"]


class Change(NamedTuple):
    """One difference: something new, gone, or other than before. ``what`` is a step's id, or the
    name of a part of the head.
    """

    sign: Sign
    what: str
    words: str


def journey_changes(
    before: tuple[Machine, Project], after: tuple[Machine, Project]
) -> tuple[Change, ...]:
    """The head first, then the steps from top to bottom. Never empty where the versions differ."""
    found = [*_head(before, after), *_steps(before, after), *_unnamed(before, after)]
    if not found and before[0].version != after[0].version:
        found = [Change("~", "", "something that this list has no words for")]
    return tuple(found)


def _head(before: tuple[Machine, Project], after: tuple[Machine, Project]) -> Iterator[Change]:
    old, new = head_in_words(*before), head_in_words(*after)
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name), new.get(name)
        if was is None and now is not None:
            yield Change("+", name, now)
        elif now is None and was is not None:
            yield Change("-", name, was)
        elif was is not None and now is not None and was != now:
            yield Change("~", name, f"{now} Until now: {was}")
    if before[0].inside != after[0].inside and after[0].inside == "move":
        yield Change("~", "People inside", "Follow the edits of this journey again.")


def _steps(before: tuple[Machine, Project], after: tuple[Machine, Project]) -> Iterator[Change]:
    old, new = named_steps(before[0]), named_steps(after[0])
    since = after[0].names_since(before[0])
    names = {was: now for was, now in since.items() if was in old and now in new}
    known = [names.get(name, name) for name in old]
    for name in old:
        if names.get(name, name) not in new:
            yield Change("-", name, f"Is gone. {step_in_words(*before, old[name])}")
    stay = _in_their_order(known, list(new))
    earlier = {names.get(name, name): name for name in old}
    for name, step in new.items():
        was = earlier.get(name)
        if was is None:
            yield Change("+", name, step_in_words(*after, step))
            continue
        if was != name:
            yield Change("~", name, f"Was called {was}.")
        if name not in stay:
            yield Change("~", name, "Stands somewhere else now.")
        if meaning(before[0], old[was]) != meaning(after[0], step):
            yield Change("~", name, _other(before, after, was, name))


def _other(
    before: tuple[Machine, Project], after: tuple[Machine, Project], was: str, now: str
) -> str:
    old, new = named_steps(before[0])[was], named_steps(after[0])[now]
    if type(old) is not type(new):
        return f'Is "{kind_of(new)}" now, and was "{kind_of(old)}".'
    said, earlier = step_in_words(*after, new), step_in_words(*before, old)
    if said == earlier:
        return f"{said} Something smaller about it is different."
    return f"{said} Until now: {earlier}"


def _in_their_order(old: Sequence[str], new: Sequence[str]) -> frozenset[str]:
    """The steps that stand among each other as before."""
    kept = [name for name in old if name in set(new)]
    there = [name for name in new if name in set(old)]
    blocks = SequenceMatcher(None, kept, there, autojunk=False).get_matching_blocks()
    return frozenset(name for one in blocks for name in kept[one.a : one.a + one.size])


def _unnamed(before: tuple[Machine, Project], after: tuple[Machine, Project]) -> Iterator[Change]:
    """Branches and small steps without an id: only that they came or went can be told."""
    old, new = (
        Counter(step_in_words(*side, step) for step in unnamed_steps(side[0]))
        for side in (before, after)
    )
    for said in old - new:
        yield Change("-", "", said)
    for said in new - old:
        yield Change("+", "", said)
