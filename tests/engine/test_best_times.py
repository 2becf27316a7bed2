"""Waiting for a best time, with everything around it: what people did, when it becomes known, and
what goes before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dsl.calendar import DAY, HOUR
from dsl.expr.context import Happened
from engine.core.signals import EventArrived
from engine.runner import Runner
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.engine.scene import Scene, journey

NEWS = """
  - {id: moment, wait until: best time on email within 12 hours}
  - {id: issue, send: hello, to: email}
"""
SEGMENTS = """
segments:
  staff: {who: email ends with "@shop.example"}
  golden: {who: tier is "gold" and did viewed in the last 30 days}
"""


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = MemoryStore() if request.param == "memory" else open_store(f"sqlite:///{tmp_path}/w.db")
    yield made
    made.close()


def scene_of(steps: str = NEWS, head: str = "", **more: object) -> Scene:
    """Monday, eight o'clock."""
    return Scene(journey(steps, head=head), start="2026-03-02 08:00", **more)  # type: ignore[arg-type]


def looked(
    scene: Scene, person: str, *when: str, name: str = "message_clicked", **more: str
) -> None:
    """Somebody opened or clicked, at these times."""
    for at in when:
        occurred = scene.at(at)
        event = Happened(name, occurred, scene.now, 0, {"channel": "email", **more})
        scene.take(EventArrived(f"{person} {at} {name} {more}", person, event))


def sent(scene: Scene) -> list[str]:
    return [line.removesuffix(" hello email") for line in scene.sent]


LAST_WEEK = ("2026-02-23 18:20", "2026-02-16 18:40")


def test_with_no_data_at_all_it_is_at_once() -> None:
    scene = scene_of()
    scene.person()

    scene.event("signed_up")

    assert sent(scene) == ["2026-03-02 08:00"]


def test_a_person_gets_it_when_they_tend_to_look(store: Store) -> None:
    """By their own history, without any snapshot; what they did elsewhere counts elsewhere."""
    scene = scene_of(store=store)
    scene.person()
    looked(scene, "ada", *LAST_WEEK)
    looked(scene, "ada", "2026-02-23 09:00", "2026-02-23 09:01", "2026-02-23 09:02", channel="push")

    scene.event("signed_up")
    scene.after(DAY)

    assert sent(scene) == ["2026-03-02 18:00"]


def test_without_a_channel_all_of_them_count() -> None:
    scene = scene_of(NEWS.replace(" on email", ""))
    scene.person()
    looked(scene, "ada", *LAST_WEEK)
    looked(scene, "ada", "2026-02-23 09:00", "2026-02-23 09:01", "2026-02-23 09:02", channel="push")

    scene.event("signed_up")
    scene.after(DAY)

    assert sent(scene) == ["2026-03-02 09:00"]


def test_machines_that_open_everything_are_not_listened_to() -> None:
    scene = scene_of()
    scene.person()
    looked(scene, "ada", *LAST_WEEK, name="message_opened", by="machine")
    looked(scene, "ada", "2026-02-23 11:00", name="message_opened", by="human")

    scene.event("signed_up")
    scene.after(DAY)

    assert sent(scene) == ["2026-03-02 11:00"]


def test_of_others_the_next_hour_knows(store: Store) -> None:
    """What people did is counted as it comes, and known from the next full hour on."""
    scene = scene_of(store=store)
    for name in ("ada", "bob", "eve"):
        scene.person(name)
    looked(scene, "eve", *LAST_WEEK)

    scene.event("signed_up", "ada")
    scene.after(HOUR - 1)
    early = sent(scene)
    scene.after(1)
    scene.event("signed_up", "bob")
    scene.after(DAY)

    assert early == ["2026-03-02 08:00"]
    assert sent(scene) == ["2026-03-02 08:00", "2026-03-02 18:00"]


def test_hours_are_those_of_whoever_looked() -> None:
    """Six in the evening is six in the evening, in Tokyo and in Berlin."""
    scene = scene_of()
    scene.person("ada")
    scene.person("yuki", time_zone="Asia/Tokyo")
    looked(scene, "yuki", "2026-02-23 18:20+09:00")
    scene.after(HOUR)

    scene.event("signed_up", "ada")
    scene.after(DAY)

    assert sent(scene) == ["2026-03-02 18:00"]


def test_the_segment_a_journey_is_for_goes_before_everybody(store: Store) -> None:
    """Those who were in it when they looked; here with a segment that asks about history."""
    scene = Scene(
        journey(
            NEWS,
            head="trigger: {schedule: every Tuesday at 08:00 in recipient's time zone, for: golden}",
        ),
        start="2026-03-02 08:00",
        files={"segments.yaml": SEGMENTS},
        store=store,
    )
    scene.person("ada", tier="gold")
    scene.person("bob", tier="gold")
    scene.event("viewed", "ada")
    scene.event("viewed", "bob")
    for number in range(130):
        scene.person(f"p{number}")
    for number in range(130):
        looked(scene, f"p{number}", "2026-02-24 19:00")
    for number in range(100):
        looked(scene, "bob", f"2026-02-24 10:{number % 60:02}", number=str(number))

    scene.until("2026-03-04 08:00")

    when = {
        scene.store.deliveries([m.id])[m.id].person: line
        for m, line in zip(scene.adapter.accepted, sent(scene), strict=True)
    }
    assert when == {"ada": "2026-03-03 10:00", "bob": "2026-03-03 10:00"}


def test_a_segment_counts_for_as_long_as_somebody_is_inside_who_came_by_it(store: Store) -> None:
    """The journey begins otherwise now, and nothing else asks about the segment's history."""
    steps = "  - {id: pause, wait: 5 days}" + NEWS
    weekly = "{schedule: every Monday at 09:00 in recipient's time zone, for: golden}"
    scene = Scene(
        journey(steps, head=f"people inside: stay\ntrigger: {weekly}"),
        start="2026-03-02 08:00",
        files={"segments.yaml": SEGMENTS},
        store=store,
    )
    scene.person("ada", tier="gold")
    scene.event("viewed", "ada")
    scene.after(HOUR)

    scene.edit(journey(steps, head="people inside: stay"))
    scene.person("bob", tier="gold")
    scene.event("viewed", "bob")
    scene.after(HOUR)
    looked(scene, "bob", "2026-03-02 08:30")

    subject = "times email golden"
    assert store.learnt.counts([subject]) == {subject: {"8": 1}}


def test_quiet_hours_are_left_out_while_another_hour_is_left() -> None:
    """What the category ignores is not quiet for it."""
    quiet = "\nquiet hours:\n  - {on: email, from: 17:30 to 08:00}\n"
    for head, expected in (("", "2026-03-02 17:00"), ("category: service", "2026-03-02 18:00")):
        scene = scene_of(head=head, policy=quiet)
        scene.person()
        looked(scene, "ada", *LAST_WEEK, "2026-02-23 17:10")

        scene.event("signed_up")
        scene.after(DAY)

        assert sent(scene) == [expected]


def test_without_a_channel_it_is_quiet_where_all_of_them_are() -> None:
    """Only push is, so nothing is left out."""
    quiet = "\nquiet hours:\n  - {on: push, from: 17:30 to 08:00}\n"
    scene = scene_of(NEWS.replace(" on email", ""), policy=quiet)
    scene.person()
    looked(scene, "ada", *LAST_WEEK, "2026-02-23 17:10")

    scene.event("signed_up")
    scene.after(DAY)

    assert sent(scene) == ["2026-03-02 18:00"]


def test_a_restart_within_the_hour_knows_no_more_than_the_hour(store: Store) -> None:
    """What was counted since is for the next one."""
    scene = scene_of(store=store)
    scene.person("ada")
    scene.person("eve")
    looked(scene, "eve", *LAST_WEEK)

    scene.runner = Runner(store, scene.program)
    scene.event("signed_up", "ada")

    assert sent(scene) == ["2026-03-02 08:00"]


def test_who_is_held_out_is_measured_for_as_long_as_it_may_take() -> None:
    """Half a day, wherever the best hour would have been."""
    scene = scene_of(NEWS, "holdout: 100%\ngoal: did buy since entry")
    scene.person()

    scene.event("signed_up")

    (run,) = scene.runs()
    assert run.due == run.entered + 12 * HOUR + 1


def test_what_happens_meanwhile_does_not_move_the_moment() -> None:
    """It was chosen on arrival; and an earlier one that is then found would be over."""
    scene = scene_of()
    scene.person()
    looked(scene, "ada", *LAST_WEEK)

    scene.event("signed_up")
    scene.after(HOUR)
    looked(scene, "ada", *(f"2026-02-23 09:{minute}" for minute in range(10, 20)))
    scene.after(2 * HOUR)
    meanwhile = sent(scene)
    scene.after(DAY)

    assert meanwhile == []
    assert sent(scene) == ["2026-03-02 18:00"]


def test_every_runtime_finds_the_same_time(store: Store) -> None:
    def live(scene: Scene) -> list[str]:
        for number in range(6):
            scene.person(f"p{number}", time_zone=("Asia/Tokyo", "Europe/Berlin")[number % 2])
        for day in range(3):
            for number in range(6):
                scene.event("signed_up", f"p{number}")
            scene.after((5 + day) * HOUR)
            for message in scene.adapter.accepted[-4:]:
                known = scene.store.deliveries([message.id])[message.id]
                scene.receipt(message.id, "clicked", person=known.person)
            scene.after((17 - day) * HOUR)
        return sent(scene)

    expected = live(scene_of())

    assert live(scene_of(store=store)) == expected
    assert live(scene_of(limit=1)) == expected
    assert len({line.split()[1] for line in expected}) > 2
