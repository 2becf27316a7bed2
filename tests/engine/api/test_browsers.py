"""Pages of the shop send events by themselves, with a key that everybody can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from dsl.calendar import DAY
from engine.access.keys import Wanted, made, revoke
from engine.core.keys import Scope

from .conftest import NOW, Answer, Api, Start
from .test_calls import purchase
from .test_keys import basic

SITE = "https://shop.example"


def key(api: Api, *sites: str, name: str = "page", rate: int = 0) -> str:
    wanted = Wanted(name, "browser", sites=sites or (SITE,), rate=rate)
    return made(api.store.keys, wanted, NOW - DAY)


def preflight(api: Api, site: str, path: str = "/v1/track") -> Answer:
    asked = {"origin": site, "access-control-request-method": "POST"}
    return api.send(
        path, None, {**asked, "access-control-request-headers": "authorization"}, "OPTIONS"
    )


def beacon(api: Api, text: str, site: str | None = SITE, **more: Any) -> Answer:
    """What ``navigator.sendBeacon`` sends of a page that is being left."""
    body = {**purchase(), "writeKey": text, **more}
    headers = {"content-type": "text/plain;charset=UTF-8", **({"origin": site} if site else {})}
    return api.send("/v1/t", orjson.dumps(body), headers)


def test_a_page_may_ask_and_may_read_the_answer(api: Api) -> None:
    text = key(api)
    asked = preflight(api, SITE)
    answer = api.send("/v1/track", purchase(), {**basic(text), "origin": SITE})

    assert asked.status == 204
    assert "authorization" in asked.headers["access-control-allow-headers"]
    assert answer.status == 200
    for each in (asked, answer):
        assert each.headers["access-control-allow-origin"] == SITE
        assert each.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in each.headers


def test_a_page_may_read_why_it_was_refused(api: Api) -> None:
    key(api)
    answer = api.send("/v1/track", purchase(), {**basic("wrong"), "origin": SITE})

    assert (answer.status, answer.headers["access-control-allow-origin"]) == (401, SITE)


@pytest.mark.parametrize(
    "site",
    ["https://evil.example", "http://shop.example", "https://shop.example.evil.example", "null"],
)
def test_pages_of_others_may_neither_ask_nor_send(api: Api, site: str) -> None:
    text = key(api)
    asked = preflight(api, site)
    answer = api.send("/v1/track", purchase(), {**basic(text), "origin": site})

    assert asked.status == 405
    assert (answer.status, answer.error) == (
        403,
        "This key may stand on https://shop.example, and this comes from elsewhere.",
    )
    for each in (asked, answer):
        assert "access-control-allow-origin" not in each.headers
    assert api.store.arrivals == {}


def test_a_key_is_good_for_its_own_sites_only(api: Api) -> None:
    key(api)
    other = key(api, "https://blog.example", name="blog")
    answer = api.send("/v1/track", purchase(), {**basic(other), "origin": SITE})

    assert preflight(api, SITE).status == 204  # some key may
    assert answer.status == 403


def test_a_key_for_any_site_is_good_on_any(api: Api) -> None:
    text = key(api, "*")

    assert preflight(api, "https://anything.example").status == 204
    assert beacon(api, text, "https://anything.example").status == 200


def test_a_revoked_key_opens_no_site(api: Api) -> None:
    key(api)
    revoke(api.store.keys, "page", NOW)

    assert preflight(api, SITE).status == 405


def test_only_events_may_be_sent_from_pages(api: Api) -> None:
    key(api, "*")

    for path in ("/v1/people/ada", "/v1/journeys/order_delay/start", "/metrics"):
        asked = preflight(api, SITE, path)
        assert asked.status in (404, 405)
        assert "access-control-allow-origin" not in asked.headers


def test_a_page_that_is_being_left_sends_plain_text_with_its_key_in_it(api: Api) -> None:
    assert beacon(api, key(api)).status == 200
    (name,) = api.store.arrivals
    assert name.endswith("/m-1")


def test_who_is_no_browser_sends_json(start: Start) -> None:
    """Or any page could have the events of its readers taken for those of a server on their machine,
    without their browser asking first.
    """
    open_, closed = start(), start(keys=["w"])

    for api in (open_, closed):
        answer = beacon(api, "w", "https://evil.example")
        assert (answer.status, answer.error[:9]) == (415, "Send JSON")
        assert api.store.arrivals == {}


@pytest.mark.parametrize("given", [None, "", 7, ["k"], "wrong", "x" * 10_000])
def test_what_is_no_key_in_a_body_is_refused(api: Api, given: object) -> None:
    key(api)

    assert api.send("/v1/track", {**purchase(), "writeKey": given}).status == 401


def test_a_browsers_key_starts_no_journey_and_forgets_nobody(api: Api) -> None:
    text = basic(key(api))

    for path, method in (("/v1/journeys/order_delay/start", "POST"), ("/v1/people/ada", "DELETE")):
        answer = api.send(path, {"userId": "ada"}, text, method)
        assert (answer.status, answer.error[:23]) == (403, "This key is for ingest,")
    assert api.get("/v1/people/ada/export", text).status == 403


def test_a_browsers_key_says_nothing_of_consent(api: Api) -> None:
    call = purchase(event="consent_granted", properties={"category": "promotional"})
    answer = api.send("/v1/track", call, basic(key(api)))

    assert answer.status == 400
    assert "is about consent. Send it from a server." in answer.error


def test_two_keys_may_call_two_events_the_same(api: Api) -> None:
    one, two = key(api, name="one"), made(api.store.keys, Wanted("two"), NOW)
    for text in (one, two, one):
        assert api.send("/v1/track", purchase("m-1"), basic(text)).status == 200
    answer = api.send("/v1/batch", {"batch": [purchase("m-1"), purchase("m-2")]}, basic(two))

    assert (answer.json["accepted"], answer.json["repeated"]) == (1, 1)
    assert sorted(name.partition("/")[2] for name in api.store.arrivals) == ["m-1", "m-1", "m-2"]


class TestFloods:
    """One key sends more than it may; the others do not notice."""

    def test_too_many_are_told_when_to_come_back(self, api: Api) -> None:
        flood, calm = basic(key(api, rate=10)), basic(key(api, name="calm", rate=10))
        statuses = [
            api.send("/v1/batch", {"batch": [purchase(f"m-{n}-{i}") for i in range(40)]}, flood)
            for n in range(3)
        ]

        assert [answer.status for answer in statuses] == [200, 200, 429]
        assert int(statuses[2].headers["retry-after"]) >= 1
        assert statuses[2].error.startswith("More than 10 events a second")
        assert api.send("/v1/track", purchase(), calm).status == 200
        assert b'wayline_refused_keys_total{why="rate"} 1.0' in api.get("/metrics").body

    def test_it_is_said_before_the_body_is_read(self, api: Api) -> None:
        flood = basic(key(api, rate=1))
        body: Mapping[str, object] = {"batch": [purchase(f"m-{i}") for i in range(50)]}
        assert api.send("/v1/batch", body, flood).status == 200

        assert api.send("/v1/batch", b"not even JSON", flood).status == 429


def test_admin_is_not_for_browsers_in_whatever_way_the_key_came_to_be(api: Api) -> None:
    """A table that somebody has changed by hand is not believed further than a browser goes."""
    text = key(api)
    (known,) = api.store.keys.known()
    api.store.keys.turn(lambda _: [known._replace(scopes=(Scope.ADMIN.value,))])

    assert api.send("/v1/people/ada", None, basic(text), "DELETE").status == 403
