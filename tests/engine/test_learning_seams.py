"""A crash at every seam changes nothing of what is learnt, or of whom it decides about."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dsl.calendar import DAY, HOUR, Instant
from dsl.expr.context import Happened
from engine.core.program import Program
from engine.core.signals import Arrival, EventArrived, ProfileChanged
from tests.engine.grounds import SqliteGround
from tests.engine.learning import offer
from tests.engine.scene import SHOP, journey, program_of
from tests.engine.seams import Outcomes, Provider, Seams, seams_to_die_at
from tests.engine.worlds import World

START: Instant = 1_772_442_000_000_000  # 2026-03-02 09:00 UTC, a Monday
PEOPLE = tuple(f"p{number}" for number in range(6))
SCOPE = "welcome/offer"
EVERY = 157
JOURNEY = journey(
    offer(target="did buy within 2 days after offer")
    + "\n  - {id: moment, wait until: best time on email within 12 hours}"
    + "\n  - {id: hi, send: hello, to: email}\n"
)


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of({**SHOP, "journey.yaml": JOURNEY})


def story() -> Iterator[tuple[Instant, list[Arrival]]]:
    """Every day somebody comes, every other one buys, and they look at messages in the evening."""
    ids = count(1)

    def event(person: str, name: str, at: Instant, **properties: object) -> Arrival:
        return EventArrived(f"m{next(ids)}", person, Happened(name, at, at, 0, properties))

    known: list[Arrival] = []
    for name in PEOPLE:
        email = f"{name}@example.com"
        attributes, addresses = {"email": email}, {"email": email}
        known += [
            ProfileChanged(f"m{next(ids)}", name, START, 0, attributes, addresses),
            event(name, "consent_granted", START, category="promotional"),
        ]
    yield START, known
    for day, name in enumerate(PEOPLE):
        came = START + day * DAY
        yield came + HOUR, [event(name, "signed_up", came + HOUR)]
        if day % 2:
            yield came + 3 * HOUR, [event(name, "purchase", came + 3 * HOUR, total=6000)]
        looked = came + 9 * HOUR
        yield looked, [event(name, "message_clicked", looked, channel="email")]
    yield START + 12 * DAY, []


def play(folder: Path, program: Program, seams: Seams) -> tuple[Outcomes, Any]:
    """The whole story in a world of its own, and what has been learnt in the end."""
    folder.mkdir()
    ground = SqliteGround(folder / "wayline.db")
    with ground.watched(seams):
        world = World(ground, program, Provider(deduplicates=True), seams)
        for at, arrivals in story():
            world.tell(at, arrivals)
        told = world.end(PEOPLE)
    store = ground.open()
    learnt, subjects = store.learnt, program.lessons.needed(["welcome"])
    known = (
        learnt.assignments(SCOPE),
        learnt.counts(subjects),
        [learnt.snapshots(subjects, START + day * DAY) for day in range(13)],
    )
    store.close()
    return told._replace(out=frozenset()), known


def test_a_crash_changes_nothing_of_what_is_learnt(tmp_path: Path, program: Program) -> None:
    """Nobody is assigned twice, nothing is counted twice, every snapshot is the same."""
    seams = Seams()
    expected = play(tmp_path / "undisturbed", program, seams)
    assignments, counts, _ = expected[1]

    assert {each.fate for each in assignments} == {"reached", "missed"}
    assert len(counts) == 2
    assert sum(sum(counted.values()) for counted in counts.values()) == 2 * len(PEOPLE)
    for last in seams_to_die_at(seams, EVERY):
        assert play(tmp_path / str(last), program, Seams(last)) == expected, f"at seam {last}"
