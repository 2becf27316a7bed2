"""A crash at every seam changes nothing that anybody outside can notice.

Every statement, commit and call of a provider or of a web service has a seam before and one after
it. The world is played undisturbed and its seams are counted; then it is played again and dies at
one of them, is started again, and goes on to the end. What comes out is compared.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from engine.core.program import Program
from tests.engine.grounds import SqliteGround
from tests.engine.seams import Outcomes, Seams, seams_to_die_at
from tests.engine.two_people import (
    PEOPLE,
    lost_at_most_what_was_out,
    play,
    program_of_two,
    provider,
    provider_of_many,
)

Room = Callable[[], SqliteGround]

EVERY = 89
EVERY_OF_MANY = 397


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of_two()


@pytest.fixture
def room(tmp_path: Path) -> Room:
    numbers = count(1)
    return lambda: SqliteGround(tmp_path / f"{next(numbers)}.db")


def test_the_story_has_something_of_everything(room: Room, program: Program) -> None:
    """Else the other tests would prove little."""
    told = play(room(), program, provider(deduplicates=True), Seams())

    whats = {(d.what, d.reason) for each in told.decisions.values() for d in each}
    assert {"entered", "sent", "left", "passed over", "dropped"} <= {what for what, _ in whats}
    assert ("left", "goal") in whats
    assert ("passed over", "capped") in whats
    assert "refused" in told.statuses.values()
    assert len(told.delivered) >= 8
    assert set(told.delivered.values()) == {1}
    assert len(told.asked) == len(PEOPLE)


@pytest.fixture(scope="module")
def undisturbed(
    program: Program, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Outcomes, list[int]]:
    """What comes out if nobody dies, and the seams to die at this time."""
    seams = Seams()
    ground = SqliteGround(tmp_path_factory.mktemp("undisturbed") / "wayline.db")
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

        assert told._replace(out=frozenset()) == expected, f"after dying at seam {last}"


def test_with_another_provider_a_crash_doubles_nothing_and_loses_no_more_than_it_must(
    room: Room, program: Program, undisturbed: tuple[Outcomes, list[int]]
) -> None:
    """At most the calls that were out become ``unknown``. They are not tried again and do not go
    to the next channel, because they may have arrived; everything else is as it would have been.
    Only the category that says ``when unknown: retry once`` may say something a second time.
    """
    expected, seams = undisturbed
    for last in seams:
        told = play(room(), program, provider(), Seams(last))

        lost = lost_at_most_what_was_out(told, expected)
        assert lost or told._replace(out=frozenset()) == expected, f"after dying at seam {last}"


def test_with_a_provider_of_many_at_a_time_it_is_the_same(room: Room, program: Program) -> None:
    """Whether it dies before a call with several messages, after it, or in the middle of it."""
    whole, seams = provider_of_many(), Seams()
    expected = play(room(), program, whole, seams)
    assert len(whole.together) > 1
    for last in seams_to_die_at(seams, EVERY_OF_MANY):
        told = play(room(), program, provider_of_many(), Seams(last))

        lost = lost_at_most_what_was_out(told, expected)
        assert lost or told._replace(out=frozenset()) == expected, f"after dying at seam {last}"
