"""Clients that people already have, pointed at a daemon: what each call of theirs leaves there."""

from __future__ import annotations

import base64
import json
import urllib.request
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from posthog import Posthog
from rudderstack.analytics.client import Client as RudderStack
from segment.analytics.client import Client as Segment

from dsl.calendar import from_datetime
from engine.store import open_store

from .conftest import Kept, Running

ORDER = {"order_id": "o-1", "total": 19.9, "nobody": "asked for this"}
ORDERED = {"order_id": "o-1", "total": 1990}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("client", [Segment, RudderStack])
def test_every_call_of_the_clients_for_the_segment_spec(
    client: Any, packed: bool, daemon: Running
) -> None:
    """Segment's and RudderStack's, which differ in where traits stand, and in keys in the body."""
    errors: list[object] = []
    ada, bob = f"ada {client.__module__} {packed}", f"bob {client.__module__} {packed}"
    sender = client(
        daemon.key, host=daemon.url, gzip=packed, on_error=lambda error, _: errors.append(error)
    )
    context = {"locale": "de-AT", "timezone": "Europe/Vienna", "campaign": {"name": "spring"}}
    sender.identify(ada, {"firstName": "Ada", "email": "ada@example.com"}, context=dict(context))
    sender.track(ada, "Order Completed", ORDER, context=dict(context))
    sender.page(ada, "Shop", "Home", {"url": "https://shop.example/"})
    sender.screen(ada, "Shop", "Basket", {"build": 7})
    sender.group(ada, "acme", {"plan": "pro"})
    sender.track(anonymous_id=bob, event="Order Completed", properties=ORDER)
    sender.identify(anonymous_id=bob, traits={"first_name": "Bob"})
    sender.flush()
    sender.shutdown()

    assert errors == []
    mail = {"email": "ada@example.com"}
    assert daemon.kept(ada) == [
        Kept(
            ada,
            "told",
            {"first_name": "Ada", **mail, "language": "de", "time_zone": "Europe/Vienna"},
            mail,
        ),
        Kept(ada, "purchase", {**ORDERED, "campaign_name": "spring"}),
        Kept(
            ada, "page_seen", {"name": "Home", "category": "Shop", "url": "https://shop.example/"}
        ),
        Kept(ada, "screen_seen", {"name": "Basket", "category": "Shop", "build": 7}),
        Kept(ada, "told", {"group_id": "acme", "group_plan": "pro"}),
    ]
    assert daemon.kept(f"anonymous:{bob}") == [
        Kept(f"anonymous:{bob}", "purchase", ORDERED),
        Kept(f"anonymous:{bob}", "told", {"first_name": "Bob"}),
    ]


def test_a_client_that_says_it_again_is_heard_once(daemon: Running) -> None:
    """As it does when the answer was lost on its way."""
    for _ in range(2):
        sender = Segment(daemon.key, host=daemon.url, sync_mode=True)
        sender.track("again", "Order Completed", ORDER, message_id="m-1")

    assert daemon.kept("again") == [Kept("again", "purchase", ORDERED)]


def test_what_happened_earlier_happened_then(daemon: Running) -> None:
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    sender = Segment(daemon.key, host=daemon.url, sync_mode=True)
    sender.track("earlier", "Order Completed", ORDER, timestamp=at)

    with closing(open_store(daemon.store)) as store:
        view = store.people(["earlier"], ["purchase"])["earlier"]
    (event,) = view.history["purchase"]
    assert event.occurred == from_datetime(at)
    assert event.received > event.occurred


def test_a_wrong_key_is_an_error_of_the_client(daemon: Running) -> None:
    errors: list[Any] = []
    sender = Segment(
        "wrong", host=daemon.url, max_retries=0, on_error=lambda error, _: errors.append(error)
    )
    sender.track("eve", "Order Completed", ORDER)
    sender.flush()
    sender.shutdown()

    (error,) = errors
    assert error.status == 401
    assert "This key is not known here." in error.message
    assert daemon.kept("eve") == []


@pytest.mark.parametrize("packed", [True, False])
def test_posthogs_client_as_far_as_it_says_the_same(packed: bool, daemon: Running) -> None:
    """Events, what is set of people, aliases and pages. Flags, groups with properties of their own
    and ``$set_once`` are left out, and are no mistake.
    """
    errors: list[object] = []
    ada = f"ada posthog {packed}"
    sender = Posthog(
        daemon.key,
        host=daemon.url,
        gzip=packed,
        on_error=lambda error, _: errors.append(error),
        disable_geoip=False,
    )
    sender.set(distinct_id=ada, properties={"first_name": "Ada"})
    sender.capture("Order Completed", distinct_id=ada, properties=dict(ORDER))
    page = {"$current_url": "https://shop.example/", "url": "https://shop.example/"}
    sender.capture("$pageview", distinct_id=ada, properties=page)
    sender.capture("$screen", distinct_id=ada, properties={"$screen_name": "Basket"})
    sender.capture("$feature_flag_called", distinct_id=ada, properties={"a": 1})
    sender.set_once(distinct_id=ada, properties={"first_name": "Never"})
    sender.group_identify("company", "acme", {"plan": "pro"}, distinct_id=ada)
    sender.flush()
    sender.shutdown()

    assert errors == []
    assert daemon.kept(ada) == [
        Kept(ada, "told", {"first_name": "Ada"}),
        Kept(ada, "purchase", ORDERED),
        Kept(ada, "page_seen", {"url": "https://shop.example/"}),
        Kept(ada, "screen_seen", {"name": "Basket"}),
    ]


def test_what_was_refused_is_told_by_its_place_in_the_batch_of_posthog(daemon: Running) -> None:
    batch = [
        {"event": "$feature_flag_called", "distinct_id": "ada", "properties": {}},
        {"event": "Nonsense", "distinct_id": "ada", "properties": {"$set": {"first_name": "A"}}},
        7,
    ]
    body = json.dumps({"api_key": daemon.key, "batch": batch}).encode()
    asked = urllib.request.Request(
        f"{daemon.url}/batch/", body, {"content-type": "application/json"}
    )
    answer = json.load(urllib.request.urlopen(asked))

    assert (answer["status"], answer["accepted"], answer["ignored"]) == (1, 1, 1)
    assert [(each["index"], each["error"][:30]) for each in answer["rejected"]] == [
        (1, "The tracking plan has no event"),
        (2, "An event must be a JSON object"),
    ]


def test_a_key_is_a_user_name_a_bearer_or_in_the_body(daemon: Running) -> None:
    call = {"userId": "keys", "event": "Order Completed", "properties": ORDER}
    basic = base64.b64encode(f"{daemon.key}:".encode()).decode()
    ways: list[tuple[dict[str, str], dict[str, str]]] = [
        ({"authorization": f"Basic {basic}"}, {}),
        ({"authorization": f"Bearer {daemon.key}"}, {}),
        ({}, {"writeKey": daemon.key}),
    ]
    for headers, more in ways:
        body = json.dumps({**call, **more}).encode()
        asked = urllib.request.Request(
            f"{daemon.url}/v1/track", body, {"content-type": "application/json", **headers}
        )
        assert urllib.request.urlopen(asked).status == 200

    assert len(daemon.kept("keys")) == 3
