"""A crash at every seam while people say STOP and START, on SQLite and on PostgreSQL: who tells of what
was written tells again what was not answered, and nobody hears anything twice.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import URL

from channels.replies import Reply
from dsl.calendar import HOUR, MINUTE, SECOND, Instant
from dsl.expr.context import Happened
from engine.api.replies import Replies
from engine.core.obeying import ANSWERS
from engine.core.program import Program
from engine.core.signals import EventArrived, ProfileChanged
from engine.metrics import Metrics
from tests.engine.grounds import Ground, PostgresGround, SqliteGround
from tests.engine.scene import SHOP, journey, program_of
from tests.engine.seams import Outcomes, Provider, Seams, seams_to_die_at
from tests.engine.talk import ADA, BOB, files
from tests.engine.two_people import without_gaps
from tests.engine.worlds import World
from tests.postgres import address_of, emptied

START: Instant = 1_772_442_000_000_000  # 2026-03-02 09:00 UTC
ASKS = journey("  - {id: ask, send: chat, to: sms}\n")
EVERY, EVERY_ON_A_SERVER = 397, 1193

Make = Callable[[], Ground]


class Told(NamedTuple):
    """What came out: beside everything else, how consent stands."""

    outcomes: Outcomes
    consents: dict[str, dict[str, int]]


class TalkingWorld(World):
    """A world in which people write."""

    def hears(self, at: Instant, text: str, number: str) -> None:
        self.until(at)
        reply = Reply("sms", number, f"in {at}", text, occurred=at)

        def hear() -> int:
            replies = Replies(self._store, lambda: None, lambda: None, Metrics())
            return replies.hear(reply, self.now, everywhere=False)

        self._insist(hear)
        self._insist(self._settle)

    def consents(self, people: tuple[str, ...]) -> dict[str, dict[str, int]]:
        views = self._insist(lambda: self._store.people(people, ()))
        return {name: dict(view.profile.consents) for name, view in views.items()}


def play(ground: Ground, program: Program, provider: Provider, seams: Seams) -> Told:
    """Ada and Eve have one number. Bob says STOP before anybody knows him."""
    with ground.watched(seams):
        world = TalkingWorld(ground, program, provider, seams)
        now = START
        for name in ("ada", "eve"):
            world.tell(now, [_known(name, ADA, now), _agrees(name, now)])
        world.tell(now + MINUTE, [_signs_up("ada", now + MINUTE)])
        world.hears(now + HOUR, "STOP", ADA)
        world.hears(now + HOUR, "Stop it!", BOB)
        world.hears(now + HOUR + SECOND, "please stop", ADA)
        world.tell(now + 2 * HOUR, [_signs_up("ada", now + 2 * HOUR)])
        world.hears(now + 3 * HOUR, "START", ADA)
        world.tell(now + 4 * HOUR, [_signs_up("eve", now + 4 * HOUR)])
        world.hears(now + 5 * HOUR, "HELP", ADA)
        world.hears(now + 6 * HOUR, "Stop", ADA)
        world.tell(now + 7 * HOUR, [_known("bob", BOB, now), _agrees("bob", now)])
        world.tell(now + 7 * HOUR, [_signs_up("bob", now + 7 * HOUR)])
        people = ("ada", "bob", "eve")
        consents = world.consents(people)
        return Told(world.end(people), consents)


def _known(name: str, number: str, at: Instant) -> ProfileChanged:
    return ProfileChanged(f"{name} known", name, at, 0, {"phone": number}, {"sms": number})


def _agrees(name: str, at: Instant) -> EventArrived:
    granted = Happened("consent_granted", at, at, 0, {"category": "promotional"})
    return EventArrived(f"{name} agrees", name, granted)


def _signs_up(name: str, at: Instant) -> EventArrived:
    return EventArrived(f"{name} {at}", name, Happened("signed_up", at, at, 0, {}))


def answers(told: Outcomes) -> list[tuple[str, int]]:
    """What was answered and arrived, by word, and how often each arrived."""
    return sorted(
        (step, told.delivered.get(name, 0))
        for name, (category, _, step) in told.sends.items()
        if category == ANSWERS
    )


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of({**SHOP, **files(), "journeys/0.yaml": ASKS})


@pytest.fixture(params=["sqlite", "postgresql"])
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


def test_a_crash_at_any_seam_doubles_and_loses_no_answer(make: Make, program: Program) -> None:
    """With a provider that knows repetitions it changes nothing at all; with another one, at most
    what was being handed over at that moment is not known to have arrived.
    """
    seams = Seams()
    expected = play(make(), program, Provider(deduplicates=True), seams)
    assert answers(expected.outcomes) == [("help", 1), ("start", 1), ("stop", 1), ("stop", 1)]
    for name in ("ada", "bob", "eve"):
        assert expected.consents[name]["*/sms"] < 0
    assert seams.count > 500

    every = EVERY if isinstance(make(), SqliteGround) else EVERY_ON_A_SERVER
    for last in seams_to_die_at(seams, every):
        told = play(make(), program, Provider(deduplicates=True), Seams(last))
        assert _without_gaps(told) == _without_gaps(expected), f"after dying at {last}"

        careless = Provider(deduplicates=False)
        told = play(make(), program, careless, Seams(last))
        assert set(careless.handed.values()) == {1}
        assert (
            expected.outcomes.delivered.keys() - told.outcomes.delivered.keys() <= told.outcomes.out
        )
        assert told.consents == expected.consents


def _without_gaps(told: Told) -> Told:
    return told._replace(outcomes=without_gaps(told.outcomes))
