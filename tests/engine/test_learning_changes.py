"""Splits that learn, in journeys that change while people are inside, loop, or are entered again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsl.calendar import DAY, HOUR
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.engine.learning import (
    EXACT,
    SCOPE,
    SUBJECT,
    TARGET,
    assignments,
    counts,
    enter,
    fates,
    offer,
    scene_of,
)
from tests.engine.scene import Scene, journey


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = MemoryStore() if request.param == "memory" else open_store(f"sqlite:///{tmp_path}/w.db")
    yield made
    made.close()


def test_a_path_that_was_removed_leaves_its_people_to_the_others() -> None:
    """What they did is counted still, and nobody new gets it."""
    scene = scene_of(offer("a b c"))
    enter(scene, *(f"p{number}" for number in range(12)))
    gone = [each.person for each in assignments(scene) if each.path == "c"]

    scene.edit(journey(offer("a b"), head="removed steps: {at_c: leave}"))
    scene.after(8 * DAY)
    enter(scene, *(f"q{number}" for number in range(12)))

    assert gone
    assert {fates(scene)[name] for name in gone} == {"missed"}
    assert counts(scene)["missed c"] == len(gone)
    assert {each.path for each in assignments(scene) if each.snapshot} == {"a", "b"}


def test_a_path_that_is_new_gets_people_at_once() -> None:
    scene = scene_of(offer("a b"))
    enter(scene, "ada", "bob", "eve")
    scene.after(8 * DAY)

    scene.edit(journey(offer("a b c")))
    enter(scene, *(f"p{number}" for number in range(12)))

    new = [each for each in assignments(scene) if each.path == "c"]
    assert new
    assert {round(each.probability, 6) for each in new} == {0.333333}


def test_a_new_target_is_asked_of_those_who_are_waited_for() -> None:
    """With a longer window they are known later; what was learnt of the old target is left."""
    scene = scene_of()
    enter(scene, "ada")
    longer = "did buy within 9 days after offer"
    subject = f"split {SCOPE} | did buy within 9 days after it"

    scene.edit(journey(offer(target=longer)))
    scene.after(8 * DAY)
    scene.event("purchase", "ada", total="10 EUR")
    before = fates(scene)
    scene.after(2 * DAY)

    assert (before, fates(scene)) == ({"ada": "open"}, {"ada": "reached"})
    assert counts(scene) == {}
    assert sum(counts(scene, subject).values()) == 1


@pytest.mark.parametrize(
    "steps",
    [
        offer(more="    reshuffle: 2"),
        offer("left right").replace("offer", "other"),
        "  - {id: at_left, wait: 30 days}\n  - {id: at_right, wait: 30 days}",
    ],
)
def test_where_the_split_is_another_one_nobody_counts(steps: str) -> None:
    """Drawn anew, renamed without a word, or removed: what became of them is about something else."""
    scene = Scene(journey(offer()), journey(offer(), "second"), policy=EXACT)
    enter(scene, "ada")

    head = "" if "at_left" in steps else "removed steps: {at_left: leave, at_right: leave}"
    scene.edit(journey(steps, head=head), journey(offer(), "second"))
    scene.after(8 * DAY)

    assert fates(scene) == {"ada": "void"}
    assert counts(scene) == {}


def test_a_new_name_is_not_a_new_split(store: Store) -> None:
    """What was learnt stays, and who is waited for is counted under the new name."""
    scene = scene_of(store=store)
    enter(scene, "ada", "bob")
    scene.until("2026-03-05 10:00")
    enter(scene, "eve")
    scene.until("2026-03-10 10:00")
    first = counts(scene)

    renamed = offer().replace("offer", "teaser")
    scene.edit(journey(renamed, head="renamed steps: {offer: teaser}"))
    enter(scene, "zoe")
    assert scene.runs("zoe")[0].steps["teaser"].snapshot == 1
    scene.until("2026-03-12 11:00")
    subject = SUBJECT.replace("offer", "teaser")
    known = scene.store.learnt.snapshots([subject], scene.now)[subject].values

    assert sum(first.values()) == 2
    assert fates(scene) == dict.fromkeys(("ada", "bob", "eve"), "missed")
    assert sum(counts(scene, subject).values()) == 1
    assert sum(values[2] for values in known.values()) == 3


def test_who_stays_in_an_earlier_version_is_asked_by_that(store: Store) -> None:
    """The split is gone from the journey, and somebody is still inside it."""
    long = offer().replace("1 day", "20 days")
    scene = scene_of(long, head="people inside: stay", store=store)
    enter(scene, "ada")

    scene.edit(journey("  - {id: pause, wait: 30 days}", head="people inside: stay"))
    scene.after(DAY)
    scene.event("purchase", "ada", total="10 EUR")
    scene.after(8 * DAY)

    assert fates(scene) == {"ada": "reached"}
    assert sum(counts(scene).values()) == 1


def test_who_has_a_path_keeps_it_in_every_round() -> None:
    """Whatever is learnt between two rounds."""
    rounds = """
  - id: again
    repeat: up to 3 times
    do:
      - id: offer
        split:
          left: [{id: at_left, wait: 5 days}]
          right: [{id: at_right, wait: 5 days}]
        optimise for: did buy within 1 day after offer
        keep exploring: 0%
"""
    scene = scene_of(rounds)
    people = [f"p{number}" for number in range(8)]
    enter(scene, *people)
    given = {each.person: each.path for each in assignments(scene)}
    for name in people:
        if given[name] == "left":
            scene.event("purchase", name, total="10 EUR")

    scene.after(6 * DAY)

    assert {name: scene.runs(name)[0].steps["offer"].path for name in people} == given
    assert {scene.runs(name)[0].steps["again"].round for name in people} == {2}
    assert len(assignments(scene)) == len(people)


def test_a_new_draw_at_every_entry_is_one_by_what_is_learnt() -> None:
    scene = scene_of(
        "  - id: offer\n    split: {a: [{stop: x}], b: [{stop: y}]}\n"
        f"    optimise for: {TARGET}\n    reassign: every time\n"
    )

    scene.person("ada")
    for _ in range(20):
        scene.event("signed_up", "ada")
        scene.after(HOUR)

    assert {each.path for each in assignments(scene)} == {"a", "b"}
    assert len({each.id for each in assignments(scene)}) == 20
