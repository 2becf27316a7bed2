"""A crash at every seam of PostgreSQL, too: of a process that is alone, and of one of two."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import URL

from engine.core.program import Program
from tests.engine.grounds import PostgresGround
from tests.engine.seams import Outcomes, Seams, seams_to_die_at
from tests.engine.two_people import (
    lost_at_most_what_was_out,
    play,
    program_of_two,
    provider,
    without_gaps,
    without_times,
)
from tests.engine.worlds import SharedWorld
from tests.postgres import address_of, emptied, new_database

Room = Callable[..., PostgresGround]

EVERY = 797


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of_two()


@pytest.fixture
def room(postgres: URL) -> Room:
    address = address_of(postgres)

    def make(*, is_alone: bool = True) -> PostgresGround:
        emptied(address).close()
        return PostgresGround(address, is_alone=is_alone)

    return make


@pytest.fixture(scope="module")
def undisturbed(program: Program, postgres_server: URL) -> tuple[Outcomes, list[int]]:
    """What comes out if nobody dies, and the seams to die at this time."""
    seams = Seams()
    with new_database(postgres_server) as database:
        ground = PostgresGround(address_of(database), is_alone=True)
        told = play(ground, program, provider(), seams)
    assert seams.count > 1000
    return told, list(seams_to_die_at(seams, EVERY))


def test_with_a_provider_that_knows_repetitions_a_crash_changes_nothing(
    room: Room, program: Program, undisturbed: tuple[Outcomes, list[int]]
) -> None:
    """The same messages, decisions, runs, caps and counts, to the last one."""
    expected, seams = undisturbed
    for last in seams:
        told = play(room(), program, provider(deduplicates=True), Seams(last))

        assert without_gaps(told) == without_gaps(expected), f"after dying at seam {last}"


def test_with_another_provider_a_crash_doubles_nothing_and_loses_no_more_than_it_must(
    room: Room, program: Program, undisturbed: tuple[Outcomes, list[int]]
) -> None:
    expected, seams = undisturbed
    for last in seams:
        told = play(room(), program, provider(), Seams(last))

        lost = lost_at_most_what_was_out(told, expected)
        assert lost or without_gaps(told) == without_gaps(expected), f"after dying at seam {last}"


def test_what_a_dead_process_had_in_its_hands_comes_back_by_itself(
    room: Room, program: Program, undisturbed: tuple[Outcomes, list[int]]
) -> None:
    """Nobody who begins knows whether others are still at work: the ends of leases tell."""
    expected, seams = undisturbed
    for last in seams:
        told = play(room(is_alone=False), program, provider(deduplicates=True), Seams(last))

        assert without_times(told) == without_times(expected), f"after dying at seam {last}"


def test_while_one_worker_stops_and_dies_another_goes_on(room: Room, program: Program) -> None:
    """Whatever the first one held when it stopped: the second does what it can meanwhile, and after
    the death whatever is left; and nothing is done twice.
    """
    seams = Seams()
    expected = play(room(is_alone=False), program, provider(), seams, SharedWorld)
    assert seams.count > 1000
    for last in seams_to_die_at(seams, EVERY):
        played = provider(deduplicates=True)
        told = play(room(is_alone=False), program, played, Seams(last), SharedWorld)

        assert without_times(told) == without_times(expected), f"after dying at seam {last}"
