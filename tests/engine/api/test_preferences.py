"""The preference centre: shown on GET, said on POST, by whoever has a link of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import pytest

from dsl.calendar import DAY
from engine.core.effects import Delivery
from engine.core.profile import Preferences, Profile
from engine.core.program import Program
from engine.core.signals import Erased, EventArrived
from engine.links import Links
from engine.runner import Runner
from engine.store.protocol import Changes
from tests.engine.scene import SHOP, program_of

from .conftest import NOW, Api, Start

FORM = {"content-type": "application/x-www-form-urlencoded"}
POLICY = """
policy: shop
time zone: Europe/Berlin
languages: fr, en, de
currency: EUR
channels: {email: {}, push: {}, sms: {}}
categories:
  promotional:
    title: {fr: Nouveautés, en: News & offers, de: Neues}
  events: {consent: visits > 3}
  surveys: {consent: visits > 30}
  service: {consent: not needed}
"""


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of({**SHOP, "policy.yaml": POLICY})


@pytest.fixture
def api(start: Start, program: Program) -> Api:
    return start(program=program)


@pytest.fixture
def token(api: Api) -> str:
    """Of an e-mail that Ada got."""
    keep(api)
    return api.links.token("d1")


def keep(api: Api, language: object = "en", **more: Any) -> None:
    """Ada, who has agreed to news by e-mail, and a message that she got."""
    profile = Profile(
        "ada",
        {"language": language, "visits": 5},
        {"email": "mary.ada@example.com", "sms": "+447700900123", "push": "token-1"},
        {"promotional/email": NOW - DAY},
    )._replace(**more)
    delivery = Delivery(
        *("d1", "ada", "win_back", "r1", "offer", "email", "promotional", "offer"),
        *("mary.ada@example.com", {}, NOW, NOW, None),
    )
    with api.store.batch() as batch:
        batch.commit(Changes(profiles=[profile], deliveries=[delivery]))


Fields = Sequence[tuple[str, str]]
NOTHING: Fields = [("limit_was", ""), ("limit", ""), ("pause", "keep")]
AS_IT_WAS: Fields = [
    *(("was", f"events/{channel}") for channel in ("email", "push", "sms")),
    *(("on", f"events/{channel}") for channel in ("email", "push", "sms")),
    *[("was", "promotional/email"), ("on", "promotional/email")],
    *[("limit_was", ""), ("limit", ""), ("pause", "keep")],
]


def changed(*more: tuple[str, str], without: Fields = ()) -> bytes:
    """The form as it was shown, but for this."""
    names = {name for name, _ in more if name not in ("on", "was")}
    kept = [each for each in AS_IT_WAS if each not in without and each[0] not in names]
    return urlencode([*kept, *more]).encode()


def post(api: Api, token: str, body: bytes) -> list[tuple[str, Mapping[str, Any]]]:
    """Sends a form, and what was said by it."""
    before = set(api.store.arrivals)
    answer = api.send(f"/preferences/{token}", body, FORM)
    assert (answer.status, answer.headers["location"]) == (303, "?said=saved")
    arrivals = [each for name, each in api.store.arrivals.items() if name not in before]
    events = [each.event for each in arrivals if isinstance(each, EventArrived)]
    assert {each.person for each in arrivals} <= {"ada"}
    assert {each.occurred for each in events} <= {NOW}
    return [(each.name, each.properties) for each in events]


def ticks(page: str) -> dict[str, bool]:
    found = re.findall(r'name="on" value="([^"]*)"( checked)?>', page)
    return {place: bool(checked) for place, checked in found}


def chosen(page: str, name: str) -> str:
    (select,) = re.findall(rf'<select name="{name}">(.*?)</select>', page)
    (text,) = re.findall(r"selected>([^<]*)<", select)
    assert isinstance(text, str)
    return text


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


def proof(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said, without how."""
    assert said["method"] == "preference centre"
    assert said["source"] == "/preferences"
    return {k: v for k, v in said.items() if k not in ("method", "source", "wording")}


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


# -------------------------------------------------------------------------- what is not taken


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"x", b"on=promotional%2Fsms", b"\xff=1&limit=&limit_was=&pause=keep"),
        changed(("limit", "-1")),
        changed(("limit", "٣")),
        changed(("limit", "1000")),
        changed(("limit", "1"), ("limit", "2")),
        changed(("pause", "for ever")),
        changed(("limit_was", "x")),
        changed(*(("on", f"a/{n}") for n in range(600))),
    ],
)
def test_a_form_that_is_none_of_ours_is_refused_calmly(api: Api, token: str, body: bytes) -> None:
    answer = api.send(f"/preferences/{token}", body, FORM)

    assert answer.status == 400
    assert "This could not be read." in answer.body.decode()
    assert answer.headers["content-type"].startswith("text/html")
    assert api.store.arrivals == {}


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"x" * 17_000, FORM, 413),
        (changed(("limit", "2")), {"content-type": "text/plain"}, 400),
        (changed(("limit", "2")), {**FORM, "content-encoding": "br"}, 415),
    ],
)
def test_so_is_one_that_is_too_large_or_something_else(
    api: Api, token: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = api.send(f"/preferences/{token}", body, headers)

    assert answer.status == status
    assert "<h1>This could not be read.</h1>" in answer.body.decode()
    assert api.store.arrivals == {}


def test_what_is_not_offered_cannot_be_agreed_to(api: Api, token: str) -> None:
    """Not another channel, not a category that needs no consent or goes by a rule, not all."""
    wrong = ("promotional/whatsapp", "service/email", "surveys/email", "*/email", "*", "a/b/c")
    body = changed(*(("on", each) for each in wrong))

    assert post(api, token, body) == []


def test_only_our_own_links_are_valid(api: Api, token: str) -> None:
    forged = Links(b"another secret").token("d1")
    for wrong in (forged, api.links.token("d2"), token[:-1], "d1", "%C3%BC.1"):
        for method in ("GET", "POST"):
            answer = api.send(f"/preferences/{wrong}", b"everything=1", FORM, method)
            assert answer.status == 404, wrong
            assert "Ce lien n&#x27;est pas valable." in answer.body.decode()
    assert api.store.arrivals == {}


def test_after_erasing_the_link_leads_nowhere(api: Api, token: str, program: Program) -> None:
    api.store.append([Erased("e1", "ada", NOW, 0)])
    Runner(api.store, program).run_once(NOW)

    for body in (None, b"everything=1"):
        method = "GET" if body is None else "POST"
        assert api.send(f"/preferences/{token}", body, FORM, method).status == 404
    assert api.store.people(["ada"], ()) == {}


def test_without_a_project_it_asks_for_patience(start: Start) -> None:
    api = start(deployed=False)
    keep(api)
    answer = api.get(f"/preferences/{api.links.token('d1')}")

    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert "This could not be saved just now." in answer.body.decode()


def test_the_link_is_made_of_the_public_address() -> None:
    links = Links(b"secret", "https://mail.shop.example/")
    link = links.preferences("abc123")

    assert re.fullmatch(r"https://mail\.shop\.example/preferences/abc123\.[0-9a-f]{32}", link)
    assert links.delivery(link.rpartition("/")[2]) == "abc123"
