"""Segments: which there are, how many are in them, who, and why."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.machine import Segment
from engine.api.v1.cursor import open_cursor, seal
from engine.api.v1.means import Means
from engine.api.v1.operation import Asked
from engine.api.v1.people import known, people_in_turn
from engine.api.v1.shapes import journeys as shapes
from engine.api.v1.shapes.moments import moment
from engine.people.membership import Judged, judge
from engine.store.audience import members

__all__ = ["everything", "inside", "membership", "of_person", "one", "size"]


async def everything(asked: Asked) -> shapes.SegmentList:
    """All segments."""
    segments = asked.means.deployed.program.project.segments
    return shapes.SegmentList(items=[_shown(each) for _, each in sorted(segments.items())])


async def one(asked: Asked) -> shapes.Segment:
    """One segment."""
    return _shown(_named(asked))


def _shown(segment: Segment) -> shapes.Segment:
    who = segment.who
    return shapes.Segment(name=segment.name, title=segment.title, rule=who.text, place=who.place)


def _named(asked: Asked) -> Segment:
    return asked.named("segment", asked.means.deployed.program.project.segments)


async def size(asked: Asked) -> shapes.SegmentSize:
    """How many people are in a segment now."""
    segment, program, now = _named(asked), asked.means.deployed.program, asked.means.now
    people = await asked.means.read(asked.means.store.audience_size, segment.who, program, now)
    return shapes.SegmentSize(name=segment.name, people=people, at=moment(now))


async def inside(asked: Asked) -> shapes.MemberPage:
    """Who is in a segment now."""
    start = open_cursor(asked) or 0
    return await asked.means.read(_inside, asked, _named(asked), start)


def _inside(asked: Asked, segment: Segment, after: int) -> shapes.MemberPage:
    means, limit = asked.means, asked.query.limit
    program, now = means.deployed.program, means.now
    found: list[str] = []
    for views, place in people_in_turn(means, after, program.read_by(segment.who)):
        places = {view.profile.id: at for at, view in views}
        everybody = {view.profile.id: view for _, view in views}
        for name in members(everybody, segment.who, program, now):
            found.append(name)
            if len(found) == limit:
                return shapes.MemberPage(items=found, next=seal(asked, places[name]))
        after = place
    more = means.store.pages.people(after, 1)
    return shapes.MemberPage(items=found, next=seal(asked, after) if more else None)


async def membership(asked: Asked) -> shapes.Membership:
    """Whether somebody is in a segment, and why."""
    segment = _named(asked)
    return await asked.means.read(_membership, asked.means, segment, asked.path["person"])


def _membership(means: Means, segment: Segment, person: str) -> shapes.Membership:
    program, now = means.deployed.program, means.now
    view = known(means, person, program.read_by(segment.who))
    judged = judge(segment, program, view, now)
    return shapes.Membership(
        segment=segment.name,
        person=view.profile.id,
        member=judged.holds,
        at=moment(now),
        why=_condition(judged),
        text="\n".join(_lines(judged)) + "\n",
    )


def _condition(judged: Judged) -> shapes.Condition:
    told = {
        "condition": judged.condition,
        "holds": judged.holds,
        "join": judged.join,
        "values": [
            {"name": each.name, "words": each.words, "value": each.value} for each in judged.values
        ],
        "parts": [_condition(each) for each in judged.parts],
    }
    return shapes.Condition.model_validate(told)


def _lines(judged: Judged, depth: int = 0) -> Iterator[str]:
    """A condition in words: whether it holds, what it says, what it was judged by."""
    answer = "yes" if judged.holds else "no "
    values = "; ".join(f"{each.name}: {each.words}" for each in judged.values)
    yield f"{'  ' * depth}{answer}  {judged.condition}" + (f"  ({values})" if values else "")
    for part in judged.parts:
        yield from _lines(part, depth + 1)


async def of_person(asked: Asked) -> shapes.PersonSegments:
    """All segments, and whether somebody is in them."""
    return await asked.means.read(_of_person, asked.means, asked.path["person"])


def _of_person(means: Means, person: str) -> shapes.PersonSegments:
    program, now = means.deployed.program, means.now
    segments = sorted(program.project.segments.items())
    read = frozenset[str]().union(*(program.read_by(each.who) for _, each in segments))
    view = known(means, person, read)
    views = {view.profile.id: view}
    items = [
        shapes.PersonSegment(
            name=name,
            title=each.title,
            member=any(members(views, each.who, program, now)),
        )
        for name, each in segments
    ]
    return shapes.PersonSegments(person=view.profile.id, at=moment(now), items=items)
