"""Segments held against their rules for everybody at once: who came and went is told once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from dsl.calendar import DAY, HOUR
from dsl.expr.context import Happened
from engine.core.signals import (
    Erased,
    EventArrived,
    MergeAsked,
    ProfileChanged,
    ReceiptArrived,
)
from engine.runner import Runner
from engine.store import open_store
from engine.store.memberships import Rebuilt
from engine.store.memory import MemoryStore
from engine.store.postgres.memberships import PostgresMemberships
from engine.store.postgres.store import PostgresStore
from engine.store.protocol import Store
from engine.store.sql import aside
from engine.store.sql.session import Session
from tests.engine.scene import SHOP, Scene, journey, program_of
from tests.postgres import address_of

NOW = 1_772_442_000_000_000
STEPS = "  - {id: pause, wait: 300 days}\n"
WATCH = (
    journey(STEPS, "comes", head="trigger: {enters segment: vip}"),
    journey(STEPS, "goes", head="trigger: {leaves segment: vip}"),
)
RULE = 'tier is "gold" and visits > 3 and did purchase in the last 30 days'


def files(rule: str = RULE) -> dict[str, str]:
    segments = f"segments:\n  vip: {{who: '{rule}'}}\n  plain: {{who: tier is \"gold\"}}\n"
    return {
        **SHOP,
        "segments.yaml": segments,
        "a.yaml": WATCH[0],
        "b.yaml": WATCH[1],
    }


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


def fill(store: Store, people: int = 40, seed: int = 3) -> None:
    random = Random(seed)
    arrivals: list[Any] = []
    for number in range(people):
        name = f"p{number}"
        told = {"tier": random.choice(("gold", "silver")), "visits": random.randrange(8)}
        arrivals.append(ProfileChanged(f"c{number}", name, NOW, 0, told, {}))
        for time in range(random.randrange(3)):
            at = NOW - random.randrange(60) * DAY
            done = Happened("purchase", at, NOW, 0, {"total": 100 * random.randrange(1, 90)})
            arrivals.append(EventArrived(f"e{number}.{time}", name, done))
    store.append(arrivals)


def run(store: Store, runner: Runner, now: int) -> None:
    while runner.run_once(now).people:
        pass


def told(store: Store) -> dict[str, list[str]]:
    """By person, the journeys that coming and going has started."""
    said = {}
    for number in range(40):
        entered = [each.journey for each in store.decisions(f"p{number}") if each.what == "entered"]
        if entered:
            said[f"p{number}"] = entered
    return said


def members(store: Store, rule: str, now: int) -> set[str]:
    program = program_of(files(rule))
    return set(store.audience(program.project.segments["vip"].who, program, now))


def test_what_differs_is_told_once_and_nobody_else_is_looked_at(store: Store) -> None:
    fill(store)
    run(store, Runner(store, program_of(SHOP)), NOW)
    program = program_of(files())
    (first,) = store.memberships.rebuild(program, ["vip"], NOW)
    before = members(store, RULE, NOW)
    assert first == Rebuilt("vip", len(before), first=40)
    assert store.next_wake() is None

    rule = "visits > 5"
    after, changed = members(store, rule, NOW), program_of(files(rule))
    (second,) = store.memberships.rebuild(changed, ["vip"], NOW + HOUR)
    assert second == Rebuilt("vip", len(after), len(after - before), len(before - after))
    (again,) = store.memberships.rebuild(changed, ["vip"], NOW + 2 * HOUR)
    assert again == second

    ran = Runner(store, changed).run_once(NOW + 3 * HOUR)
    assert ran.people == second.entered + second.left
    assert told(store) == {
        **{name: ["comes"] for name in after - before},
        **{name: ["goes"] for name in before - after},
    }
    (settled,) = store.memberships.rebuild(changed, ["vip"], NOW + 4 * HOUR)
    assert settled == Rebuilt("vip", len(after))
    run(store, Runner(store, changed), NOW + 5 * HOUR)
    assert all(len(each) == 1 for each in told(store).values())


def test_whoever_only_does_something_is_somebody_and_whoever_is_forgotten_or_merged_is_nobody(
    store: Store,
) -> None:
    """Senders that name people by an id, and tell nothing of them, are the usual case."""

    def bought(name: str) -> EventArrived:
        return EventArrived(f"e {name}", name, Happened("purchase", NOW, NOW, 0, {"total": 100}))

    segments = "segments:\n  vip: {who: did purchase in the last 30 days}\n"
    program = program_of({**SHOP, "segments.yaml": segments})
    runner, who = Runner(store, program), program.project.segments["vip"].who
    store.append([bought("carl"), bought("eve"), bought("anonymous:a")])
    run(store, runner, NOW)
    assert set(store.audience(who, program, NOW)) == {"carl", "eve", "anonymous:a"}
    assert store.audience_size(who, program, NOW) == 3

    store.append(
        [MergeAsked("m", "anonymous:a", NOW + 1, 0, "carl"), Erased("x", "eve", NOW + 1, 0)],
    )
    run(store, runner, NOW + 1)
    run(store, runner, NOW + HOUR)
    receipt = ReceiptArrived("r", "eve", NOW + HOUR, 0, "d", "bounced", "", NOW)
    store.append([receipt])
    run(store, runner, NOW + 2 * HOUR)
    assert set(store.audience(who, program, NOW + 2 * HOUR)) == {"carl"}
    assert store.memberships.rebuild(program, ["vip"], NOW + 2 * HOUR) == [Rebuilt("vip", 1)]


def test_a_segment_that_nobody_watches_is_counted_and_no_more(store: Store) -> None:
    fill(store)
    program = program_of(files())
    run(store, Runner(store, program_of(SHOP)), NOW)

    (plain,) = store.memberships.rebuild(program, ["plain"], NOW)
    kept = [view.profile.segments for view in store.people(["p0", "p1"], ()).values()]
    assert kept == [{}, {}]
    assert plain.members > 0
    assert plain == Rebuilt("plain", plain.members)


def test_killed_in_between_nothing_has_happened(store: Store) -> None:
    if isinstance(store, MemoryStore):
        pytest.skip("it is gone with the process")
    fill(store)
    run(store, Runner(store, program_of(SHOP)), NOW)
    program = program_of(files())
    run(store, Runner(store, program), NOW)
    store.memberships.rebuild(program, ["vip"], NOW)
    changed = program_of(files("visits > 5"))
    dies = patch.object(aside, "hide_timers", side_effect=KeyboardInterrupt)
    with dies, pytest.raises(KeyboardInterrupt):
        store.memberships.rebuild(changed, ["vip"], NOW + HOUR)
    wake = store.next_wake()
    assert wake is None or wake > NOW + HOUR

    (whole,) = store.memberships.rebuild(changed, ["vip"], NOW + HOUR)
    run(store, Runner(store, changed), NOW + HOUR)
    assert len(told(store)) == whole.entered + whole.left > 0


def test_beside_it_people_come_and_go_and_each_is_told_once(store: Store) -> None:
    """A person becomes a member while everybody is being asked."""
    fill(store)
    run(store, Runner(store, program_of(SHOP)), NOW)
    program = program_of(files())
    store.memberships.rebuild(program, ["vip"], NOW)
    before = members(store, RULE, NOW)
    changed = program_of(files("visits > 5"))
    busy = {f"p{number}" for number in range(0, 40, 3)}

    def meanwhile() -> None:
        told = [ProfileChanged(f"x{who}", who, NOW + HOUR, 0, {"visits": 7}, {}) for who in busy]
        store.append(told)
        run(store, Runner(store, changed), NOW + HOUR)

    if isinstance(store, PostgresStore):  # elsewhere nobody can come between
        hold = PostgresMemberships._hold

        def amid(self: PostgresMemberships, session: Session) -> None:
            meanwhile()
            hold(self, session)

        with patch.object(PostgresMemberships, "_hold", amid):
            store.memberships.rebuild(changed, ["vip"], NOW + HOUR)
    else:
        meanwhile()
        store.memberships.rebuild(changed, ["vip"], NOW + HOUR)
    run(store, Runner(store, changed), NOW + 2 * HOUR)

    after = members(store, "visits > 5", NOW + 2 * HOUR)
    assert busy <= after
    assert told(store) == {
        **{name: ["comes"] for name in after - before},
        **{name: ["goes"] for name in before - after},
    }


def test_a_deploy_of_a_changed_segment_tells_who_came_and_went(store: Store) -> None:
    shop = {"segments.yaml": files()["segments.yaml"]}
    scene = Scene(*WATCH, files=shop, store=store)
    fill(scene.store)
    scene.now = NOW
    scene.settle()
    before = members(store, RULE, NOW)
    count = len([each for each in told(store).values() if each])
    assert count == len(before)
    scene.edit(*WATCH, files=shop)
    with patch.object(type(store.memberships), "rebuild", autospec=True) as rebuild:
        scene.edit(*WATCH, files=shop)
        assert not rebuild.called
    scene.edit(*WATCH, files={"segments.yaml": files("visits > 5")["segments.yaml"]})

    after = members(store, "visits > 5", scene.now)
    for name in after - before:
        assert told(store)[name] == ["comes"]
    for name in before - after:
        assert told(store)[name] == ["comes", "goes"]


def test_who_enters_with_the_first_thing_after_the_deploy_has_entered(store: Store) -> None:
    """Nobody has looked at them since the segment began to matter."""
    fill(store)
    run(store, Runner(store, program_of(SHOP)), NOW)
    outside = sorted({f"p{number}" for number in range(40)} - members(store, "visits > 5", NOW))
    store.append([ProfileChanged("x", outside[0], NOW, 0, {"visits": 9}, {})])
    run(store, Runner(store, program_of(files("visits > 5"))), NOW)

    assert told(store) == {outside[0]: ["comes"]}


def test_rebuilding_waits_for_what_is_still_to_be_computed(store: Store) -> None:
    """The segment asks for an attribute that the same deploy begins to compute."""
    fill(store)
    run(store, Runner(store, program_of(SHOP)), NOW)
    plan = SHOP["plan.yaml"].replace("profile:\n", "profile:\n  bought: = count of purchase\n")
    program = program_of({**files("bought > 0"), "plan.yaml": plan})

    assert store.memberships.rebuild(program, ["vip"], NOW) == [Rebuilt("vip", 0)]


@pytest.mark.parametrize(
    ("days", "rule"),
    [
        (12, "did purchase in the last 30 days"),
        (20, RULE),
        (20, "not did purchase in the last 14 days and visits > 1"),
    ],
)
def test_what_changes_by_itself_touches_only_those_whose_answer_can_change(
    store: Store, days: int, rule: str
) -> None:
    """Those are looked at whose last purchase falls out of the window while all else holds, and
    nobody else.
    """
    program = program_of(files(rule))
    fill(store, seed=5)
    run(store, Runner(store, program), NOW)
    before, after = members(store, rule, NOW), members(store, rule, NOW + days * DAY)
    runner, touched = Runner(store, program), 0
    for day in range(1, days + 1):
        while people := runner.run_once(NOW + day * DAY).people:
            touched += people

    assert before != after
    assert touched == len(before ^ after)
