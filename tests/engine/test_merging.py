"""Two people turn out to be one: nothing is lost, nothing is done twice. In every store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from dsl.calendar import DAY, HOUR, MINUTE
from engine.core.signals import Erased, MergeAsked
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.engine.scene import Scene, journey
from tests.postgres import address_of, emptied

DEVICE = "anonymous:7c1f"
WAIT = "  - {id: greet, send: hello, to: email}\n  - {id: pause, wait: 7 days}\n"
OFFER = (
    "  - {id: pause, wait: 2 hours}\n"
    "  - {id: tell, send: offer, with: {discount: = 10}, to: email}\n"
    "  - {id: rest, wait: 30 days}\n"
)
SEGMENTS = {"segments.yaml": "segments:\n  buyers: {who: did buy}\n"}


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    match request.param:
        case "memory":
            made: Store = MemoryStore()
        case "sqlite":
            made = open_store(f"sqlite:///{tmp_path / 'wayline.db'}")
        case _:
            database: URL = request.getfixturevalue("postgres")
            made = emptied(address_of(database))
    yield made
    made.close()


Stage = Callable[..., Scene]


@pytest.fixture
def stage(store: Store) -> Stage:
    return lambda *journeys, **more: Scene(*journeys, store=store, **more)


def merge(
    scene: Scene, loser: str = DEVICE, winner: str = "ada", by: str = "identify", named: str = ""
) -> None:
    name = named or f"merge {loser} {winner}"
    scene.take(MergeAsked(name, loser, scene.now, 0, winner, by))
    scene.after(MINUTE)


def test_the_older_run_of_a_journey_goes_on_and_says_nothing_twice(stage: Stage) -> None:
    """Decision 10: the younger leaves with ``merged``, and what it has sent is not sent again."""
    scene = stage(
        journey(
            "  - {id: before, wait: 3 days}\n" + WAIT,
            head="trigger: {event: viewed}",
        ),
        journey(WAIT, "other"),
    )
    scene.person(DEVICE)
    scene.event("viewed", DEVICE)
    scene.after(DAY)
    scene.person("ada")
    scene.event("viewed", "ada")
    scene.event("signed_up", "ada")

    merge(scene)

    assert scene.runs(DEVICE) == []
    runs = {(run.journey, run.outcome, run.status): run for run in scene.runs("ada")}
    younger = runs["welcome", "merged", "closed"]
    assert [*map(len, (runs, scene.runs("ada")))] == [3, 3]
    assert runs["other", "", "live"].unit == "ada"
    stays = runs["welcome", "", "live"]
    assert scene.clock(stays.entered) == "2026-03-02 10:00"
    assert stays.unit == DEVICE
    assert {run.person for run in runs.values()} == {"ada"}
    scene.after(10 * DAY)
    assert scene.sent == ["2026-03-03 10:00 hello email", "2026-03-05 10:00 hello email"]
    left = [(d.run, d.reason) for d in scene.decisions("ada") if d.what == "left"]
    assert (younger.id, "merged") in left


def test_a_step_that_the_younger_run_has_done_is_not_done_again_by_the_older(
    stage: Stage,
) -> None:
    scene = stage(
        journey(
            '  - if: tier is "gold"\n    then:\n      - {id: greet, send: hello, to: email}\n'
            "  - {id: pause, wait: 3 days}\n  - {id: again, wait: 1 day}\n"
        )
    )
    scene.person(DEVICE)
    scene.event("signed_up", DEVICE)
    scene.after(DAY)
    scene.person("ada", tier="gold")
    scene.event("signed_up", "ada")

    merge(scene)

    (stays,) = [run for run in scene.runs("ada") if run.status == "live"]
    assert stays.steps["greet"].channel == "email"
    assert scene.clock(stays.entered) == "2026-03-02 10:00"


def test_histories_are_joined_and_start_nothing_again(stage: Stage) -> None:
    scene = stage(
        journey(WAIT, head="trigger: {event: purchase}\nre-enter: any time"),
        journey(WAIT, "club", head="trigger: {enters segment: buyers}"),
        files=SEGMENTS,
    )
    scene.person(DEVICE)
    scene.event("purchase", DEVICE, total="10 EUR")
    scene.person("ada")
    scene.event("viewed", "ada")
    scene.after(HOUR)
    assert scene.story(DEVICE, "entered") == ["entered purchase", "entered segment buyers entered"]

    merge(scene)

    view = scene.store.people(["ada"], ["purchase", "viewed"])["ada"]
    assert {name: len(each) for name, each in view.history.items()} == {
        "purchase": 1,
        "viewed": 1,
    }
    assert view.profile.segments == {"buyers": True}
    assert sorted(run.journey for run in view.runs if run.status == "live") == ["club", "welcome"]
    assert scene.store.people([DEVICE], ["purchase"])[DEVICE].history == {"purchase": []}
    scene.after(DAY)
    assert scene.story("ada", "entered") == ["entered purchase", "entered segment buyers entered"]


def test_a_goal_that_is_reached_by_both_together_is_reached(stage: Stage) -> None:
    scene = stage(
        journey(WAIT, head="goal: sum of purchase.total >= 50 EUR"),
    )
    scene.person(DEVICE)
    scene.event("purchase", DEVICE, total="30 EUR")
    scene.person("ada")
    scene.event("purchase", "ada", total="30 EUR")
    scene.event("signed_up", "ada")
    scene.after(HOUR)

    merge(scene)

    assert "left goal" in scene.story("ada", "left")


def test_caps_add_up(stage: Stage) -> None:
    policy = "frequency caps:\n  - 2 per 7 days\n"
    more = journey(OFFER, "more", head="trigger: {event: viewed}")
    scene = stage(journey(OFFER), more, policy=policy)
    scene.person(DEVICE)
    scene.event("signed_up", DEVICE)
    scene.after(3 * HOUR)
    scene.person("ada")
    scene.event("signed_up", "ada")
    scene.after(3 * HOUR)
    assert len(scene.sent) == 2

    merge(scene)
    scene.event("viewed", "ada")
    scene.after(3 * HOUR)

    assert "passed over capped email" in scene.story("ada")
    assert len(scene.sent) == 2


def test_what_one_has_withdrawn_stays_withdrawn_and_the_ledger_keeps_all_words(
    stage: Stage,
) -> None:
    """A withdrawal on the device holds against a grant that the account gave later."""
    scene = stage(journey(OFFER))
    scene.person(DEVICE)
    scene.event("consent_withdrawn", DEVICE, category="promotional", channel="email")
    scene.after(HOUR)
    scene.person("ada", consent="promotional/email")
    scene.event("signed_up", "ada")
    granted = scene.now

    merge(scene)
    scene.after(3 * HOUR)

    assert scene.sent == []
    assert "passed over consent email" in scene.story("ada")
    consents = scene.store.people(["ada"], ())["ada"].profile.consents
    assert consents["promotional/email"] == -granted
    words = [(e.word, e.category, e.channel, e.method) for e in scene.store.consents("ada")]
    assert sorted(words) == [
        ("granted", "promotional", "*", ""),
        ("granted", "promotional", "email", ""),
        ("withdrawn", "promotional", "email", ""),
        ("withdrawn", "promotional", "email", "merge"),
    ]
    scene.event("consent_granted", "ada", category="promotional", channel="email")
    assert scene.store.people(["ada"], ())["ada"].profile.consents["promotional/email"] > 0


def test_a_message_that_waits_to_be_handed_over_is_judged_by_the_consent_of_both(
    stage: Stage,
) -> None:
    """It was decided for the device, and the account has said no."""
    quiet = "quiet hours:\n  - on: email\n    from: 18:00 to 09:00\n"
    scene = stage(journey(OFFER), policy=quiet, start="2026-03-02 15:30")
    scene.person(DEVICE)
    scene.event("signed_up", DEVICE)
    scene.person("ada", consent=None)
    scene.event("consent_withdrawn", "ada", category="promotional")
    scene.after(HOUR)

    merge(scene)
    scene.after(2 * DAY)

    assert scene.sent == []


def test_what_still_arrives_for_the_old_name_is_of_the_person(stage: Stage) -> None:
    """Events, changes, receipts of messages sent before, and in the order in which they came."""
    scene = stage(journey(WAIT))
    scene.person(DEVICE)
    scene.event("signed_up", DEVICE)
    scene.person("ada")

    merge(scene)
    scene.event("purchase", DEVICE, total="10 EUR")
    scene.change(DEVICE, {"tier": "gold"})
    (sent,) = scene.adapter.accepted
    scene.receipt(sent.id, "delivered", person=DEVICE)
    scene.after(MINUTE)

    view = scene.store.people(["ada"], ["purchase", "message_delivered", "message_sent"])["ada"]
    assert [len(each) for each in view.history.values()] == [1, 1, 1]
    assert view.profile.attributes["tier"] == "gold"
    assert [each.person for each in scene.store.deliveries_of("ada")] == ["ada"]


def test_what_came_together_with_the_merge_is_joined_whoever_is_looked_at_first(
    stage: Stage,
) -> None:
    scene = stage(journey(WAIT, head="exit if: did buy"))
    scene.limit = 1
    scene.person(DEVICE)
    scene.person("ada")
    scene.event("signed_up", DEVICE)
    now = scene.now

    scene.store.append([MergeAsked("m", DEVICE, now, 0, "ada", "identify")])
    scene.event("purchase", DEVICE, total="10 EUR")
    scene.after(MINUTE)

    assert "left exit if" in scene.story("ada", "left")
    assert len(scene.store.people(["ada"], ["purchase"])["ada"].history["purchase"]) == 1


def test_the_later_told_address_is_used_and_the_other_kept(stage: Stage) -> None:
    scene = stage(journey(WAIT))
    scene.person("ada")
    scene.after(HOUR)
    scene.person(DEVICE)

    merge(scene)

    profile = scene.store.people(["ada"], ())["ada"].profile
    assert profile.addresses["email"] == f"{DEVICE}@example.com"
    assert "email ada@example.com" in profile.identity.also
    assert profile.attributes["email"] == f"{DEVICE}@example.com"


def test_forgetting_whoever_has_absorbed_others_forgets_them_all(stage: Stage) -> None:
    scene = stage(journey(WAIT))
    scene.person(DEVICE)
    scene.event("signed_up", DEVICE)
    scene.person("ada")
    merge(scene)
    scene.event("viewed", DEVICE)

    scene.take(Erased("gone", DEVICE, scene.now, 0))
    scene.after(MINUTE)

    assert scene.store.people(["ada", DEVICE], ["viewed"]) == {}
    assert scene.store.decisions("ada") == []
    scene.event("viewed", DEVICE)
    assert list(scene.store.people(["ada", DEVICE], ["viewed"])) == [DEVICE]


def test_whoever_goes_into_somebody_after_they_were_forgotten_begins_a_new_life_with_them(
    stage: Stage,
) -> None:
    """Both come in at one instant; and what is said of either from then on is of the one."""
    scene = stage(journey(WAIT))
    scene.limit = 1
    scene.person(DEVICE)
    scene.person("ada")
    now = scene.now
    scene.store.append(
        [Erased("gone", "ada", now, 0), MergeAsked("m", DEVICE, now, 0, "ada", "identify")]
    )
    scene.after(MINUTE)

    assert [each.person for each in scene.store.names("ada")] == [DEVICE]
    assert scene.story("ada", "joined") == [f"joined {DEVICE}"]
    scene.take(Erased("again", DEVICE, scene.now, 0))
    scene.after(MINUTE)
    assert scene.store.people(["ada", DEVICE], ()) == {}


def test_an_anonymous_name_belongs_to_the_first_known_person_it_was_joined_with(
    stage: Stage,
) -> None:
    """Somebody else at the same tablet does not get what was done before."""
    scene = stage(journey(WAIT))
    scene.person(DEVICE)
    scene.person("ada")
    scene.person("bob")
    merge(scene)

    merge(scene, DEVICE, "bob")
    merge(scene, DEVICE, "ada", named="said again")

    assert [each.person for each in scene.store.names("ada")] == [DEVICE]
    assert scene.store.names("bob") == []
    assert scene.story("bob", "joined", "not joined") == [
        "not joined it belongs to another person already"
    ]
    assert scene.story("ada", "joined", "not joined") == [f"joined {DEVICE}"]


def test_circles_are_refused_and_chains_are_gone_to_their_end(stage: Stage) -> None:
    scene = stage(journey(WAIT))
    for name in ("ada", "bob", "eve"):
        scene.person(name)
    now = scene.now
    asked = [("ada", "bob"), ("bob", "eve"), ("eve", "ada")]
    scene.store.append([MergeAsked(f"{a} {b}", a, now, 0, b, "alias") for a, b in asked])
    scene.after(MINUTE)

    merged = {
        n: scene.store.people([n], ())[n].profile.identity.merged for n in ("ada", "bob", "eve")
    }
    (stays,) = [name for name, into in merged.items() if not into]
    assert {each.person for each in scene.store.names(stays)} == merged.keys() - {stays}
    scene.event("viewed", "ada")
    scene.event("viewed", "bob")
    scene.event("viewed", "eve")
    scene.after(MINUTE)
    assert len(scene.store.people([stays], ["viewed"])[stays].history["viewed"]) == 3
    refused = [d for n in merged for d in scene.store.decisions(n) if d.what == "not joined"]
    assert [d.reason for d in refused] == ["they are one person already"]


def test_two_known_people_become_one_only_if_somebody_says_so_who_may(stage: Stage) -> None:
    scene = stage(journey(WAIT))
    scene.person("ada")
    scene.person("bob")

    merge(scene, "bob", "ada", by="identify", named="1")
    merge(scene, "bob", "ada", by="browser", named="2")
    merge(scene, "ada", DEVICE, by="alias", named="3")

    assert scene.store.names("ada") == []
    assert scene.store.names(DEVICE) == []
    merge(scene, "bob", "ada", by="alias", named="4")
    assert [each.person for each in scene.store.names("ada")] == ["bob"]


def test_no_more_than_a_hundred_a_day_become_one_person(stage: Stage) -> None:
    scene = stage(journey(WAIT))
    names = [f"anonymous:{number}" for number in range(120)]
    now = scene.now
    scene.store.append([MergeAsked(f"m{n}", n, now, 0, "ada", "browser") for n in names])
    scene.after(MINUTE)

    assert len(scene.store.names("ada")) == 100
    refused = [d for n in names for d in scene.store.decisions(n) if d.what == "not joined"]
    assert len(refused) == 20
    merge(scene, "anonymous:again", "ada")
    assert len(scene.store.names("ada")) == 100
    scene.after(2 * DAY)
    merge(scene, "anonymous:late", "ada")
    assert len(scene.store.names("ada")) == 101


def test_a_person_nobody_knew_is_drawn_as_the_device_was(stage: Stage) -> None:
    """The bucket unit is the name at first use: whoever signs up stays in their group."""
    scene = stage(journey(WAIT))
    scene.person(DEVICE)
    scene.after(HOUR)
    scene.person("ada")

    merge(scene)

    assert scene.store.people(["ada"], ())["ada"].profile.unit == DEVICE
