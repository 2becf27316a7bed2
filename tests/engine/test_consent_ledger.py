"""The rules of consent, held by the whole engine: C1 to C6."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dsl.calendar import DAY, HOUR, MINUTE
from engine.core.keeping import Keeping
from engine.keeper import Keeper
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.why import Names, as_data, as_text, tell
from engine.why.proofs import rests_on
from tests.engine.scene import SHOP, Scene, journey

POLICY = SHOP["policy.yaml"].replace(
    "promotional: {consent: required}",
    "promotional: {consent: required}\n  similar: {consent: required, existing customers: yes}",
)
FILES = {"policy.yaml": POLICY}

HELLO = journey("  - {id: hello, send: hello, to: email}")
LATER = journey("  - {id: pause, wait: 1 day}\n  - {id: hello, send: hello, to: email}")
SIMILAR = journey(
    "  - {id: hello, send: hello, to first of: [email, push]}", head="category: similar"
)


def names_of(scene: Scene) -> Names:
    project = scene.program.project
    return Names.of(project.plan, scene.zone, (), project.policy.categories)


# ---------------------------------------------------------------------------------- C1: proof


def test_c1_every_message_that_needs_consent_rests_on_a_word_valid_when_it_left() -> None:
    scene = Scene(HELLO, start="2026-03-02 10:00")
    scene.person(consent=None)
    for day, event, more in (
        ("03", "consent_granted", {"method": "form", "wording": "v1", "channel": "email"}),
        ("04", "consent_granted", {"method": "preference centre", "wording": "v2"}),
        ("05", "consent_withdrawn", {"category": "*", "method": "one-click"}),
        ("06", "consent_granted", {"method": "double opt-in", "wording": "v3"}),
    ):
        scene.until(f"2026-03-{day} 09:00")
        scene.event("signed_up")
        scene.after(MINUTE)
        scene.event(event, **{"category": "promotional", **more})
        scene.after(HOUR - MINUTE)
        scene.event("signed_up")

    words = scene.store.consents("ada")
    found = []
    for decision in scene.store.decisions("ada"):
        if decision.what == "handed over":
            category = scene.program.policy.categories["promotional"]
            rests = rests_on(words, category, decision.channel, decision.at)
            assert rests is not None
            assert rests.stance.agrees
            assert rests.stance.entry is not None
            found.append((scene.clock(decision.at)[5:], rests.stance.entry.wording))

    assert found == [
        ("03-03 10:00", "v1"),
        ("03-04 09:00", "v1"),
        ("03-04 10:00", "v2"),
        ("03-05 09:00", "v2"),
        ("03-06 10:00", "v3"),
    ]


def test_c1_why_tells_on_which_words_a_message_was_sent() -> None:
    scene = Scene(HELLO)
    scene.person(consent=None)
    proof = {"method": "form", "source": "shop.example/news", "wording": "v3"}
    scene.event("consent_granted", category="promotional", **proof)
    scene.event("signed_up")

    story = tell(scene.store, "ada", names_of(scene))
    assert story is not None
    lines = [text for _, text in as_text(story)]
    place = next(index for index, line in enumerate(lines) if "sent hello on email" in line)
    assert lines[place + 1] == (
        "         agreed on 2 March 2026 by form, at shop.example/news, with the words v3"
    )
    (sent,) = [line for line in as_data(story)["days"][0]["lines"] if line["sort"] == "sent"]
    assert sent["consent"]["stands"] == "granted"
    assert sent["consent"]["word"]["wording"] == "v3"
    assert sent["consent"]["word"]["id"]


def test_c1_what_needs_no_consent_rests_on_none() -> None:
    scene = Scene(journey("  - {id: hello, send: hello, to: email}", head="category: service"))
    scene.person(consent=None)
    scene.event("signed_up")

    story = tell(scene.store, "ada", names_of(scene))
    assert story is not None
    assert [line.rests for line in story.lines if line.sort == "sent"] == [None]


# -------------------------------------------------------------------- C2 and C5: taking it back


@pytest.mark.parametrize(
    "taken_back",
    [
        {"category": "promotional"},
        {"category": "promotional", "channel": "email"},
        {"category": "*"},
        {"category": "*", "channel": "email", "method": "reply"},
    ],
    ids=str,
)
def test_c2_what_was_decided_is_not_handed_over_after_a_withdrawal(
    taken_back: dict[str, str],
) -> None:
    """It is enough that the withdrawal has been taken in: nobody has processed it yet."""
    scene = Scene(HELLO)
    scene.person()
    settle, scene.settle = scene.settle, lambda: None  # type: ignore[method-assign]
    scene.event("signed_up")
    scene.runner.run_once(scene.now)
    assert [each.status for each in scene.store.deliveries_of("ada")] == ["queued"]
    scene.event("consent_withdrawn", **taken_back)
    asyncio.run(scene.dispatcher.run_once(scene.now))
    scene.settle = settle  # type: ignore[method-assign]
    scene.settle()

    assert scene.sent == []
    assert scene.story("ada", "stopped") == [
        "stopped consent: no consent for promotional on email email"
    ]


def test_c5_an_objection_ends_everything_that_needs_consent_at_once() -> None:
    service = journey(
        "  - {id: pause, wait: 1 day}\n  - {id: hello, send: hello, to: email}",
        "order",
        "category: service",
    )
    scene = Scene(LATER, service)
    scene.person()
    scene.event("signed_up")
    scene.event("consent_withdrawn", category="*", method="reply", source="+49 30 901820")
    scene.after(2 * DAY)

    assert scene.sent == ["2026-03-03 10:00 hello email"]
    assert [each.category for each in scene.store.deliveries_of("ada")] == ["service"]


def test_a_withdrawal_that_is_heard_late_counts_from_when_it_was_said() -> None:
    scene = Scene(HELLO)
    scene.person(consent=None)
    scene.event("consent_granted", category="promotional", happened="2026-02-01 10:00")
    scene.event("consent_withdrawn", category="promotional", happened="2026-02-03 10:00")
    scene.event("consent_granted", category="promotional", happened="2026-02-02 10:00")
    scene.event("signed_up")

    assert scene.sent == []


# ---------------------------------------------------------------------------- C3: where it holds


def test_c3_a_consent_for_one_channel_is_none_for_another() -> None:
    scene = Scene(journey("  - {id: hello, send: hello, to first of: [sms, email, push]}"))
    scene.person(consent="promotional/push", phone="+4930901820")
    scene.event("signed_up")

    assert scene.sent == ["2026-03-02 10:00 hello push"]
    assert scene.story("ada", "passed over") == [
        "passed over consent sms",
        "passed over consent email",
    ]


# ----------------------------------------------------------------------- C4: existing customers


def buys(scene: Scene, **more: str) -> None:
    proof = {"basis": "existing customer", "sale": "4711", "channel": "email"}
    scene.event("consent_granted", category="similar", **{**proof, **more})


def test_c4_who_bought_gets_what_the_policy_lets_existing_customers_have() -> None:
    scene = Scene(SIMILAR, files=FILES)
    scene.person(consent=None)
    buys(scene)
    scene.event("signed_up")

    assert scene.sent == ["2026-03-02 10:00 hello email"]
    (delivery,) = scene.store.deliveries_of("ada")
    category = scene.program.policy.categories[delivery.category]
    rests = rests_on(scene.store.consents("ada"), category, delivery.channel, scene.now)
    assert rests is not None
    assert rests.stance.what == "existing customer"


@pytest.mark.parametrize(
    "lacking", [{"sale": ""}, {"channel": "push"}, {"category": "promotional"}], ids=str
)
def test_c4_without_a_sale_on_another_channel_or_in_another_category_it_is_none(
    lacking: dict[str, str],
) -> None:
    other = journey("  - {id: hello, send: hello, to: email}", name="other")
    scene = Scene(SIMILAR, other, files=FILES)
    scene.person(consent=None)
    buys(scene, **lacking) if "category" not in lacking else scene.event(
        "consent_granted", basis="existing customer", sale="4711", channel="email", **lacking
    )
    scene.event("signed_up")

    assert scene.sent == []


@pytest.mark.parametrize(
    "opt_out",
    [{"category": "similar"}, {"category": "similar", "channel": "push"}, {"category": "*"}],
)
def test_c4_any_opt_out_ends_it_for_good(opt_out: dict[str, str]) -> None:
    scene = Scene(SIMILAR, files=FILES)
    scene.person(consent=None)
    buys(scene)
    scene.event("consent_withdrawn", **opt_out)
    scene.after(DAY)
    buys(scene)
    scene.event("signed_up")

    assert scene.sent == []


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_c4_rules_see_existing_customers_live_and_in_an_audience(kind: str, tmp_path: Path) -> None:
    """Bob has opted out of everything, on another channel."""
    store = open_store(f"sqlite:///{tmp_path}/wayline.db") if kind == "sqlite" else MemoryStore()
    segments = "segments:\n  told: {who: subscribed to similar on email}\n"
    scene = Scene(SIMILAR, files={**FILES, "segments.yaml": segments}, store=store)
    for name in ("ada", "bob", "cid"):
        scene.person(name, consent=None)
    proof = {"basis": "existing customer", "sale": "1", "channel": "email"}
    for name in ("ada", "bob"):
        scene.event("consent_granted", name, category="similar", **proof)
    scene.event("consent_withdrawn", "bob", category="*", channel="sms")

    told = scene.program.project.segments["told"].who
    assert sorted(scene.store.audience(told, scene.program, scene.now)) == ["ada"]
    store.close()


# ----------------------------------------------------------------------------- C6: asked, only

CONFIRM = journey(
    "  - {id: please, send: hello, to: email}",
    name="confirm",
    head="category: service\ntrigger: {event: consent_requested}\nre-enter: any time",
)


def test_c6_who_has_only_asked_gets_one_confirmation_and_nothing_else() -> None:
    scene = Scene(CONFIRM, LATER)
    scene.person(consent=None)
    asked = {"category": "promotional", "channel": "email"}
    scene.event("consent_requested", **asked, method="form", wording="v3")
    scene.event("signed_up")
    scene.after(3 * DAY)
    assert [(each.journey, each.category) for each in scene.store.deliveries_of("ada")] == [
        ("confirm", "service")
    ]

    scene.event("consent_granted", **asked, method="double opt-in", wording="v3")
    scene.event("signed_up")
    scene.after(2 * DAY)
    assert scene.sent[1:] == ["2026-03-06 10:00 hello email"]


# ---------------------------------------------------------------------------------- the ledger


def test_no_retention_takes_a_word_away_and_consent_stands(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/wayline.db")
    scene = Scene(HELLO, store=store)
    scene.person(consent=None)
    scene.event("consent_granted", category="promotional", wording="v1")
    scene.after(DAY)
    scene.event("consent_withdrawn", category="*")
    scene.after(DAY)
    scene.event("consent_granted", category="promotional", channel="email")
    scene.until("2029-03-02 10:00")
    words = store.consents("ada")
    everything = Keeping(events=0, story=0, texts=0, deliveries=0, looked_back={}, remembered={})
    keeper = Keeper(store)
    while keeper.run_once(everything, scene.now, 100).more:
        pass
    assert store.people(["ada"], ["consent_granted"])["ada"].history == {"consent_granted": []}

    scene.event("signed_up")
    assert [(each.word, each.wording) for each in words] == [
        ("granted", "v1"),
        ("withdrawn", ""),
        ("granted", ""),
    ]
    assert store.consents("ada") == words
    assert scene.sent == ["2029-03-02 10:00 hello email"]
    store.close()


def test_an_opt_out_that_is_imported_counts_and_a_bare_grant_does_not() -> None:
    scene = Scene(HELLO)
    scene.person(consent=None)
    scene.event("consent_granted", category="promotional", method="import")
    scene.event("signed_up")
    assert scene.sent == []

    scene.event("consent_granted", category="promotional", method="import", source="till 2025")
    scene.event("signed_up")
    scene.event("consent_withdrawn", category="promotional", method="import")
    scene.event("signed_up")
    assert len(scene.sent) == 1


def test_nothing_that_is_known_of_somebody_grants_a_consent() -> None:
    scene = Scene(HELLO)
    scene.person(consent=None)
    scene.change("ada", {"promotional": True, "consent": "promotional/*"}, {"email": "a@b.example"})
    scene.event("signed_up")

    assert scene.sent == []
    assert scene.store.consents("ada") == []
