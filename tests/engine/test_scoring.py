"""RFM and lifecycle: scores by what everybody is like or by bounds, and segments that follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dsl.calendar import DAY, HOUR
from dsl.compiler import compile_project
from dsl.expr.context import Happened
from dsl.scoring import GRID, Score, places_of_bounds
from engine.core.signals import EventArrived, ProfileChanged
from engine.runner import Runner
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.engine.scene import SHOP, Scene, journey, program_of
from tests.postgres import address_of

NOW = 1_772_442_000_000_000  # a Monday, ten o'clock in Berlin
PLAN = SHOP["plan.yaml"].replace(
    "profile:\n",
    "profile:\n  last_order_at: = last purchase.time\n  orders: = count of purchase\n"
    "  spent: = sum of purchase.total\n",
)
RFM = "rfm: {recency: last_order_at, frequency: orders, monetary: spent}\n"
BOUNDS = """rfm:
  recency: last_order_at
  frequency: orders
  monetary: spent
  bounds:
    recency: 10 days, 20 days, 30 days, 40 days
    frequency: 1, 2, 3, 4
    monetary: 10 EUR, 20 EUR, 50 EUR, 100 EUR
"""
LIFECYCLE = """lifecycle:
  fresh: did purchase in the last 20 days and orders <= 2
  active: did purchase in the last 30 days
  lost: did purchase
"""
SEGMENTS = 'segments:\n  gold: {who: tier is "gold"}\n'


def files(more: str = RFM, segments: str = SEGMENTS) -> dict[str, str]:
    return {**SHOP, "plan.yaml": PLAN, "segments.yaml": segments + more}


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    address = f"sqlite:///{tmp_path / 'people.db'}"
    if request.param == "postgres":
        address = address_of(request.getfixturevalue("postgres"))
    opened = open_store(address)
    yield opened
    opened.close()


def orders(seed: int, people: int) -> list[EventArrived]:
    random = Random(seed)
    made = []
    for number in range(people):
        for time in range(random.randrange(1, 7)):
            at = NOW - random.randrange(1, 60 * 24) * HOUR
            done = Happened("purchase", at, NOW, 0, {"total": random.randrange(100, 9000)})
            made.append(EventArrived(f"{seed} {number} {time}", f"p{number}", done))
    return made


def run(store: Store, runner: Runner, now: int) -> None:
    while runner.run_once(now, 7).people:
        pass


def attributes(store: Store, people: int) -> dict[str, dict[str, Any]]:
    views = store.people([f"p{number}" for number in range(people)], ())
    return {name: dict(view.profile.attributes) for name, view in views.items()}


def expected(known: dict[str, dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Fifths of all values in their order, as anybody would count them."""
    made: dict[str, dict[str, int]] = {name: {} for name in known}
    for score, attribute in (
        ("rfm_recency", "last_order_at"),
        ("rfm_frequency", "orders"),
        ("rfm_monetary", "spent"),
    ):
        values = sorted(each[attribute] for each in known.values() if attribute in each)
        bounds = [values[part * (len(values) - 1) // 5] for part in (1, 2, 3, 4)]
        for name, each in known.items():
            if attribute in each:
                made[name][score] = 1 + sum(each[attribute] > bound for bound in bounds)
    return made


def scores(known: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        name: {key: value for key, value in each.items() if key.startswith("rfm_")}
        for name, each in known.items()
    }


def test_everybody_is_divided_into_fifths_and_anew_when_it_is_time(store: Store) -> None:
    program = program_of(files())
    store.append(orders(1, 40))
    store.append([ProfileChanged("c", "nobody", NOW, 0, {"tier": "gold"}, {})])
    runner = Runner(store, program)
    run(store, runner, NOW)
    assert not any(scores(attributes(store, 40)).values())  # nobody is known to be divided yet

    runner = Runner(store, program)
    run(store, runner, NOW + HOUR)
    first = attributes(store, 40)
    assert scores(first) == expected(first)
    assert "rfm_recency" not in store.people(["nobody"], ())["nobody"].profile.attributes
    segments = program.project.segments
    members = {
        name: set(store.audience(segments[name].who, program, NOW + HOUR)) for name, *_ in GRID
    }
    assert sum(map(len, members.values())) == 40
    assert set().union(*members.values()) == set(first)

    store.append(orders(2, 20))
    run(store, runner, NOW + DAY)
    later = attributes(store, 40)
    assert scores(later) != expected(later)  # by the bounds as they were
    (frequency,) = (each for each in program.scoring.scores if each.name == "rfm_frequency")  # type: ignore[union-attr]
    before = store.memberships.scores.bounds(frequency, NOW + 2 * DAY)
    run(store, runner, NOW + 8 * DAY)
    assert scores(attributes(store, 40)) == expected(attributes(store, 40))
    after = store.memberships.scores.bounds(frequency, NOW + 8 * DAY)
    assert before is not None
    assert after is not None
    assert (before.number, after.number) == (1, 2)
    assert store.memberships.scores.bounds(frequency, NOW + 2 * DAY) == before


def test_new_bounds_touch_only_those_whose_score_is_another_one(store: Store) -> None:
    program = program_of(files())
    store.append(orders(1, 40))
    run(store, Runner(store, program), NOW)
    run(store, Runner(store, program), NOW + HOUR)
    (spent,) = (each for each in program.scoring.scores if each.name == "rfm_monetary")  # type: ignore[union-attr]
    known = attributes(store, 40)
    bounds = (5000, 9000, 15000, 20000)
    differing = [
        name
        for name, each in known.items()
        if spent.of(each["spent"], bounds, NOW) != each["rfm_monetary"]
    ]

    ports = store.memberships.scores
    ports.keep(NOW + 2 * HOUR, {spent.subject: bounds})
    assert ports.wake(spent, bounds, NOW + 2 * HOUR) == len(differing) > 0
    assert Runner(store, program).run_once(NOW + 2 * HOUR).people == len(differing)
    assert ports.wake(spent, bounds, NOW + 3 * HOUR) == 0


def test_bounds_that_are_written_down_hold_at_once_and_moments_grow_old(store: Store) -> None:
    program = program_of(files(BOUNDS))
    for ago in (1, 12, 39):
        done = Happened("purchase", NOW - ago * DAY, NOW, 0, {"total": 2500})
        store.append([EventArrived(f"o{ago}", "p0", done)])
    runner = Runner(store, program)
    run(store, runner, NOW)

    assert scores(attributes(store, 1)) == {
        "p0": {"rfm_recency": 5, "rfm_frequency": 3, "rfm_monetary": 4}
    }
    for day in range(1, 42):
        run(store, runner, NOW + day * DAY)
        (recency,) = (each["rfm_recency"] for each in attributes(store, 1).values())
        assert recency == 1 + sum(day + 1 < age for age in (10, 20, 30, 40)), day


def test_who_comes_into_a_segment_of_scores_starts_a_journey_and_guards_hear_of_it() -> None:
    steps = "  - {id: greet, send: hello, to: email}\n  - {id: pause, wait: 60 days}\n"
    head = "trigger: {enters segment: champions}\nexit if: rfm_recency < 5"
    scene = Scene(journey(steps, head=head), files=files(BOUNDS))
    scene.person()
    for _ in range(5):
        scene.event("purchase", total="30 EUR")
    assert scene.sent == ["2026-03-02 10:00 hello email"]
    scene.after(11 * DAY)

    left = [(d.reason, scene.clock(d.at)) for d in scene.decisions() if d.what == "left"]
    assert left == [("exit if", "2026-03-12 10:00")]


def test_stages_are_the_first_that_holds_and_no_other(store: Store) -> None:
    program = program_of(files(LIFECYCLE))
    store.append(orders(4, 30))
    run(store, Runner(store, program), NOW)
    segments = program.project.segments
    stages = [
        set(store.audience(segments[name].who, program, NOW))
        for name in ("fresh", "active", "lost")
    ]

    assert sum(map(len, stages)) == len(set().union(*stages)) == 30
    assert all(stages)


def test_a_segment_of_the_project_takes_the_place_of_one_that_follows() -> None:
    own = 'segments:\n  champions: {who: tier is "gold"}\n'

    assert program_of(files(RFM, own)).project.segments["champions"].who.text == 'tier is "gold"'


@pytest.mark.parametrize(
    ("written", "code", "words"),
    [
        ("rfm: {recency: visits, frequency: orders, monetary: spent}\n", "S24", "a date and time"),
        ("rfm: {recency: last_oder_at, frequency: orders, monetary: spent}\n", "N01", "not know"),
        (BOUNDS.replace("1, 2, 3, 4", "1, 2, 3"), "S24", "4 bounds"),
        (BOUNDS.replace("1, 2, 3, 4", "1, 3, 2, 4"), "S24", "larger than the one before"),
        (BOUNDS.replace("10 days", "1 month"), "S24", "no fixed length"),
        (BOUNDS.replace("10 EUR", "10 USD"), "S24", "no bound"),
        (BOUNDS + "  every: now and then\n", "E05", ""),
        ("lifecycle:\n  gold: orders > 1\n", "S14", "two segments"),
        ("lifecycle:\n  a: orders > 1\n  b: order > 1\n", "N01", "order"),
    ],
)
def test_what_is_wrong_is_said(written: str, code: str, words: str) -> None:
    found = [each for each in compile_project(files(written)).diagnostics if each.stops]

    assert [each.code for each in found][:1] == [code], found
    assert words in found[0].message


def test_nobody_sets_a_score() -> None:
    text = journey("  - set profile: {rfm_recency: = 5}\n")
    found = compile_project({**files(), "a.yaml": text}).diagnostics

    assert "S23" in {each.code for each in found}


def test_the_grid_divides_everybody() -> None:
    cells = [
        (recency, frequency)
        for _, _, some, others in GRID
        for recency in some.split(", ")
        for frequency in others.split(", ")
    ]

    assert len(cells) == len(set(cells)) == 25
    assert places_of_bounds(0) == ()
    assert places_of_bounds(1) == (0, 0, 0, 0)
    assert Score("s", "a", "", (1, 2, 3, 4)).of(None, None, 0) is None
