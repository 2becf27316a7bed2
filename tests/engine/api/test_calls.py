"""Events over HTTP: taken when durable, and what is not taken is said."""

from __future__ import annotations

import base64
import gzip
import http.client
import threading
from typing import Any

import orjson
import pytest

from engine.core.signals import EventArrived, ProfileChanged

from .conftest import NOW, Api, Start


def purchase(name: str = "m-1", **more: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": name,
        "userId": "ada",
        "properties": {"order_id": "o-1", "total": 20},
        **more,
    }


def test_a_track_call_is_durable_when_it_is_answered(api: Api) -> None:
    answer = api.send("/v1/track", purchase())

    assert (answer.status, answer.json) == (200, {"success": True})
    arrival = api.store.arrivals["m-1"]
    assert isinstance(arrival, EventArrived)
    assert (arrival.person, arrival.event.name, arrival.event.received) == ("ada", "purchase", NOW)
    assert api.woken == 1


def test_the_answer_waits_for_the_store(api: Api) -> None:
    api.store.gate = threading.Event()
    answers: list[int] = []
    sender = threading.Thread(
        target=lambda: answers.append(api.send("/v1/track", purchase()).status)
    )
    sender.start()

    assert api.get("/healthz").status == 200  # others are served meanwhile
    assert answers == []
    api.store.gate.set()
    sender.join(10)

    assert answers == [200]


def test_an_identify_call_changes_the_profile(api: Api) -> None:
    body = {"userId": "ada", "messageId": "m-2", "traits": {"first_name": "Ada", "shoe": 38}}

    assert api.send("/v1/identify", body).json == {"success": True}
    arrival = api.store.arrivals["m-2"]
    assert isinstance(arrival, ProfileChanged)
    assert arrival.attributes == {"first_name": "Ada"}
    assert b"wayline_ignored_traits_total 1.0" in api.get("/metrics").body


def test_the_address_says_what_a_call_is(api: Api) -> None:
    api.send("/v1/track", purchase(type="identify"))

    assert isinstance(api.store.arrivals["m-1"], EventArrived)


def test_a_batch_says_what_was_taken_repeated_and_rejected(api: Api) -> None:
    api.send("/v1/track", purchase("m-1"))
    wrong = purchase("m-3", userId=None)
    answer = api.send("/v1/batch", {"batch": [purchase("m-1"), purchase("m-2"), wrong, 7]})

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "accepted": 1,
        "repeated": 1,
        "rejected": [
            {
                "index": 2,
                "messageId": "m-3",
                "error": 'This event has no user: set "userId", or "anonymousId".',
            },
            {"index": 3, "messageId": None, "error": "An event must be a JSON object."},
        ],
    }
    assert set(api.store.arrivals) == {"m-1", "m-2"}


def test_a_batch_in_which_nothing_is_right_is_refused(api: Api) -> None:
    answer = api.send("/v1/batch", {"batch": [purchase(userId=None), {}]})

    assert answer.status == 400
    assert answer.error.startswith("None of the 2 events was accepted. The first: This event has")
    assert [rejected["index"] for rejected in answer.json["rejected"]] == [0, 1]
    assert api.store.arrivals == {}


def test_the_senders_clock_counts_for_the_whole_batch(api: Api) -> None:
    late = purchase(timestamp="2026-03-01T07:00:00Z")
    api.send("/v1/batch", {"batch": [late], "sentAt": "2026-03-01T08:00:00Z"})

    arrival = api.store.arrivals["m-1"]
    assert isinstance(arrival, EventArrived)
    assert arrival.event.occurred == NOW - 3600_000_000


def test_a_packed_body_is_read(api: Api) -> None:
    packed = gzip.compress(orjson.dumps({"batch": [purchase()]}))
    answer = api.send("/v1/batch", packed, {"content-encoding": "gzip"})

    assert answer.status == 200
    assert set(api.store.arrivals) == {"m-1"}


DEEP = b'{"batch": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"


@pytest.mark.parametrize("path", ["/v1/track", "/v1/identify", "/v1/batch"])
@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        pytest.param(b"hello", {}, 400, "The body is not JSON: line 1", id="not JSON"),
        pytest.param(b"", {}, 400, "The body is empty", id="nothing"),
        pytest.param(b"\xff\xfe{}", {}, 400, "The body is not JSON", id="not UTF-8"),
        pytest.param(b'"text"', {}, 400, "must be a JSON object", id="a text"),
        pytest.param(b"[]", {}, 400, "must be a JSON object", id="a list"),
        pytest.param(b'{"a": NaN}', {}, 400, "The body is not JSON", id="NaN"),
        pytest.param(DEEP, {}, 400, "nested too deeply", id="10,000 nested lists"),
        pytest.param(b"x" * 5_000_000, {}, 413, "The body is larger than", id="5 MB"),
        pytest.param(
            gzip.compress(b" " * 50_000_000),
            {"content-encoding": "gzip"},
            413,
            "The body is larger than",
            id="a bomb",
        ),
        pytest.param(
            b"{}", {"content-encoding": "gzip"}, 400, "The body is not valid gzip", id="not gzip"
        ),
        pytest.param(
            gzip.compress(b"{}")[:-4],
            {"content-encoding": "gzip"},
            400,
            "The body is not valid gzip",
            id="gzip cut off",
        ),
        pytest.param(b"{}", {"content-encoding": "br"}, 415, "gzip only", id="brotli"),
        pytest.param(
            b"a=b",
            {"content-type": "application/x-www-form-urlencoded"},
            415,
            "Send JSON",
            id="a form",
        ),
        pytest.param(b"{}", {"content-type": "text/plain"}, 415, "Send JSON", id="plain text"),
    ],
)
def test_a_bad_body_is_refused_and_changes_nothing(
    api: Api, path: str, body: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    answer = api.send(path, body, headers)

    assert answer.status == status
    assert said in answer.error
    assert api.store.arrivals == {}
    assert api.woken == 0


def test_a_large_body_without_a_length_is_refused_too(api: Api) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=20)
    parts = (b"x" * 65_536 for _ in range(80))
    headers = {"content-type": "application/json", "x-api": api.name}
    connection.request("POST", "/v1/batch", parts, headers, encode_chunked=True)
    response = connection.getresponse()
    response.read()
    connection.close()

    assert response.status == 413


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"userId": None}, "has no user", id="no user"),
        pytest.param({"event": "message_sent"}, "is reserved", id="reserved event name"),
        pytest.param({"event": "Order Complete"}, "Did you mean", id="unknown event"),
        pytest.param({"timestamp": "9999-01-01T00:00:00Z"}, "between the years", id="year 9999"),
        pytest.param({"timestamp": "2026-03-01T09:00:00"}, "no time zone", id="no zone"),
        pytest.param(
            {"properties": {"order_id": "o", "total": "a lot"}},
            '"total" should be',
            id="wrong type",
        ),
        pytest.param({"properties": {"total": 1}}, '"order_id" is required', id="missing"),
    ],
)
def test_a_bad_event_is_refused_and_changes_nothing(
    api: Api, change: dict[str, Any], said: str
) -> None:
    answer = api.send("/v1/track", purchase(**change))

    assert answer.status == 400
    assert said in answer.error
    assert api.store.arrivals == {}


@pytest.mark.parametrize("body", [{}, {"batch": []}, {"batch": {}}, {"batch": "x"}])
def test_a_batch_needs_a_list_of_events(api: Api, body: object) -> None:
    assert "must have a list of events" in api.send("/v1/batch", body).error


def test_an_event_of_40_kb_is_too_large_alone_and_in_a_batch(api: Api) -> None:
    large = purchase("m-large", context={"note": "x" * 40_000})

    assert api.send("/v1/track", large).status == 413
    answer = api.send("/v1/batch", {"batch": [large, purchase("m-1")]})
    assert [rejected["messageId"] for rejected in answer.json["rejected"]] == ["m-large"]
    assert set(api.store.arrivals) == {"m-1"}


def test_without_a_project_events_are_to_be_sent_again(start: Start) -> None:
    api = start(deployed=False)
    answer = api.send("/v1/track", purchase())

    assert answer.status == 503
    assert answer.headers["retry-after"] == "1"
    assert "No project is deployed" in answer.error


def test_a_store_that_fails_is_our_fault_and_nothing_is_claimed(api: Api) -> None:
    api.store.broken = True
    answer = api.send("/v1/track", purchase())

    assert answer.status == 500
    assert "send it again" in answer.error
    assert b'wayline_events_total{result="accepted"}' not in api.get("/metrics").body


class TestWriteKey:
    @pytest.mark.parametrize(
        "header",
        [
            None,
            "Basic",
            "Basic !!!",
            "Basic ümlaut",
            "Bearer wrong",
            "Bearer",
            "Basic " + base64.b64encode(b"wrong:").decode(),
            "Basic " + base64.b64encode(b":right").decode(),
            "Basic " + base64.b64encode(b"righ").decode(),
        ],
    )
    def test_nothing_is_taken_without_it(self, start: Start, header: str | None) -> None:
        api = start(keys=["right", "next"])
        headers = {} if header is None else {"authorization": header.encode().decode("latin-1")}
        answer = api.send("/v1/batch", {"batch": [purchase()]}, headers)

        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Basic")
        assert "write key" in answer.error
        assert api.store.arrivals == {}

    @pytest.mark.parametrize("key", ["right", "next"])
    def test_every_key_is_a_key(self, start: Start, key: str) -> None:
        api = start(keys=["right", "next"])
        header = "Basic " + base64.b64encode(f"{key}:".encode()).decode()

        assert api.send("/v1/track", purchase(), {"authorization": f"Bearer {key}"}).status == 200
        assert api.send("/v1/track", purchase(), {"authorization": header}).status == 200

    def test_health_and_unsubscribing_need_none(self, start: Start) -> None:
        api = start(keys=["right"])

        assert api.get("/healthz").status == 200
        assert api.get("/unsubscribe/x").status == 404
