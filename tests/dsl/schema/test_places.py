"""What stands behind each key is known for every key there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dsl.files.journey import JourneyFile
from dsl.files.messages import MessageFile, UsePart
from dsl.files.shape import Written
from dsl.files.steps import STEPS
from dsl.files.tracking_plan import EventPart
from dsl.schema.places import (
    KINDS,
    Chosen,
    Either,
    Entries,
    Fields,
    Leaf,
    ListOf,
    Place,
    named_places,
    place_of,
)


def tables_in(place: Place) -> Iterator[type[Written]]:
    match place:
        case Fields(tables):
            yield from tables
        case Chosen(_, tables):
            yield from tables.values()
        case Entries(each) | ListOf(each):
            yield from tables_in(each)
        case Either(ways):
            for way in ways:
                yield from tables_in(way)
        case _:
            pass


def all_tables() -> list[type[Written]]:
    found = list(KINDS.values())
    for table in found:
        for key in table.table():
            found += [one for one in tables_in(place_of(table, key)) if one not in found]
    return found


def test_every_table_of_the_language_is_reached() -> None:
    def below(table: type[Written]) -> Iterator[type[Written]]:
        for one in table.__subclasses__():
            yield one
            yield from below(one)

    bases = {"Step", "ScriptPart"}
    written = {one for one in below(Written) if one.__module__.startswith("dsl.files.")}

    assert {one for one in written if one.__name__ not in bases} == set(all_tables())


def test_of_every_key_whose_value_has_no_form_of_its_own_it_is_known_what_stands_there() -> None:
    meant = {"divider", "expect nothing", "pretend"}
    unknown = [
        f"{table.__name__}: {key}"
        for table in all_tables()
        for key in table.table()
        if _is_open(place_of(table, key)) and key not in meant
    ]

    assert unknown == [], "say in dsl/schema/places.py what stands behind them"


def _is_open(place: Place) -> bool:
    match place:
        case Leaf(sort="any"):
            return True
        case Entries(each) | ListOf(each):
            return each == Leaf("any")
        case _:
            return False


def test_what_is_named_is_there() -> None:
    for table, name in named_places():
        assert name in {row.name for row in table.table().values()}, (
            f"{table.__name__} has no {name}"
        )


@pytest.mark.parametrize(
    ("table", "name", "sort"),
    [
        (STEPS["use"], "use", "fragment"),
        (UsePart, "use", "module"),
        (STEPS["send"], "send", "message"),
        (EventPart, "from_", "words"),
        (MessageFile, "message", "name"),
        (JourneyFile, "category", "category"),
        (JourneyFile, "goal", "rule"),
    ],
)
def test_one_word_can_mean_two_things_in_two_tables(
    table: type[Written], name: str, sort: str
) -> None:
    place = place_of(table, name)

    assert isinstance(place, Leaf)
    assert place.sort == sort


def test_steps_stand_inside_steps() -> None:
    assert place_of(JourneyFile, "steps") == place_of(STEPS["if"], "then")
