"""The preference centre: shown on GET, said on POST, by whoever has a link of ours."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from dsl.calendar import DAY
from dsl.expr.context import Happened
from engine.core.profile import Preferences
from engine.core.program import Program
from engine.core.signals import EventArrived
from engine.runner import Runner
from tests.engine.api.conftest import NOW, Api

from .centre import FORM, NOTHING, Fields, changed, chosen, keep, post, proof, ticks

# ------------------------------------------------------------------------------------ looking


def test_it_shows_what_holds_and_looking_changes_nothing(api: Api, token: str) -> None:
    """A category that goes by a rule which says no cannot be chosen, and service is no choice."""
    for method in ("GET", "HEAD"):
        assert api.send(f"/preferences/{token}", method=method).status == 200
    page = api.get(f"/preferences/{token}").body.decode()

    assert api.store.arrivals == {}
    assert ticks(page) == {
        "promotional/email": True,
        "promotional/push": False,
        "promotional/sms": False,
        "events/email": True,
        "events/push": True,
        "events/sms": True,
    }
    assert "News &amp; offers</legend>" in page
    assert "Events</legend>" in page
    assert "get from Shop &amp; Co?" in page
    assert (chosen(page, "limit"), chosen(page, "pause")) == ("as many as there are", "no break")
    assert "for a month, until 1 April 2026" in page


def test_it_shows_no_more_of_anybody_than_the_beginning_of_an_address(api: Api, token: str) -> None:
    page = api.get(f"/preferences/{token}").body.decode()

    assert "m…@example.com" in page
    assert "+44 … 123" in page
    for secret in ("mary", "7700900", "token-1", "ada@", ">ada<"):
        assert secret not in page


def test_nothing_runs_there_and_nothing_is_kept_or_told(api: Api, token: str) -> None:
    answer = api.get(f"/preferences/{token}")

    assert "<script" not in answer.body.decode()
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("language", "heading", "legend"),
    [
        ("de-AT", "Was möchten Sie von Shop &amp; Co bekommen?", "Neues"),
        ("en", "What would you like to get from Shop &amp; Co?", "News &amp; offers"),
        ("it", "Que souhaitez-vous recevoir de Shop &amp; Co\u00a0?", "Nouveautés"),
    ],
)
def test_it_speaks_the_persons_language(
    api: Api, token: str, language: str, heading: str, legend: str
) -> None:
    keep(api, language)
    page = api.get(f"/preferences/{token}").body.decode()

    assert f"<h1>{heading}</h1>" in page
    assert f"<legend>{legend}</legend>" in page


def test_a_channel_without_an_address_in_use_is_no_choice(api: Api, token: str) -> None:
    keep(api, suppressed=frozenset({"+447700900123"}), addresses={"sms": "+447700900123"})
    page = api.get(f"/preferences/{token}").body.decode()

    assert ticks(page) == {}
    assert "There is nothing to choose at the moment." in page
    assert "Unsubscribe from everything" in page


def test_the_page_to_unsubscribe_leads_there(api: Api, token: str) -> None:
    asked = api.get(f"/unsubscribe/{token}").body.decode()
    done = api.send(f"/unsubscribe/{token}", b"").body.decode()

    for page in (asked, done):
        assert f'<a href="../preferences/{token}">Choose what you get, and how often</a>' in page
        assert "“News &amp; offers”" in page


# ------------------------------------------------------------------------------------- saying


def test_only_what_was_changed_is_said(api: Api, token: str) -> None:
    assert post(api, token, changed()) == []

    body = changed(
        ("on", "promotional/sms"),
        without=[("on", "promotional/email"), ("on", "events/push")],
    )
    said = post(api, token, body)
    assert [(name, proof(properties)) for name, properties in said] == [
        ("consent_withdrawn", {"category": "promotional", "channel": "email"}),
        ("consent_granted", {"category": "promotional", "channel": "sms"}),
        ("consent_withdrawn", {"category": "events", "channel": "push"}),
    ]


def test_how_it_was_worded_is_kept(api: Api, token: str) -> None:
    """The language and a hash: others, once other words are shown."""
    wordings = set()
    for language, channel in (("en", "sms"), ("de", "push"), ("en", "email")):
        keep(api, language, consents={})
        ((_, said),) = post(
            api, token, urlencode([*NOTHING, ("on", f"promotional/{channel}")]).encode()
        )
        wordings.add(said["wording"])

    assert len(wordings) == 2
    assert all(re.fullmatch(r"(en|de)/[0-9a-f]{12}", each) for each in wordings)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([("limit", "2")], {"at_most_per_week": 2}),
        ([("pause", "1 week")], {"paused_until": NOW + 7 * DAY}),
        (
            [("limit", "1"), ("pause", "1 week")],
            {"at_most_per_week": 1, "paused_until": NOW + 7 * DAY},
        ),
    ],
)
def test_how_often_and_a_break_become_limits_of_their_own(
    api: Api, token: str, fields: Fields, said: dict[str, Any]
) -> None:
    ((name, properties),) = post(api, token, changed(*fields))

    assert name == "preferences_set"
    assert proof(properties) == said


def test_a_break_can_be_ended_and_a_limit_lifted_each_by_itself(api: Api, token: str) -> None:
    until = NOW + 3 * DAY
    keep(api, preferences=Preferences(4, until, NOW - DAY))
    page = api.get(f"/preferences/{token}").body.decode()
    assert chosen(page, "limit") == "4 messages a week"
    assert chosen(page, "pause") == "until 4 March 2026"

    four = [("limit_was", "4"), ("limit", "4")]
    assert post(api, token, changed(*four)) == []
    ((_, ended),) = post(api, token, changed(*four, ("pause", "none")))
    assert proof(ended) == {"at_most_per_week": 4}


def test_what_was_just_said_is_shown_although_nobody_has_processed_it(api: Api, token: str) -> None:
    post(api, token, changed(("on", "promotional/sms"), ("limit", "2"), ("pause", "1 month")))
    page = api.get(f"/preferences/{token}?said=saved").body.decode()

    assert '<p role="status">Saved. This is how it stands now.</p>' in page
    assert ticks(page)["promotional/sms"]
    assert chosen(page, "limit") == "2 messages a week"
    assert chosen(page, "pause") == "until 1 April 2026"


def test_so_it_is_when_it_has_been_processed(api: Api, token: str, program: Program) -> None:
    post(api, token, changed(("on", "promotional/sms"), ("limit", "2"), ("pause", "1 month")))
    before = api.get(f"/preferences/{token}").body
    Runner(api.store, program).run_once(NOW)

    assert api.get(f"/preferences/{token}").body == before
    profile = api.store.people(["ada"], ())["ada"].profile
    assert profile.preferences.at_most == 2
    assert profile.consents["promotional/sms"] == NOW


def test_sent_once_more_it_says_nothing_new(api: Api, token: str) -> None:
    body = changed(("on", "promotional/sms"), ("limit", "2"))
    assert len(post(api, token, body)) == 2

    assert post(api, token, body) == []


def test_an_old_form_takes_nothing_back_that_was_said_since(api: Api, token: str) -> None:
    """Somebody unsubscribes in one window; in the other everything is still ticked."""
    api.send(f"/unsubscribe/{token}", b"")
    said = post(api, token, changed(("limit", "2")))

    assert [name for name, _ in said] == ["preferences_set"]
    assert not ticks(api.get(f"/preferences/{token}").body.decode())["promotional/email"]


def test_everything_is_one_button(api: Api, token: str) -> None:
    answer = api.send(f"/preferences/{token}", b"everything=1", FORM)

    assert (answer.status, answer.headers["location"]) == (303, "?said=left")
    (arrival,) = api.store.arrivals.values()
    assert isinstance(arrival, EventArrived)
    assert arrival.event.name == "consent_withdrawn"
    assert proof(arrival.event.properties) == {"category": "*"}
    page = api.get(f"/preferences/{token}?said=left").body.decode()
    assert set(ticks(page).values()) == {False}
    assert "You will get none of these messages any more." in page


def test_a_flood_of_it_is_written_down_once(api: Api, token: str) -> None:
    """Until they agree to something again."""
    for _ in range(20):
        assert api.send(f"/preferences/{token}", b"everything=1", FORM).status == 303
    assert len(api.store.arrivals) == 1

    again = Happened("consent_granted", NOW + 1, NOW + 1, 0, {"category": "promotional"})
    api.store.append([EventArrived("g1", "ada", again)])
    assert api.send(f"/preferences/{token}", b"everything=1", FORM).status == 303
    assert len(api.store.arrivals) == 3
