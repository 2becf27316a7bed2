"""PostHog's events in the words of the Segment spec."""

from __future__ import annotations

from typing import Any

import pytest

from engine.ingest.posthog import translated


def only(event: dict[str, Any]) -> dict[str, Any]:
    """The one call that an event is, without what is not said."""
    found = translated([event])
    ((call,), places) = found.calls, found.places
    assert places == [0]
    assert isinstance(call, dict)
    return {key: value for key, value in call.items() if value is not None and key != "context"}


def test_an_event_is_a_track_call() -> None:
    said = only(
        {
            "event": "Order Completed",
            "distinct_id": "ada",
            "uuid": "u-1",
            "timestamp": "2026-03-01T09:00:00Z",
            "properties": {"total": 5, "$lib": "posthog-python", "$geoip_disable": True},
        }
    )

    assert said == {
        "type": "track",
        "event": "Order Completed",
        "userId": "ada",
        "messageId": "u-1",
        "timestamp": "2026-03-01T09:00:00Z",
        "properties": {"total": 5},
    }


@pytest.mark.parametrize(
    "properties",
    [
        {"$process_person_profile": False},
        {"$is_identified": False},
        {"$device_id": "d-1"},
    ],
)
def test_whoever_was_not_identified_is_anonymous(properties: dict[str, Any]) -> None:
    said = only({"event": "Order Completed", "distinct_id": "d-1", "properties": properties})

    assert (said["anonymousId"], "userId" in said) == ("d-1", False)


def test_identifying_names_both_ids() -> None:
    properties = {"$anon_distinct_id": "d-1", "$set": {"name": "Ada"}}
    said = only({"event": "$identify", "distinct_id": "ada", "properties": properties})

    assert (said["type"], said["userId"], said["anonymousId"]) == ("identify", "ada", "d-1")
    assert said["traits"] == {"name": "Ada"}


def test_an_alias_says_who_somebody_was_before() -> None:
    properties = {"distinct_id": "before", "alias": "now"}
    said = only({"event": "$create_alias", "distinct_id": "before", "properties": properties})

    assert said == {"type": "alias", "previousId": "before", "userId": "now"}


def test_what_is_set_beside_an_event_has_an_id_of_its_own() -> None:
    event = {"event": "Order", "distinct_id": "ada", "uuid": "u", "properties": {"$set": {"a": 1}}}
    told, track = translated([7, event]).calls[1:]

    assert isinstance(told, dict)
    assert isinstance(track, dict)
    assert (told["type"], told["messageId"], told["traits"]) == ("identify", "u $set", {"a": 1})
    assert (track["type"], track["messageId"], track["properties"]) == ("track", "u", {})
    assert translated([7, event]).places == [0, 1, 1]


@pytest.mark.parametrize(
    "name", ["$feature_flag_called", "$autocapture", "$set_once", "$pageleave"]
)
def test_what_only_posthog_knows_is_left_out(name: str) -> None:
    found = translated([{"event": name, "distinct_id": "ada", "properties": {}}])

    assert (found.calls, found.ignored) == ([], 1)


def test_links_of_campaigns_are_context() -> None:
    properties = {"utm_campaign": "spring", "$current_url": "https://shop.example/"}
    (call,) = translated([{"event": "$pageview", "properties": properties}]).calls

    assert isinstance(call, dict)
    assert call["context"]["campaign"]["name"] == "spring"
    assert call["context"]["page"]["url"] == "https://shop.example/"


@pytest.mark.parametrize(
    "event", [7, None, "x", [], {}, {"event": 7}, {"event": "x", "properties": [1]}, {"event": []}]
)
def test_nonsense_is_handed_on_to_be_refused(event: object) -> None:
    assert len(translated([event]).calls) == 1
