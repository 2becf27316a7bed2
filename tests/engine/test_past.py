"""What was so before anybody looked is history: it is known, it counts, and it starts nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.calendar import DAY, HOUR
from dsl.expr.context import Happened
from engine.core.past import PAST
from engine.core.signals import Arrival, EventArrived, ProfileChanged
from tests.engine.scene import Scene, journey

GOLD = {"segments.yaml": 'segments:\n  best: {who: tier is "gold"}\n  buyers: {who: did buy}\n'}
WAIT = "  - {id: pause, wait: 1 month}\n"
ENTERS = journey(WAIT, head="trigger: {enters segment: best}", name="gilded")


def known(scene: Scene, person: str = "ada", **attributes: Any) -> ProfileChanged:
    scene_id = f"{PAST}{person}:{sorted(attributes.items())}"
    return ProfileChanged(scene_id, person, scene.now, 0, attributes, {"email": "a@example.com"})


def did(scene: Scene, event: str, person: str = "ada", ago: int = HOUR, **values: Any) -> Arrival:
    happened = Happened(event, scene.now - ago, scene.now, 0, values)
    return EventArrived(f"{PAST}{person}:{event}:{ago}", person, happened)


def bring(scene: Scene, *arrivals: Arrival) -> None:
    wake = scene.now if scene.program.keeps_calendars else None
    scene.store.imports.bring(arrivals, "file", str, wake)
    scene.settle()


def entered(scene: Scene, person: str = "ada") -> list[str]:
    return scene.story(person, "entered")


@pytest.mark.parametrize("is_known", [False, True])
def test_an_event_of_the_past_starts_no_journey_however_young_it_is(*, is_known: bool) -> None:
    scene = Scene(journey(WAIT))
    if is_known:
        scene.person()
    bring(scene, did(scene, "signed_up", ago=0))

    assert entered(scene) == []
    scene.event("signed_up")
    assert entered(scene) == ["entered signed_up"]


PAST_OF_SOMEBODY = st.one_of(
    st.tuples(st.just("did"), st.sampled_from(["signed_up", "purchase"]), st.integers(0, 400)),
    st.tuples(st.just("is"), st.just("tier"), st.sampled_from(["gold", "silver", None])),
)
STARTS = (
    journey(WAIT),
    journey(WAIT, head="trigger: {enters segment: best}", name="gilded"),
    journey(WAIT, head="trigger: {leaves segment: best}", name="fallen"),
    journey(WAIT, head="trigger: {enters segment: buyers}", name="bought"),
)


@settings(max_examples=12)
@given(
    st.lists(st.lists(st.tuples(st.sampled_from(["ada", "bob"]), PAST_OF_SOMEBODY), max_size=5)),
    st.sampled_from([None, "silver", "gold"]),
)
def test_nothing_of_the_past_ever_starts_a_journey(
    parts: list[list[tuple[str, tuple[str, str, Any]]]], tier: str | None
) -> None:
    """Whatever is brought in, in whichever parts, of people who are known and who are not."""
    scene = Scene(*STARTS, files=GOLD)
    if tier is not None:
        scene.person(tier=tier)
    before = entered(scene)
    for place, part in enumerate(parts):
        scene.after(place)
        lines = [
            known(scene, who, **{name: value})
            if kind == "is"
            else did(scene, name, who, ago=value * HOUR)
            for who, (kind, name, value) in part
        ]
        bring(scene, *lines)

    assert entered(scene) == before
    assert entered(scene, "bob") == []


@pytest.mark.parametrize("is_known", [False, True])
def test_nobody_enters_a_segment_by_what_was_always_so(*, is_known: bool) -> None:
    scene = Scene(ENTERS, files=GOLD)
    if is_known:
        scene.person(tier="silver")
    bring(scene, known(scene, tier="gold"))

    assert entered(scene) == []
    scene.change("ada", {"tier": "silver"})
    scene.change("ada", {"tier": "gold"})
    assert entered(scene) == ["entered segment best entered"]


def test_a_segment_is_left_by_whoever_was_always_in_it() -> None:
    leaves = journey(WAIT, head="trigger: {leaves segment: best}")
    scene = Scene(leaves, files=GOLD)
    bring(scene, known(scene, tier="gold"))
    scene.change("ada", {"tier": "silver"})

    assert entered(scene) == ["entered segment best left"]


def test_what_arrived_before_still_counts_as_news() -> None:
    """Both wait for one batch: the change was told, and then the past was brought in."""
    scene = Scene(ENTERS, files=GOLD)
    scene.person(tier="silver")
    told = ProfileChanged("told", "ada", scene.now, 0, {"tier": "gold"}, {})
    scene.store.append([told])
    bring(scene, known(scene, visits=3), did(scene, "purchase", total=100))

    assert entered(scene) == ["entered segment best entered"]


def test_what_arrives_afterwards_is_judged_with_the_past() -> None:
    rule = "trigger: {event: purchase}\neligible if: did buy at least 3 times"
    scene = Scene(journey(WAIT, head=rule))
    bring(scene, *[did(scene, "purchase", ago=days * DAY, total=100) for days in (40, 50)])
    scene.event("purchase", total="1 EUR")

    assert entered(scene) == ["entered purchase"]


def test_who_is_inside_leaves_by_what_was_so() -> None:
    scene = Scene(journey(WAIT, head='exit if: tier is "gold"'))
    scene.person()
    scene.event("signed_up")
    bring(scene, known(scene, tier="gold"))

    assert scene.story("ada", "left") == ["left exit if"]


def test_a_purchase_that_was_told_late_reaches_the_goal() -> None:
    scene = Scene(journey(WAIT, head="goal: did buy since entry"))
    scene.person()
    scene.event("signed_up")
    scene.after(3 * DAY)
    bring(scene, did(scene, "purchase", ago=DAY, total=100))

    assert scene.story("ada", "left") == ["left goal"]


def test_a_date_that_is_still_to_come_comes() -> None:
    head = "trigger: {date: renewal_date, at: 09:00}"
    scene = Scene(journey(WAIT, head=head))
    bring(
        scene,
        known(scene, renewal_date="2026-03-04"),
        known(scene, "bob", renewal_date="2026-03-01"),
    )
    scene.after(5 * DAY)

    assert [entered(scene, name) for name in ("ada", "bob")] == [["entered date"], []]


def test_the_same_without_the_mark_starts_what_it_starts() -> None:
    scene = Scene(journey(WAIT))
    news = did(scene, "signed_up", ago=0)._replace(id="news")
    bring(scene, news)

    assert entered(scene) == ["entered signed_up"]
