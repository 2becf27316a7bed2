"""A person's story says what they did, what was sent, what was not and why, on their own clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dsl import kinds
from dsl.kinds import Code, Money, Text
from dsl.plan import Event, Field, TrackingPlan
from engine.core.arbitrate import NOBODY
from engine.core.decision import Decision
from engine.core.effects import Delivery
from engine.why import Names, as_data, as_text, tell
from tests.engine.remembered import LONDON, Remembered, at, decided, happened, story, texts


def test_nobody_has_no_story() -> None:
    assert tell(Remembered(), "nobody", Names(LONDON, ())) is None


def test_the_clock_is_the_persons_own() -> None:
    memory = Remembered(
        {"visit": [happened("visit", "2011-07-01T23:30:00+00:00")]},
        attributes={"time_zone": "Australia/Sydney"},
    )

    shown = [text for _, text in as_text(story(memory))]

    assert "\nSaturday 2 July 2011" in shown
    assert "  09:30  visit" in shown


def test_without_a_zone_of_ones_own_the_country_decides_and_then_the_company() -> None:
    norwegian = story(Remembered(attributes={"country": "NO"}))
    unknown = story(Remembered())

    assert norwegian.zone.key == "Europe/Oslo"
    assert unknown.zone.key == "Europe/London"


def test_what_somebody_did_comes_before_what_it_led_to() -> None:
    memory = Remembered(
        {"visit": [happened("visit", "2011-07-01T10:00:00+00:00")]},
        [decided("entered", "visit", "2011-07-01T10:00:00+00:00")],
    )

    assert texts(memory) == ["visit", "entered welcome, by visit"]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("unreachable: the address is suppressed", "not reachable (the address is suppressed)"),
        (
            'unreachable: the approved template "hello" is paused: low quality',
            'not reachable (the approved template "hello" is paused: low quality)',
        ),
        (f"unreachable: {NOBODY}", "not reachable"),  # which is no more than that
        ("consent: not granted", "no consent"),
    ],
)
def test_why_somebody_could_not_be_reached_is_told(reason: str, told: str) -> None:
    stopped = decided("stopped", reason, "2011-07-01T10:00:00+00:00", channel="whatsapp", step="hi")

    (line,) = texts(Remembered(decisions=[stopped]))
    assert line == f"did not go out on whatsapp (welcome/hi): {told}"


def test_amounts_are_written_as_amounts() -> None:
    plan = TrackingPlan(
        "shop",
        {"email": Field("email", Text(), personal=True)},
        {
            "order": Event(
                "order",
                "Order",
                properties={
                    "id": Field("id", Code()),
                    "total": Field("total", Money("GBP")),
                    "fee": Field("fee", Money("JPY")),
                },
            )
        },
    )
    event = happened("order", "2011-07-01T10:00:00+00:00", id="o1", total=123456, fee=500)

    told = texts(Remembered({"order": [event]}), Names.of(plan, LONDON))

    assert told == ["order: id o1, total £1,234.56, fee JP¥500"]


def test_moments_are_told_on_the_person_s_own_clock() -> None:
    plan = TrackingPlan(
        "shop",
        {"trial_ends_at": Field("trial_ends_at", kinds.Instant())},
        {"booked": Event("booked", "Booked", properties={"at": Field("at", kinds.Instant())})},
    )
    moment = at("2011-07-01T23:30:00+00:00")
    memory = Remembered(
        {"booked": [happened("booked", "2011-07-01T10:00:00+00:00", at=moment)]},
        attributes={"time_zone": "Asia/Tokyo", "trial_ends_at": moment},
    )

    story = tell(memory, "u1", Names.of(plan, LONDON))

    assert story is not None
    assert [line.text for line in story.lines] == ["booked: at 2 July 2011, 08:30"]
    assert story.about[0] == "time_zone Asia/Tokyo, trial_ends_at 2 July 2011, 08:30"


def test_long_properties_are_cut_and_the_rest_is_counted() -> None:
    event = happened(
        "order_completed",
        "2011-07-01T10:00:00+00:00",
        note="x" * 100,
        lines=[{"sku": "a"}, {"sku": "b"}],
        empty="",
        gift=True,
        a=1,
        b=2,
        c=3,
    )

    (told,) = texts(Remembered({"order_completed": [event]}))

    assert told == f"order completed: note {'x' * 39}…, lines (2), gift yes, a 1, b 2, 1 more"


def test_personal_attributes_are_not_shown() -> None:
    memory = Remembered(attributes={"email": "ada@example.com", "tier": "gold"})

    about = story(memory, Names(LONDON, (), personal=frozenset({"email"}))).about

    assert about[0] == "tier gold"
    assert "ada@example.com" not in str(about)


def test_consent_is_told_as_it_stands() -> None:
    memory = Remembered(
        addresses={"email": "ada@example.com", "sms": "+447700900000"},
        consents={"promotional/email": 5, "promotional/sms": -7, "news/*": 3},
    )

    assert story(memory).about == (
        "can be reached on email, sms",
        "agreed to news, promotional on email",
        "withdrew promotional on sms",
    )


def test_a_message_is_told_once_with_its_headline() -> None:
    when = "2011-07-01T10:00:00+00:00"
    delivery = Delivery(
        id="d1",
        person="u1",
        journey="welcome",
        run="run1",
        step="hello",
        channel="email",
        category="promotional",
        message="welcome_hello",
        address="ada@example.com",
        parts={"subject": "Welcome!"},
        decided=at(when),
        due=at(when),
        expires=None,
    )
    memory = Remembered(
        {"message_sent": [happened("message_sent", when)]},
        [
            decided("sent", "welcome_hello", when, "hello", "email"),
            decided("handed over", "welcome_hello", when, "hello", "email"),
        ],
        [delivery],
    )

    assert texts(memory) == ["sent welcome_hello on email: “Welcome!” (welcome/hello)"]


NOW = "2011-07-01T10:00:00+00:00"


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (
            decided("dropped", "holdout", NOW, "hello", detail="in the company's holdout"),
            "sent nothing (welcome/hello): held out (in the company's holdout)",
        ),
        (
            decided("waits", "quiet", NOW, "hello", "push", "until 08:00"),
            "waits on push (welcome/hello): quiet hours (until 08:00)",
        ),
        (
            decided("stopped", "goal: did buy", NOW, "hello", "email"),
            "did not go out on email (welcome/hello): the goal was reached just before (did buy)",
        ),
        (
            decided("refused", "550 no such user", NOW, "hello", "email"),
            "did not go out on email (welcome/hello): 550 no such user",
        ),
        (
            decided("held out", "holdout", NOW, detail="the journey's holdout"),
            "held out of welcome: the journey's holdout",
        ),
        (
            decided("called", "crm", NOW, "task"),
            "asked the web service crm (welcome/task)",
        ),
        (
            decided("no answer", "it answered 503", NOW, "task", detail="crm"),
            "no answer from the web service crm (welcome/task): it answered 503",
        ),
        (
            decided("left", "failed", NOW, detail="crm: it answered 503"),
            "left welcome: a web service failed (crm: it answered 503)",
        ),
        (decided("converted", "goal", NOW), "reached the goal of welcome"),
        (decided("left", "something came back", NOW), "left welcome: something came back"),
        (
            decided("left", "goal", NOW, detail="did order since entry"),
            "left welcome: reached the goal (did order since entry)",
        ),
        (
            decided("not entered", "eligible if", NOW, detail="not: in segment vip"),
            "did not enter welcome (not eligible: in segment vip)",
        ),
    ],
)
def test_every_decision_has_words(decision: Decision, words: str) -> None:
    assert texts(Remembered(decisions=[decision])) == [words]


def test_channels_that_were_passed_over_are_told_with_what_became_of_the_message() -> None:
    dropped = [
        decided("passed over", "capped", NOW, "hello", "push", "1 per day"),
        decided("passed over", "capped", NOW, "hello", "email", "1 per day"),
        decided("passed over", "rule", NOW, "hello", "sms", "not: total > 9 EUR"),
        decided("dropped", "capped", NOW, "hello", detail="1 per day"),
    ]
    sent = [
        decided("passed over", "consent", NOW, "again", "push", "no consent for news on push"),
        decided("sent", "welcome_hello", NOW, "again", "email"),
        decided("handed over", "welcome_hello", NOW, "again", "email"),
    ]

    nothing, something = texts(Remembered(decisions=[*dropped, *sent]))

    assert nothing == (
        "sent nothing (welcome/hello): push and email: enough messages already (1 per day);"
        " sms: the channel's rule was not met (total > 9 EUR)"
    )
    assert something == "sent welcome_hello on email (welcome/again); not on push: no consent"


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (
            {"status": "queued", "due": at("2026-03-02T09:00:00Z"), "attempts": 1},
            "a message on sms: “Hello” has waited for its turn since 2 March 2026, 09:00",
        ),
        (
            {"status": "queued", "due": at("2026-03-02T11:30:00Z"), "attempts": 2},
            "a message on sms: “Hello” waits until 2 March 2026, 11:30, tried 2 times",
        ),
        (
            {"status": "calling", "attempts": 1},
            "a message on sms: “Hello” is just being handed over",
        ),
        ({"status": "accepted"}, None),
    ],
    ids=["for its turn", "to be tried again", "going", "gone"],
)
def test_what_is_on_its_way_is_told(standing: Mapping[str, Any], words: str | None) -> None:
    decided_at = at("2026-03-02T09:00:00Z")
    delivery = Delivery(
        *("d1", "u1", "welcome", "run1", "hello", "sms", "promotional", "hello", "+4479"),
        *({"text": "Hello"}, decided_at, decided_at, None),
    )
    about = story(Remembered(deliveries=[delivery._replace(**standing)])).about

    assert [line for line in about if line.startswith("a message")] == ([words] if words else [])


def test_a_message_is_told_before_what_came_after_it() -> None:
    """The hand-over is written down after the run has gone on; nobody wants to read it so."""
    later = "2011-07-01T10:05:00+00:00"
    memory = Remembered(
        decisions=[
            decided("sent", "hello", NOW, "first", "email"),
            decided("left", "end", NOW),
            decided("handed over", "hello", NOW, "first", "email"),
            decided("passed over", "rule", NOW, "second", "push", "not: is_member"),
            decided("sent", "hello", NOW, "second", "email"),
            decided("handed over", "hello", later, "second", "email"),
        ]
    )

    met = "the channel's rule was not met (is_member)"
    assert texts(memory) == [
        "sent hello on email (welcome/first)",
        "left welcome: went through to the end",
        f"sent hello on email (welcome/second); not on push: {met}",
    ]


def test_what_happened_several_times_at_once_is_told_once() -> None:
    often = [decided("left", "end", NOW), decided("converted", "goal", NOW)] * 3

    assert texts(Remembered(decisions=often)) == [
        "left welcome: went through to the end (3 times)",
        "reached the goal of welcome (3 times)",
    ]


def test_beginning_again_is_one_line() -> None:
    again = [
        decided("left", "restart", NOW),
        decided("entered", "visit", NOW),
    ]

    assert texts(Remembered(decisions=again)) == ["began welcome again, by visit"]


def test_doors_shut_for_the_same_reasons_are_not_explained_twice() -> None:
    later, latest = "2011-07-02T10:00:00+00:00", "2011-07-03T10:00:00+00:00"
    memory = Remembered(
        decisions=[
            decided("not entered", "re-enter", NOW),
            decided("not entered", "re-enter", later),
            decided("not entered", "goal", latest),
        ]
    )

    assert texts(memory) == [
        "did not enter welcome (not again so soon)",
        "did not enter welcome, for the same reasons",
        "did not enter welcome (the goal is already reached)",
    ]


def test_doors_that_stayed_shut_for_one_event_share_a_line() -> None:
    when = "2011-07-01T10:00:00+00:00"
    memory = Remembered(
        decisions=[
            Decision(
                "u1", at(when), "not entered", "eligible if", "gold", detail="not: in segment vip"
            ),
            Decision("u1", at(when), "not entered", "re-enter", "welcome", detail="was there"),
        ]
    )

    assert texts(memory) == [
        "did not enter gold (not eligible: in segment vip); welcome (not again so soon)"
    ]


def test_programs_get_the_same_story_by_days() -> None:
    memory = Remembered(
        {
            "visit": [
                happened("visit", "2011-07-01T10:00:00+00:00", 1),
                happened("visit", "2011-07-02T23:30:00+00:00", 2),
            ]
        }
    )

    data = as_data(story(memory))

    assert [day["day"] for day in data["days"]] == ["2011-07-01", "2011-07-03"]
    assert data["days"][1]["lines"] == [
        {"at": "2011-07-03T00:30:00+01:00", "sort": "did", "journey": "", "text": "visit"}
    ]


def test_an_edit_is_told_to_those_who_were_inside() -> None:
    gone = "the step a is gone"
    memory = Remembered(
        decisions=[
            decided("edited", "waits anew", "2026-03-02T10:00:00+00:00", "pause"),
            decided("edited", "goes on", "2026-03-03T10:00:00+00:00", "day_two", detail=gone),
        ]
    )

    assert texts(memory) == [
        "welcome was edited: waits anew (welcome/pause)",
        "welcome was edited: goes on (welcome/day_two), because the step a is gone",
    ]
