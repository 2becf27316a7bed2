"""Splits that learn, with everything around them: who is given which path, what comes of it is
counted once, and more people get what is better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import URL

from dsl.calendar import DAY, HOUR, MINUTE
from engine.core.program import Program
from engine.core.signals import Erased
from engine.core.split import bucket
from engine.runner import Runner
from engine.runner.learner import Learner
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.engine.learning import (
    SCOPE,
    SUBJECT,
    assignments,
    counts,
    enter,
    fates,
    offer,
    scene_of,
)
from tests.engine.scene import Scene, journey
from tests.postgres import address_of


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = MemoryStore() if request.param == "memory" else open_store(f"sqlite:///{tmp_path}/w.db")
    yield made
    made.close()


def test_who_comes_before_anything_is_known_is_divided_equally() -> None:
    """By the same hash as ever, and it is written down with what probability."""
    scene = scene_of(offer("a b c d"))
    people = [f"p{number}" for number in range(40)]

    enter(scene, *people)

    found = {each.person: each.path for each in assignments(scene)}
    assert found == {name: "abcd"[int(bucket(SCOPE, name) * 4)] for name in people}
    assert {(each.snapshot, each.probability) for each in assignments(scene)} == {(0, 0.25)}
    assert {each.known - each.at for each in assignments(scene)} == {7 * DAY}
    record = scene.runs("p0")[0].steps["offer"]
    assert (record.path, record.snapshot, record.probability) == (found["p0"], 0, 0.25)
    (told,) = [each for each in scene.decisions("p0") if each.what == "assigned"]
    assert (told.reason, told.step, told.detail) == (
        found["p0"],
        "offer",
        "25 %, nothing learnt yet",
    )


@pytest.mark.parametrize(
    ("bought", "fate"),
    [
        ("2026-03-02 10:00", "reached"),  # at the moment it begins
        ("2026-03-09 09:59", "reached"),
        ("2026-03-09 10:00", "missed"),  # its end does not belong to it
        ("", "missed"),
    ],
)
def test_the_window_is_what_the_rule_says(store: Store, bought: str, fate: str) -> None:
    """It ends exactly at the hour, and is counted there, not an hour later."""
    scene = scene_of(store=store)
    enter(scene, "ada")

    if bought:
        scene.until(bought)
        scene.event("purchase", "ada", total="10 EUR")
    scene.until(max(bought, "2026-03-09 09:59"))
    before = fates(scene)
    scene.until("2026-03-09 10:00")

    assert before == {"ada": fate if bought.endswith("09 10:00") else "open"}
    assert fates(scene) == {"ada": fate}
    (path,) = [each.path for each in assignments(scene)]
    assert counts(scene) == {f"{fate} {path}": 1}


def test_an_end_between_two_hours_is_counted_at_the_next() -> None:
    scene = scene_of(start="2026-03-02 10:01")
    enter(scene, "ada")

    scene.until("2026-03-09 10:59")
    before = fates(scene)
    scene.until("2026-03-09 11:00")

    assert (before, fates(scene)) == ({"ada": "open"}, {"ada": "missed"})


@pytest.mark.parametrize(
    ("received", "fate"), [("10:14", "reached"), ("10:59", "reached"), ("11:00", "missed")]
)
def test_what_happened_in_time_and_came_late_counts_for_an_hour_at_most(
    received: str, fate: str
) -> None:
    """A quarter of an hour is waited for it, as everywhere; then the next hour counts."""
    scene = Scene(journey(offer()))
    enter(scene, "ada")
    scene.until(f"2026-03-09 {received}")

    scene.event("purchase", "ada", happened="2026-03-09 09:58", total="10 EUR")
    scene.until("2026-03-09 12:00")

    assert fates(scene) == {"ada": fate}
    assert {each.known - each.at for each in assignments(scene)} == {7 * DAY + 15 * MINUTE}


def test_what_comes_with_the_hour_is_too_late_for_it() -> None:
    """So it makes no difference which of the two is looked at first."""
    scene = Scene(journey(offer()))
    enter(scene, "ada")
    scene.advance_to(scene.at("2026-03-09 11:00") - 1)

    scene.now += 1
    scene.event("purchase", "ada", happened="2026-03-09 09:58", total="10 EUR")

    assert fates(scene) == {"ada": "missed"}


def test_the_target_is_asked_as_of_the_end_of_its_window() -> None:
    """An hour later it is another day."""
    target = "did buy within 1 day after offer and renewal_date is today"
    scene = scene_of(offer(target=target), start="2026-03-02 23:10")
    scene.person("ada", renewal_date="2026-03-03")
    scene.event("signed_up", "ada")

    scene.event("purchase", "ada", total="10 EUR")
    scene.until("2026-03-04 00:00")

    assert fates(scene) == {"ada": "reached"}


def test_nothing_is_learnt_from_somebody_whose_window_never_begins() -> None:
    """They are given a path like everybody else."""
    target = "did buy within 1 day after trigger.due_at"
    scene = scene_of(offer(target=target), head="trigger: {event: cart_updated}")
    for name, more in (("ada", {}), ("eve", {"due_at": "2026-03-05T10:00:00+00:00"})):
        scene.person(name)
        scene.event("cart_updated", name, cart_id="c", value="60 EUR", **more)

    assert [each.person for each in assignments(scene)] == ["eve"]
    assert scene.runs("ada")[0].steps["offer"].path in {"left", "right"}


def test_days_are_those_of_the_person_when_the_clocks_change() -> None:
    """From Saturday noon, a day is 23 hours in Berlin and 24 in Tokyo."""
    scene = scene_of(offer(target="did buy within 1 day after offer"), start="2026-03-28 12:00")
    for name, zone in (("ada", "Europe/Berlin"), ("eve", "Asia/Tokyo")):
        scene.person(name, time_zone=zone)
        scene.event("signed_up", name)

    assert {each.person: (each.known - each.at) // HOUR for each in assignments(scene)} == {
        "ada": 23,
        "eve": 24,
    }


@pytest.mark.parametrize(
    "head",
    ["goal: did buy since entry", "exit if: did buy since entry", "if already inside: restart"],
)
def test_it_is_counted_wherever_the_run_is_by_then(head: str) -> None:
    """Left long ago, by the goal, by a rule, or because it began again."""
    scene = scene_of(head=head)
    enter(scene, "ada")

    scene.after(HOUR)
    scene.event("purchase", "ada", total="10 EUR")
    scene.after(HOUR)
    if "restart" in head:
        scene.event("signed_up", "ada")
    scene.after(8 * DAY)

    assert [each.fate for each in assignments(scene)] == ["reached", "missed"][: len(scene.runs())]
    assert {run.status for run in scene.runs()} == {"closed"}


def test_who_is_held_out_is_not_learnt_from() -> None:
    scene = scene_of(head="holdout: 100%")

    enter(scene, "ada", "bob")

    assert assignments(scene) == []


def test_who_is_forgotten_counts_for_nothing(store: Store) -> None:
    scene = scene_of(store=store)
    enter(scene, "ada", "bob")

    scene.after(DAY)
    scene.take(Erased("e1", "ada", scene.now, 0))
    scene.after(8 * DAY)

    assert fates(scene) == {"bob": "missed"}
    assert sum(counts(scene).values()) == 1


def live_a_while(scene: Scene, days: int, people: int, rates: Mapping[str, float]) -> None:
    """Every day at ten so many people come, and an hour later some of them buy: by their path, and
    by a hash that has nothing to do with the split.
    """
    for day in range(days):
        names = [f"p{day}-{number}" for number in range(people)]
        enter(scene, *names)
        scene.after(HOUR)
        paths = {each.person: each.path for each in assignments(scene)}
        for name in names:
            if bucket("buys", name) < rates[paths[name]]:
                scene.event("purchase", name, total="10 EUR")
        scene.after(23 * HOUR)


def test_the_better_path_gets_most_people_and_every_path_its_floor() -> None:
    """Three paths that sell to a half, a quarter and a tenth, and a fifth of all goes on exploring."""
    scene = scene_of(offer("good fair poor", more="    keep exploring: 20%"))

    live_a_while(scene, 30, 20, {"good": 0.5, "fair": 0.25, "poor": 0.1})

    last = [each for each in assignments(scene) if each.at > scene.now - 8 * DAY]
    shares = {
        path: count / len(last) for path, count in Counter(each.path for each in last).items()
    }
    assert shares["good"] > 0.6
    assert min(each.probability for each in assignments(scene)) >= 0.2 / 3 - 1e-9
    assert max(each.probability for each in assignments(scene)) <= 1 - 2 * 0.2 / 3 + 1e-9
    assert [each.fate for each in assignments(scene) if each.known <= scene.now].count("open") == 0
    numbers = [each.snapshot for each in assignments(scene)]
    assert numbers == sorted(numbers)
    assert numbers[-1] > 15


def test_the_probabilities_that_are_written_down_undo_the_choice() -> None:
    """Weighted by them, the outcomes say how each path does, although most people took the best."""
    rates = {"good": 0.5, "poor": 0.2}
    scene = scene_of(offer("good poor"))

    live_a_while(scene, 30, 20, rates)

    told = [each for each in assignments(scene) if each.fate != "open"]
    for path, rate in rates.items():
        weighted = [
            (1 / each.probability, each.fate == "reached") for each in told if each.path == path
        ]
        estimate = sum(weight for weight, reached in weighted if reached) / len(told)
        assert estimate == pytest.approx(rate, abs=0.1)


def script(scene: Scene) -> list[object]:
    """A fortnight of a few people, and everything that came of it."""
    live_a_while(scene, 12, 4, {"left": 0.6, "right": 0.2})
    subject = SUBJECT
    return [
        assignments(scene),
        counts(scene),
        [
            scene.store.learnt.snapshots([subject], scene.now - back * HOUR)
            for back in (0, 30, 60, 90)
        ],
        [decision for each in assignments(scene) for decision in scene.decisions(each.person)],
    ]


def test_every_runtime_learns_the_same(store: Store) -> None:
    """Memory and SQLite, people one by one or a thousand at a time."""
    expected = script(scene_of())

    assert script(scene_of(store=store)) == expected
    assert script(scene_of(limit=1)) == expected


def test_postgresql_learns_the_same(postgres: URL) -> None:
    store = open_store(address_of(postgres))

    learnt = script(scene_of(store=store))
    store.close()

    assert learnt == script(scene_of())


class Restarted(Runner):
    """A process that ends after every batch: it remembers nothing that is not in the store."""

    def __init__(self, store: Store, program: Program) -> None:
        super().__init__(store, program)
        self._again: Callable[[], Runner] = lambda: Runner(store, program)

    def run_once(self, now: int, limit: int = 1000):  # type: ignore[no-untyped-def]  # noqa: ANN201
        return self._again().run_once(now, limit)


def test_being_restarted_between_any_two_batches_changes_nothing() -> None:
    expected = script(scene_of())

    scene = scene_of()
    scene.runner = Restarted(scene.store, scene.program)

    assert script(scene) == expected


def test_a_crash_before_the_snapshot_counts_nothing_twice(store: Store) -> None:
    """The outcomes are there, the snapshot is not: the next one makes it of the same counts."""
    scene = scene_of(store=store)
    enter(scene, "ada", "bob", "eve")
    hour = scene.now + 7 * DAY
    verdicts = Learner(store)

    assert verdicts.run_once(scene.program, hour, limit=2) == (2, 0, True)
    died = store.learnt.snapshots([SUBJECT], hour)
    again = Learner(store).run_once(scene.program, hour)

    assert died == {}
    assert again == (1, 1, False)
    assert sum(counts(scene).values()) == 3
    assert store.learnt.snapshots([SUBJECT], hour)[SUBJECT].number == 1


def test_two_who_learn_at_once_make_one_snapshot_and_count_once(store: Store) -> None:
    """Each has looked before the other has written."""
    scene = scene_of(store=store)
    enter(scene, "ada", "bob", "eve")
    hour = scene.now + 7 * DAY
    one, other = Learner(store), Learner(store)

    done = [one.run_once(scene.program, hour, 2), other.run_once(scene.program, hour, 2)]
    done += [one.run_once(scene.program, hour, 2), other.run_once(scene.program, hour, 2)]

    assert sum(each.outcomes for each in done) == 3
    assert sum(counts(scene).values()) == 3
    assert store.learnt.snapshots([SUBJECT], hour)[SUBJECT].number == 1
    assert one.run_once(scene.program, hour + HOUR - 1) == (0, 0, False)


def test_an_hour_without_news_makes_no_snapshot() -> None:
    scene = scene_of()
    enter(scene, "ada")

    scene.after(7 * DAY)
    first = scene.store.learnt.snapshots([SUBJECT], scene.now)
    scene.after(3 * DAY)

    assert scene.store.learnt.snapshots([SUBJECT], scene.now) == first


# --------------------------------------------------------------------------------- what it costs


class Untouched:
    """Nobody may ask for anything."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)


def test_where_nothing_is_learnt_nobody_asks() -> None:
    """No statement more than without any of this, in no batch."""
    store = MemoryStore()
    store.learnt = Untouched()  # type: ignore[assignment]
    scene = Scene(
        journey("  - {id: pause, wait: 1 day}\n  - {id: hi, send: hello, to: email}"), store=store
    )

    enter(scene, "ada", "bob")
    scene.after(3 * DAY)

    assert len(scene.sent) == 2


def test_within_an_hour_the_store_is_asked_once() -> None:
    store = MemoryStore()
    scene = scene_of(store=store)
    learner = Learner(store)

    first = learner.run_once(scene.program, scene.now + HOUR)
    again = learner.run_once(replace(scene.program), scene.now + HOUR + 59 * MINUTE)

    assert (first, again) == ((0, 0, False), (0, 0, False))
