"""The link in every promotional message: asking on GET, done on POST."""

from __future__ import annotations

import re

import pytest

from dsl.expr.context import Happened
from engine.access.links import Links
from engine.core.deeds import Deed
from engine.core.profile import Profile
from engine.core.signals import EventArrived, ReceiptArrived
from engine.store.protocol import Changes, StoreUnavailableError
from tests.engine.scene import SHOP, program_of

from .conftest import NOW, Api, Start, handed_over


def speaking(language: object) -> Profile:
    return Profile("ada", {"language": language})


@pytest.fixture
def token(api: Api) -> str:
    """Of an e-mail that Ada got."""
    with api.store.batch() as batch:
        batch.commit(Changes(profiles=[speaking("de")], deliveries=[handed_over()]))
    return api.links.token("d1")


def test_looking_changes_nothing(api: Api, token: str) -> None:
    answer = api.get(f"/unsubscribe/{token}")

    assert answer.status == 200
    assert api.store.arrivals == {}
    page = answer.body.decode()
    assert "Möchten Sie sich abmelden?" in page
    assert "Shop &amp; Co" in page
    assert '<form method="post">' in page
    assert "<script" not in page
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", {"content-type": "application/x-www-form-urlencoded"}),
        (
            b"List-Unsubscribe=One-Click",
            {"content-type": "application/x-www-form-urlencoded"},
        ),
        (b"List-Unsubscribe=One-Click", {"content-type": "multipart/form-data; boundary=x"}),
    ],
)
def test_the_button_and_one_click_withdraw_consent(
    api: Api, token: str, body: bytes, headers: dict[str, str]
) -> None:
    answer = api.send(f"/unsubscribe/{token}", body, headers)

    assert answer.status == 200
    assert "Sie sind abgemeldet." in answer.body.decode()
    arrival, told = api.store.arrivals.values()
    assert isinstance(told, ReceiptArrived)
    assert (told.person, told.delivery, told.what) == ("ada", "d1", "unsubscribed")
    assert isinstance(arrival, EventArrived)
    assert arrival.person == "ada"
    assert arrival.event.name == "consent_withdrawn"
    proof = {"method": "one-click", "source": "the link in offer", "actor": "themselves"}
    assert arrival.event.properties == {"category": "promotional", **proof}
    assert (arrival.event.occurred, api.woken) == (NOW, 1)
    ((_, deed),) = api.store.deeds.read()
    assert deed == Deed(NOW, "person by link", "unsubscribe", "ada")


@pytest.mark.parametrize("known", [False, True])
def test_a_flood_of_it_is_written_down_once(start: Start, known: bool) -> None:
    """Whether or not the policy knows what it is about."""
    api = start(program=program_of(SHOP)) if known else start()
    with api.store.batch() as batch:
        batch.commit(Changes(profiles=[speaking("de")], deliveries=[handed_over()]))
    for _ in range(20):
        answer = api.send(f"/unsubscribe/{api.links.token('d1')}", b"")
        assert (answer.status, "Sie sind abgemeldet." in answer.body.decode()) == (200, True)

    assert len(api.store.arrivals) == 2
    assert api.woken == (1 if known else 20)


def test_the_same_link_works_again_after_subscribing_again(api: Api, token: str) -> None:
    """And again it counts, also before anybody has processed any of it."""
    assert api.send(f"/unsubscribe/{token}", b"").status == 200
    again = Happened("consent_granted", NOW + 1, NOW + 1, 0, {"category": "promotional"})
    api.store.append([EventArrived("g1", "ada", again)])
    for _ in range(2):
        assert api.send(f"/unsubscribe/{token}", b"").status == 200

    told = [e for e in api.store.arrivals.values() if isinstance(e, EventArrived)]
    assert [each.event.name for each in told] == [
        "consent_withdrawn",
        "consent_granted",
        "consent_withdrawn",
    ]


@pytest.mark.parametrize("part", ["append", "deliveries", "people"])
def test_nothing_is_said_to_have_been_done_that_was_not(
    api: Api, token: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page for people, and a status that lets a mail program try again."""

    def away(*_: object) -> None:
        raise StoreUnavailableError

    monkeypatch.setattr(api.store, part, away)
    answer = api.send(f"/unsubscribe/{token}", b"List-Unsubscribe=One-Click")

    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("en-GB", "Do you want to unsubscribe?"),
        ("DE", "Möchten Sie sich abmelden?"),
        ("fr", "Voulez-vous vous désabonner\u00a0?"),
        ("it", "Voulez-vous vous désabonner\u00a0?"),  # the first language of the project
        (None, "Voulez-vous vous désabonner\u00a0?"),
        (7, "Voulez-vous vous désabonner\u00a0?"),
    ],
)
def test_the_page_speaks_the_persons_language(
    api: Api, token: str, language: object, heading: str
) -> None:
    with api.store.batch() as batch:
        batch.commit(Changes(profiles=[speaking(language)]))

    assert f"<h1>{heading}</h1>" in api.get(f"/unsubscribe/{token}").body.decode()


def test_only_our_own_links_are_valid(api: Api, token: str) -> None:
    forged = Links(b"another secret").token("d1")
    unknown = api.links.token("d2")
    cut, changed = token[:-1], token[:-1] + ("0" if token[-1] != "0" else "1")

    for wrong in (forged, unknown, cut, changed, "d1", "d1.", ".", "%C3%BC.1", "x" * 5000):
        answer = api.send(f"/unsubscribe/{wrong}", b"")
        assert answer.status == 404, wrong
    assert api.store.arrivals == {}
    page = api.get("/unsubscribe/d1", {"accept-language": "de-AT,en;q=0.5"}).body.decode()
    assert "Dieser Link ist nicht gültig." in page


def test_links_are_made_of_the_public_address() -> None:
    links = Links(b"secret", "https://mail.shop.example/")
    link = links.unsubscribe("abc123")

    assert re.fullmatch(r"https://mail\.shop\.example/unsubscribe/abc123\.[0-9a-f]{32}", link)
    assert links.delivery(link.rpartition("/")[2]) == "abc123"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_is_sent_on_to_the_host_that_a_request_names(api: Api, method: str) -> None:
    """RFC 8058 wants no redirect, and a token is nobody else's business."""
    for path in ("/unsubscribe/x/", "/preferences/x/", "/c/x/", "/v1/receipts/sms/"):
        answer = api.send(path, None, {"host": "evil.example"}, method)

        assert answer.status in (404, 405)
        assert "location" not in answer.headers
