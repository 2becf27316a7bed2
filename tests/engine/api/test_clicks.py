"""Links of messages over real HTTP: they lead where the message said, and nowhere else."""

from __future__ import annotations

import threading
import time

import pytest

from channels.content import Destination
from dsl.calendar import SECOND
from engine.access.links import Links
from engine.core.effects import Delivery
from engine.core.signals import ReceiptArrived
from engine.ingest.inbox import Inbox
from engine.store.protocol import Changes, StoreUnavailableError

from .conftest import NOW, Answer, Api, handed_over

NAME = "65e1a3f0" + "0123456789abcdef01234567"
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"  # fmt: skip
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"  # fmt: skip
LINKS = (
    Destination("https://shop.example/cart/ü?a=1&utm_source=email#top"),
    Destination("https://shop.example/b", "https://app.shop.example/b"),
)


@pytest.fixture(autouse=True)
def delivery(api: Api) -> Delivery:
    """An e-mail that Ada got."""
    made = handed_over(id=NAME, links=LINKS)
    with api.store.batch() as batch:
        batch.commit(Changes(deliveries=[made]))
    return made


def follow(
    api: Api,
    number: int = 0,
    agent: str = BROWSER,
    method: str = "GET",
    more: str = "",
    **headers: str,
) -> Answer:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    path = api.links.click(NAME, number) + more
    return api.send(path, None, {"user-agent": agent, **given}, method)


def heard(api: Api, count: int = 1) -> list[ReceiptArrived]:
    """What has been written down: after the answer, so it is waited for."""
    until = time.monotonic() + 20
    while len(api.store.arrivals) < count:
        assert time.monotonic() < until
        threading.Event().wait(0.002)
    found = [each for each in api.store.arrivals.values() if isinstance(each, ReceiptArrived)]
    assert len(found) == count
    return found


def test_a_link_leads_where_the_message_said(api: Api) -> None:
    answer = follow(api)

    assert answer.status == 302
    assert answer.headers["location"] == (
        "https://shop.example/cart/%C3%BC?a=1&utm_source=email#top"
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.body == b""
    (click,) = heard(api)
    assert (click.person, click.delivery, click.what) == ("ada", NAME, "clicked")
    assert (click.occurred, click.by, click.reason) == (NOW, "browser", LINKS[0].web)


def test_on_a_phone_it_leads_into_the_app(api: Api) -> None:
    assert follow(api, 1, PHONE).headers["location"] == "https://app.shop.example/b"
    assert follow(api, 1, BROWSER).headers["location"] == "https://shop.example/b"
    assert follow(api, 0, PHONE).headers["location"].startswith("https://shop.example/cart")


def test_an_app_that_was_opened_by_a_link_can_ask_where_it_leads(api: Api) -> None:
    answer = follow(api, 1, "Shop/1.0 (iPhone)", accept="application/json")

    assert answer.status == 200
    assert answer.json == {"web": "https://shop.example/b", "app": "https://app.shop.example/b"}


@pytest.mark.parametrize(
    ("agent", "method", "headers", "by"),
    [
        (BROWSER, "HEAD", {}, "machine"),
        (BROWSER, "GET", {"sec_purpose": "prefetch;prerender"}, "machine"),
        (BROWSER, "GET", {"purpose": "Prefetch"}, "machine"),
        ("curl/8.5.0", "GET", {}, "machine"),
        ("Slackbot-LinkExpanding 1.0", "GET", {}, "machine"),
        ("", "GET", {}, "unverified"),
        ("Shop/1.0", "GET", {}, "unverified"),
        (PHONE, "GET", {}, "browser"),
    ],
)
def test_who_clicks_is_told_as_far_as_the_request_tells(
    api: Api, agent: str, method: str, headers: dict[str, str], by: str
) -> None:
    answer = follow(api, 0, agent, method, **headers)

    assert answer.status == 302
    (click,) = heard(api)
    assert click.by == by


def test_the_same_click_again_is_the_same(api: Api) -> None:
    for _ in range(3):
        follow(api)
    follow(api, 1)

    heard(api, 2)


def test_what_else_is_clicked_at_once_is_heard_of_together(api: Api) -> None:
    """So that the core sees a program that follows everything before it believes in its clicks."""
    for number in (0, 1):
        follow(api, number)
    follow(api, 0, "curl/8.5.0")

    one, other, machine = heard(api, 3)
    assert one.received == other.received == NOW + 3 * SECOND // 2
    assert machine.received == NOW


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "..%2f..%2f",
        "https:%2f%2fevil.example",
        "%00",
        "A" * 36,
        "A" * 5000,
        "%0d%0aLocation:%20https:%2f%2fevil.example",
        "%E2%98%83",
        "a%20b",
    ],
)
def test_what_is_no_token_of_ours_leads_nowhere(api: Api, token: str) -> None:
    answers = [
        api.get(path)
        for path in (f"/c/{token}", f"/c/{token}?url=https://evil.example", f"/o/{token}")
    ]

    assert [each.status for each in answers] == [404, 404, 404]
    assert all("location" not in each.headers for each in answers)
    assert api.store.arrivals == {}


def test_a_token_for_something_else_leads_nowhere(api: Api) -> None:
    others = Links(b"another secret")
    paths = [
        api.links.seen(NAME).replace("/o/", "/c/"),
        api.links.click(NAME, 0).replace("/c/", "/o/"),
        others.click(NAME, 0),
        others.seen(NAME),
        api.links.click(NAME, len(LINKS)),  # there is no such link
        api.links.click("f" * 32, 0),  # nor such a message
        api.links.seen("f" * 32),
        f"/c/{api.links.token(NAME)}",
    ]

    assert [api.get(path).status for path in paths] == [404] * len(paths)
    assert api.store.arrivals == {}


def test_a_link_that_leads_nowhere_is_answered_with_a_page_in_the_language_of_the_reader(
    api: Api,
) -> None:
    answer = api.get("/c/x", {"accept-language": "de-AT,de;q=0.9"})

    assert "<title>Dieser Link ist nicht gültig.</title>" in answer.body.decode()
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "more",
    [
        "?url=https://evil.example",
        "?to=//evil.example&next=evil",
        "?utm_source=x",
    ],
)
def test_nothing_of_a_request_decides_where_it_leads(api: Api, more: str) -> None:
    answer = follow(api, 1, more=more, host="evil.example", x_forwarded_host="evil.example")

    assert answer.headers["location"] == "https://shop.example/b"


def test_what_an_address_holds_cannot_become_a_header(api: Api, delivery: Delivery) -> None:
    hostile = Destination("https://shop.example/\r\nSet-Cookie: a=1\r\n\r\n<script>\u2028 x")
    with api.store.batch() as batch:
        batch.deliveries([NAME])
        batch.commit(Changes(deliveries=[delivery._replace(links=(hostile,))]))

    answer = follow(api)

    assert answer.status == 302
    assert "set-cookie" not in answer.headers
    assert answer.headers["location"].startswith("https://shop.example/%0D%0ASet-Cookie:%20a=1%0D")
    assert answer.body == b""


def test_nothing_is_posted_to_a_link(api: Api) -> None:
    assert follow(api, method="POST").status == 405


def test_whoever_clicks_is_led_on_when_nothing_can_be_written(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.store.broken = True
    assert follow(api, 1).headers["location"] == "https://shop.example/b"

    async def is_full(_inbox: Inbox, _arrivals: object) -> None:
        raise StoreUnavailableError("gone")

    monkeypatch.setattr(Inbox, "add", is_full)
    assert follow(api, 1).headers["location"] == "https://shop.example/b"
    assert api.store.arrivals == {}


def test_whoever_clicks_is_asked_to_come_back_when_nothing_can_be_looked_up(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_gone(_names: object) -> None:
        raise StoreUnavailableError("gone")

    monkeypatch.setattr(api.store, "deliveries", is_gone)
    answer = follow(api, accept_language="de")

    assert answer.status == 503
    assert answer.headers["retry-after"] == "60"
    assert "<title>Das geht gerade nicht.</title>" in answer.body.decode()


def test_whoever_clicks_does_not_wait_until_it_is_written(api: Api) -> None:
    api.store.gate = threading.Event()

    answer = follow(api)

    assert answer.status == 302
    assert api.store.arrivals == {}
    api.store.gate.set()
    heard(api)


def test_an_opening_is_a_picture_that_nobody_sees_and_nobody_keeps(api: Api) -> None:
    answer = api.get(api.links.seen(NAME), {"user-agent": PHONE})

    assert answer.status == 200
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body[:6] == b"GIF89a"
    assert answer.body[6:10] == b"\x01\x00\x01\x00"
    (opened,) = heard(api)
    assert (opened.what, opened.by, opened.received, opened.reason) == (
        "opened",
        "browser",
        NOW,
        "",
    )


@pytest.mark.parametrize(
    ("agent", "by"),
    [
        ("Mozilla/5.0", "machine"),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "unverified"),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "unverified"),
        (PHONE, "browser"),
    ],
)  # fmt: skip
def test_proxies_open_for_readers_and_ahead_of_them(api: Api, agent: str, by: str) -> None:
    api.get(api.links.seen(NAME), {"user-agent": agent})

    (opened,) = heard(api)
    assert opened.by == by


def test_of_who_was_forgotten_nothing_leads_anywhere(api: Api) -> None:
    with api.store.batch() as batch:
        batch.load(["ada"], NOW)
        batch.commit(Changes(erased={"ada": 10**9}))

    assert follow(api).status == 404
    assert api.get(api.links.seen(NAME)).status == 404
