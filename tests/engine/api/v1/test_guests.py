"""Bad guests at the API for programs: each is refused with a clear sentence, and nothing is harmed."""

from __future__ import annotations

import asyncio
import gzip
import threading
from base64 import urlsafe_b64encode
from typing import Any

import orjson
import pytest

from engine.store.memory import MemoryStore

from .conftest import Open, Shop


def _said(shop: Shop, method: str, path: str, **more: Any) -> tuple[int, str]:
    answer = shop.ask(method, path, **more)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"/docs#problem-{answer.status_code}"
    assert problem["status"] == answer.status_code
    return answer.status_code, problem["detail"]


def test_nobody_reads_without_a_key_or_with_one_for_something_else(open_shop: Open) -> None:
    shop = open_shop(write=["w"], read=["r"])
    shop.scene.person("ada")

    for path in ("/v1/people", "/v1/people/ada", "/v1/segments/good/members", "/v1/journeys"):
        for key, status in (("", 401), ("w", 403), ("R", 401)):
            assert _said(shop, "GET", path, key=key)[0] == status
        assert shop.ask("GET", path, key="r").status_code == 200
    for method, path, body in (
        ("PATCH", "/v1/people/ada", {"attributes": {"visits": 1}}),
        ("DELETE", "/v1/people/ada", None),
        ("POST", "/v1/people/ada/consents", {"word": "granted", "category": "promotional"}),
        ("POST", "/v1/journeys/delayed/runs", {"person": "ada", "inputs": {"percent": 1}}),
    ):
        assert _said(shop, method, path, body=body, key="r")[0] == 403
    shop.scene.settle()
    assert shop.ask("GET", "/v1/people/ada", key="r").status_code == 200


def test_where_there_is_no_read_key_nothing_is_handed_out(open_shop: Open) -> None:
    shop = open_shop(write=["w"])

    assert _said(shop, "GET", "/v1/people", key="w")[0] == 403


def test_a_cursor_of_another_list_opens_nothing(shop: Shop) -> None:
    """Nobody's events lead to somebody else's, whatever is written into a cursor."""
    shop.scene.event("viewed", "bob", product="secret")
    of_bob = shop.get("/v1/people/bob/events?limit=1")["next"]
    bare = urlsafe_b64encode(b"12345678" + orjson.dumps(99)).decode()

    for cursor in (of_bob, bare, "%00", "AAAA", "e30", "x" * 400):
        status, said = _said(shop, "GET", f"/v1/people/ada/events?cursor={cursor}")
        assert (status, said.partition(":")[0]) == (400, "The cursor does not belong to this list")
    narrower = shop.get("/v1/people/bob/events?limit=1&name=viewed")
    assert narrower["next"] is None
    assert _said(shop, "GET", f"/v1/people/bob/events?name=viewed&cursor={of_bob}")[0] == 400


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", '"limit" must be at least 1.'),
        ("limit=100000", '"limit" must be at most 200.'),
        ("limit=ten", '"limit" must be a whole number.'),
        ("limit=1&limit=2", '"limit" is there twice; give it once.'),
        ("limits=1", 'There is no parameter "limits". Did you mean "limit"?'),
    ],
)
def test_a_query_that_cannot_be_is_refused(shop: Shop, query: str, said: str) -> None:
    assert _said(shop, "GET", f"/v1/people/ada/events?{query}") == (400, said)


@pytest.mark.parametrize("name", ["%00", "a%0Ab", "a" * 257, "%7F"])
def test_a_name_that_nobody_can_have_is_refused(shop: Shop, name: str) -> None:
    assert _said(shop, "GET", f"/v1/people/{name}")[0] == 400


@pytest.mark.parametrize("name", ["%20", "%FF", "%C3%28", "ada/bob", "..%2f..%2fetc%2fpasswd"])
def test_a_name_that_is_no_text_or_a_path_leads_nowhere(shop: Shop, name: str) -> None:
    assert _said(shop, "GET", f"/v1/people/{name}")[0] == 404


@pytest.mark.parametrize(
    "value",
    [
        "'; drop table people; --",
        "{{ 7 * 7 }}{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}",
        "${jndi:ldap://shop.example/x}",
        '=HYPERLINK("http://shop.example")',
        "<script>alert(1)</script>",
        "Robert\\'); --",
    ],
)
def test_attributes_are_words_and_nothing_is_done_with_them(shop: Shop, value: str) -> None:
    """Neither the store nor a template takes what people are called for something to be done."""
    shop.ask("PATCH", "/v1/people/ada", {"attributes": {"first_name": value}})
    shop.scene.settle()

    assert shop.get("/v1/people/ada")["attributes"]["first_name"] == value
    assert [each["id"] for each in shop.get("/v1/people")["items"]] == ["ada", "bob"]
    shop.scene.until("2026-03-05 11:00")
    assert value in shop.get("/v1/people/ada/deliveries")["items"][0]["parts"]["title"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b"\xff\xfe", {}, 400),
        (b'{"attributes": {}}', {}, 400),
        (b'{"attributes": 7}', {}, 400),
        (b'{"attributes": {"visits": 1}, "id": "bob"}', {}, 400),
        (b"[" * 100_000, {}, 413),
        (b"[" * 60_000, {}, 400),
        (b'{"attributes": {"visits": ' + b"9" * 5_000 + b"}}", {}, 400),
        (b'{"attributes": {"visits": 1}}', {"content-type": "text/plain"}, 415),
        (b'{"attributes": {"visits": 1}}', {"content-encoding": "br"}, 415),
        (b'{"attributes": {"visits": 1}}', {"content-encoding": "gzip"}, 400),
        (gzip.compress(b'{"attributes": {"first_name": "' + b"a" * 20_000_000 + b'"}}', mtime=0), {"content-encoding": "gzip"}, 413),
        (b'{"attributes": {"first_name": "' + b"a" * 10_000_000 + b'"}}', {}, 413),
    ],
    ids=lambda value: repr(value)[:24],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_refused(
    shop: Shop, body: bytes, headers: dict[str, str], status: int
) -> None:
    assert _said(shop, "PATCH", "/v1/people/ada", body=body, headers=headers)[0] == status
    shop.scene.settle()
    assert shop.get("/v1/people/ada")["attributes"]["visits"] == 3


def test_an_idempotency_key_that_is_none_is_refused(shop: Shop) -> None:
    word = {"word": "granted", "category": "promotional", "method": "form"}
    for key in ("x" * 201, "a\tb"):
        named = {"idempotency-key": key}
        status, said = _said(shop, "POST", "/v1/people/ada/consents", body=word, headers=named)
        assert (status, said.partition(" must")[0]) == (400, "Idempotency-Key")


def test_who_asks_too_much_is_told_when_to_come_back(open_shop: Open) -> None:
    shop = open_shop(write=["w"], read=["one", "two"], per_second=1)
    first = shop.ask("GET", "/v1/journeys", key="one")
    shop.ask("GET", "/v1/journeys", key="one")
    late = shop.ask("GET", "/v1/journeys", key="one")

    assert (first.headers["ratelimit-limit"], first.headers["ratelimit-remaining"]) == ("2", "1")
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) == 1
    assert late.headers["ratelimit-remaining"] == "0"
    assert shop.ask("GET", "/v1/journeys", key="two").status_code == 200


def test_what_cannot_be_asked_of_an_address_is_said(shop: Shop) -> None:
    status, said = _said(shop, "DELETE", "/v1/journeys/welcome")

    assert (status, said) == (405, "DELETE is not possible at this address.")
    assert _said(shop, "GET", "/v1/nothing") == (404, "There is nothing at this address.")


class _SlowStore(MemoryStore):
    """Reads wait until they may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.reading = threading.Semaphore(0)

    def people(self, *arguments: Any) -> Any:
        if threading.current_thread().name.startswith("wayline-reader"):
            self.reading.release()
            assert self.gate.wait(20)
        return super().people(*arguments)


def test_slow_readers_hold_up_neither_the_loop_nor_who_sends_events(open_shop: Open) -> None:
    store = _SlowStore()
    shop = open_shop(store)
    shop.scene.person("ada")

    async def story() -> tuple[list[int], list[int]]:
        slow = [asyncio.create_task(shop.asking("GET", "/v1/people/ada")) for _ in range(4)]
        for _ in slow:
            assert await asyncio.to_thread(store.reading.acquire, timeout=20)
        event = {"userId": "ada", "event": "viewed", "properties": {"product": "x"}}
        quick = [await shop.asking("POST", "/v1/track", event)]
        quick.append(await shop.asking("GET", "/v1/journeys"))
        store.gate.set()
        return [e.status_code for e in quick], [(await e).status_code for e in slow]

    quick, slow = asyncio.run(story())

    assert (quick, slow) == ([200, 200], [200] * 4)


def test_more_readers_than_may_wait_are_sent_away(open_shop: Open) -> None:
    store = _SlowStore()
    shop = open_shop(store)
    shop.scene.person("ada")

    async def story() -> list[int]:
        async def ask() -> int:
            status = (await shop.asking("GET", "/v1/people/ada")).status_code
            store.gate.set()  # whoever is sent away is so while the others wait
            return status

        return await asyncio.gather(*(ask() for _ in range(80)))

    statuses = asyncio.run(story())

    assert sorted(set(statuses)) == [200, 503]
    assert statuses.count(503) == 16
