"""Splits that learn, in journeys that change while people are inside, loop, or are entered again."""

from __future__ import annotations

import pytest

from dsl.calendar import DAY, HOUR
from tests.engine.learning import (
    EXACT,
    SCOPE,
    TARGET,
    assignments,
    counts,
    enter,
    fates,
    offer,
    scene_of,
)
from tests.engine.scene import Scene, journey, program_of


def deploy(scene: Scene, steps: str) -> None:
    scene.files["journeys/0.yaml"] = journey(steps)
    scene.program = program_of(scene.files)
    scene.runner.deploy(scene.program)


def test_a_path_that_was_removed_leaves_its_people_to_the_others() -> None:
    """What they did is counted still, and nobody new gets it."""
    scene = scene_of(offer("a b c"))
    enter(scene, *(f"p{number}" for number in range(12)))
    gone = [each.person for each in assignments(scene) if each.path == "c"]

    deploy(scene, offer("a b"))
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

    deploy(scene, offer("a b c"))
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

    deploy(scene, offer(target=longer))
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
        "  - {id: pause, wait: 30 days}",
    ],
)
def test_where_the_split_is_another_one_nobody_counts(steps: str) -> None:
    """Drawn anew, renamed without a word, or removed: what became of them is about something else."""
    scene = Scene(journey(offer()), journey(offer(), "second"), policy=EXACT)
    enter(scene, "ada")

    deploy(scene, steps)
    scene.after(8 * DAY)

    assert fates(scene) == {"ada": "void"}
    assert counts(scene) == {}


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
