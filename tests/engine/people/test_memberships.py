"""Segments entered and left, as rules ask about them: they are part of a person's history."""

from __future__ import annotations

from pathlib import Path

from dsl.calendar import DAY, HOUR
from engine.store import open_store
from engine.store.protocol import Store
from engine.why.story import Names, as_text, tell
from tests.engine.scene import Scene, journey

GOLD = {"segments.yaml": 'segments:\n  best: {who: tier is "gold"}\n'}
WAIT = "  - {id: pause, wait: 1 month}\n"


def left(scene: Scene) -> list[tuple[str, str]]:
    return [(d.reason, scene.clock(d.at)) for d in scene.decisions() if d.what == "left"]


def test_a_guard_hears_of_it_with_the_input_that_made_the_person_a_member() -> None:
    scene = Scene(journey(WAIT, head="exit if: entered segment best since entry"), files=GOLD)
    scene.person(tier="silver")
    scene.event("signed_up")
    scene.after(2 * HOUR)
    scene.change("ada", {"tier": "gold"})

    assert left(scene) == [("exit if", "2026-03-02 12:00")]


def test_nobody_is_sent_anything_by_a_journey_that_excludes_those_who_just_came_in() -> None:
    """The purchase that starts the journey is what makes the person a member."""
    scene = Scene(
        journey(
            "  - {id: greet, send: hello, to: email}\n",
            head="trigger: {event: purchase}\nexclude if: entered segment buyers today",
        ),
        files={"segments.yaml": "segments:\n  buyers: {who: did buy}\n"},
    )
    scene.person()
    scene.event("purchase", total="10 EUR")
    assert scene.sent == []
    scene.after(DAY)
    scene.event("purchase", total="10 EUR")

    assert len(scene.sent) == 1


def test_who_is_in_a_segment_when_it_begins_to_matter_has_not_entered_it() -> None:
    scene = Scene(journey(WAIT), files=GOLD)
    scene.person("ada", tier="gold")
    later = Scene(journey(WAIT, head="exclude if: entered segment best"), files=GOLD)
    scene.runner.deploy(later.program)
    scene.store.wake_everyone(scene.now)
    scene.settle()
    scene.event("signed_up")

    assert scene.story("ada", "entered") == ["entered signed_up"]
    scene.change("ada", {"tier": "silver"})
    scene.change("ada", {"tier": "gold"})
    assert scene.story("ada", "left") == ["left exclude if"]


def test_a_new_person_enters_what_they_are_in() -> None:
    head = "trigger: {event: purchase}\neligible if: entered segment best in the last 7 days"
    scene = Scene(journey(WAIT, head=head), files=GOLD)
    scene.person("ada", tier="gold")
    scene.person("bob", tier="silver")
    for name in ("ada", "bob"):
        scene.event("purchase", name, total="1 EUR")

    assert scene.story("ada", "entered") == ["entered purchase"]
    assert scene.story("bob", "not entered") == ["not entered eligible if"]


def test_leaving_is_noticed_when_it_happens_by_itself() -> None:
    """Nobody does anything: thirty days after the last look the person is not active any more."""
    files = {"segments.yaml": "segments:\n  active: {who: did viewed in the last 3 days}\n"}
    steps = """
  - id: quiet
    wait until: left segment active since entry
    at most: 10 days
    then:
      - {id: greet, send: hello, to: email}
"""
    scene = Scene(journey(steps), files=files)
    scene.person()
    scene.event("viewed")
    scene.event("signed_up")
    scene.after(20 * DAY)

    assert [line[:16] for line in scene.sent] == ["2026-03-05 10:00"]


def test_a_window_closes_by_itself() -> None:
    steps = """
  - id: settled
    wait until: not entered segment best in the last 2 days
    at most: 10 days
    then:
      - {id: greet, send: hello, to: email}
"""
    scene = Scene(journey(steps), files=GOLD)
    scene.person(tier="gold")
    scene.after(DAY)
    scene.event("signed_up")
    scene.after(20 * DAY)

    assert [line[:16] for line in scene.sent] == ["2026-03-04 10:00"]


def test_a_segment_may_ask_who_came_into_another() -> None:
    """One input, two memberships, one after the other."""
    files = {
        "segments.yaml": 'segments:\n  best: {who: tier is "gold"}\n'
        "  fresh: {who: entered segment best in the last 2 days}\n"
    }
    up = journey("  - stop: up\n", "up", "trigger: {enters segment: fresh}")
    down = journey("  - stop: down\n", "down", "trigger: {leaves segment: fresh}")
    scene = Scene(up, down, files=files)
    scene.person(tier="silver")
    scene.after(DAY)
    scene.change("ada", {"tier": "gold"})
    scene.after(5 * DAY)

    assert left(scene) == [("up", "2026-03-03 10:00"), ("down", "2026-03-05 10:00")]


def test_what_a_journey_does_to_a_segment_is_an_input_of_its_own() -> None:
    """One journey makes the person a member; the other leaves at once because of it."""
    maker = journey('  - set profile: {tier: "gold"}\n', "maker", "trigger: {event: purchase}")
    leaver = journey(WAIT, "leaver", "exit if: entered segment best since entry\npriority: 90")
    scene = Scene(maker, leaver, files=GOLD)
    scene.person(tier="silver")
    scene.event("signed_up")
    scene.after(HOUR)
    scene.event("purchase", total="1 EUR")

    assert ("exit if", "2026-03-02 11:00") in left(scene)


def test_only_what_rules_ask_about_is_kept() -> None:
    """A segment that merely starts a journey leaves nothing in the log."""
    asking = journey(WAIT, "asking", "exit if: entered segment best since entry")
    starting = journey("  - stop: up\n", "starting", "trigger: {leaves segment: best}")
    maker = journey('  - set profile: {tier: "silver"}\n', "maker", "trigger: {event: purchase}")
    names = ["segment best entered", "segment best left"]
    scene = Scene(asking, starting, maker, files=GOLD)
    scene.person(tier="gold")
    scene.change("ada", {"tier": "silver"})
    scene.change("ada", {"tier": "gold"})
    scene.event("purchase", total="1 EUR")
    assert scene.story("ada", "left") == ["left up", "left end", "left up"]
    history = scene.store.people(["ada"], names)["ada"].history

    assert [len(history[name]) for name in names] == [2, 0]


def test_a_journey_that_starts_by_a_segment_remembers_who_was_in_it() -> None:
    head = "trigger: {enters segment: best}\nre-enter: never"
    scene = Scene(journey("  - stop: up\n", head=head), files=GOLD)
    scene.person(tier="gold")
    scene.after(DAY)
    scene.change("ada", {"tier": "silver"})
    scene.after(DAY)
    scene.change("ada", {"tier": "gold"})

    assert scene.story("ada", "entered", "not entered") == [
        "entered segment best entered",
        "not entered re-enter",
    ]


def test_two_rules_that_come_true_at_one_instant_both_do() -> None:
    """Whichever timer fires first must not put the other one off."""
    steps = """
  - id: quiet
    wait until: did not viewed in the last 2 days
    at most: 20 days
    then:
      - {id: greet, send: hello, to: email}
"""
    scene = Scene(journey(steps, "one"), journey(steps, "two"), journey(steps, "three"))
    scene.person()
    scene.event("viewed")
    scene.event("signed_up")
    scene.after(30 * DAY)

    assert [line[:16] for line in scene.sent] == ["2026-03-04 10:00"] * 3


def test_the_story_of_a_person_tells_it() -> None:
    scene = Scene(journey(WAIT, head="exit if: left segment best since entry"), files=GOLD)
    scene.person(tier="gold")
    scene.event("signed_up")
    scene.after(2 * HOUR)
    scene.change("ada", {"tier": "silver"})
    project = scene.program.project
    story = tell(scene.store, "ada", Names.of(project.plan, scene.zone, project.segments))

    assert story is not None
    told = [line.strip() for _, line in as_text(story)]
    assert "12:00  segment best left" in told


def test_it_says_the_same_in_batches_of_any_size_and_in_a_database(tmp_path: Path) -> None:
    """Two people, whose segments change by what they do, by a journey and by themselves."""
    files = {
        "segments.yaml": 'segments:\n  best: {who: tier is "gold"}\n'
        "  fresh: {who: entered segment best in the last 2 days}\n"
        "  busy: {who: did viewed in the last 3 days}\n"
    }
    maker = journey('  - set profile: {tier: "gold"}\n', "maker", "trigger: {event: purchase}")
    leaver = journey(WAIT, "leaver", "exit if: left segment fresh since entry")
    busy = journey(WAIT, "busy", "trigger: {enters segment: busy}\nexit if: left segment busy")

    def story(store: Store | None, limit: int) -> list[list[str]]:
        scene = Scene(maker, leaver, busy, files=files, store=store, limit=limit)
        for name in ("ada", "bob"):
            scene.person(name, tier="silver")
            scene.event("signed_up", name)
            scene.event("viewed", name)
        scene.after(HOUR)
        scene.event("purchase", "ada", total="1 EUR")
        scene.after(9 * DAY)
        return [
            [f"{scene.clock(d.at)} {d.journey} {d.what} {d.reason}" for d in scene.decisions(name)]
            for name in ("ada", "bob")
        ]

    first = story(None, 1000)

    assert "2026-03-04 11:00 leaver left exit if" in first[0]
    assert "2026-03-05 10:00 busy left exit if" in first[1]
    assert story(None, 1) == first
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    assert story(store, 1) == first
    store.close()


def test_a_segment_that_no_journey_asks_about_is_true_all_the_same() -> None:
    """It may be counted at any time, and somebody will deploy a journey for it one day."""
    files = {
        "segments.yaml": 'segments:\n  best: {who: tier is "gold"}\n'
        "  fresh: {who: entered segment best in the last 2 days}\n"
    }
    scene = Scene(journey(WAIT), files=files)
    scene.person("ada", tier="silver")
    scene.person("bob", tier="gold")
    scene.after(9 * DAY)
    scene.change("ada", {"tier": "gold"})
    fresh = scene.program.project.segments["fresh"].who

    assert list(scene.store.audience(fresh, scene.program, scene.now)) == ["ada"]


def test_whoever_comes_in_twice_at_one_instant_enters_twice() -> None:
    """Two inputs of the same microsecond: each passage is a run of its own, with its own message."""
    head = "trigger: {enters segment: best}\nre-enter: any time"
    hello = journey("  - {id: greet, send: hello, to: email}", head=head)
    scene = Scene(hello, files=GOLD, policy="frequency caps:\n  - 9 per day\n")
    scene.person(tier="silver")
    for tier in ("gold", "silver", "gold"):
        scene.change("ada", {"tier": tier})

    runs = scene.runs()
    assert [each.outcome for each in runs] == ["end", "end"]
    assert len({each.id for each in runs}) == 2
    assert len(scene.sent) == 2
