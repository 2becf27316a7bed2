"""A process dies at any moment around a merge, while both people are advanced and written to: the
next one comes to the same, nothing is lost and nothing doubled.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from sqlalchemy import URL

from dsl.calendar import DAY, HOUR, MINUTE, Instant
from dsl.expr.context import Happened
from engine.core.program import Program
from engine.core.signals import EventArrived, MergeAsked, ProfileChanged
from tests.engine.grounds import Ground, PostgresGround, SqliteGround
from tests.engine.scene import SHOP, journey, program_of
from tests.engine.seams import Outcomes, Provider, Seams, seams_to_die_at
from tests.engine.worlds import World
from tests.postgres import address_of, emptied

START: Instant = 1_772_442_000_000_000  # 2026-03-02 09:00 UTC
EVERY = 311
EVERY_ON_A_SERVER = 797
PEOPLE = ("ada", "anonymous:7", "anonymous:8")
Make: TypeAlias = Callable[[], Ground]


@pytest.fixture(scope="module")
def program() -> Program:
    hello = "  - {id: pause, wait: 1 hour}\n  - {id: tell, send: hello, to: email}\n"
    rest = "  - {id: rest, wait: 1 day}\n  - {id: again, send: hello, to: email}\n"
    return program_of({**SHOP, "journeys/0.yaml": journey(hello + rest)})


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    if request.param == "postgresql":
        database: URL = request.getfixturevalue("postgres")
        address = address_of(database)

        def on_server() -> Ground:
            emptied(address).close()
            return PostgresGround(address, is_alone=True)

        return on_server
    names = iter(range(1_000_000))
    return lambda: SqliteGround(tmp_path / f"{next(names)}.db")


def play(ground: Ground, program: Program, provider: Provider, seams: Seams) -> Outcomes:
    """One device goes into the account between two messages, the other while one is due."""
    with ground.watched(seams):
        world = World(ground, program, provider, seams)
        for name in PEOPLE:
            email = f"{name.replace(':', '')}@example.com"
            granted = Happened("consent_granted", START, START, 0, {"category": "promotional"})
            world.tell(
                START,
                [
                    ProfileChanged(f"{name} k", name, START, 0, {"email": email}, {"email": email}),
                    EventArrived(f"{name} agrees", name, granted),
                ],
            )
        for number, name in enumerate(PEOPLE):
            world.tell(START + number * MINUTE, [_signs_up(name, START + number * MINUTE)])
        for at, name in ((START + HOUR, PEOPLE[1]), (START + DAY + HOUR, PEOPLE[2])):
            merge = MergeAsked(f"{name} merge", name, at, 0, "ada", "identify")
            world.tell(at, [merge, _signs_up(name, at)])
        world.until(START + 3 * DAY)
        return world.end(PEOPLE)


def _signs_up(name: str, at: Instant) -> EventArrived:
    return EventArrived(f"{name} {at}", name, Happened("signed_up", at, at, 0, {}))


def _seen(told: Outcomes) -> object:
    """Without numbers of the log, in which a death leaves gaps, and without what is still out."""
    runs = {
        name: sorted((run.id, run.status, run.outcome, run.state) for run in each)
        for name, each in told.runs.items()
    }
    decisions = {
        name: sorted((d.at, d.what, d.reason, d.run, d.step) for d in each)
        for name, each in told.decisions.items()
    }
    return told.delivered, told.statuses, runs, decisions, told.contacts


def test_a_crash_at_any_seam_around_a_merge_loses_and_doubles_nothing(
    make: Make, program: Program
) -> None:
    seams = Seams()
    expected = play(make(), program, Provider(deduplicates=True), seams)
    told = [d.what for d in expected.decisions["ada"]]
    assert told.count("joined") == 2
    assert all(count == 1 for count in expected.delivered.values())
    assert len(expected.delivered) >= 3

    every = EVERY if isinstance(make(), SqliteGround) else EVERY_ON_A_SERVER
    for last in seams_to_die_at(seams, every):
        seen = play(make(), program, Provider(deduplicates=True), Seams(last))
        assert _seen(seen) == _seen(expected), f"after dying at {last}"
