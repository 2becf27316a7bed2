"""PostHog's batches, said in the Segment spec as far as both say the same.

What is its own is left out: flags, groups with properties of their own, ``$set_once`` (what is
known here is what was told last), and what its clients note about themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

__all__ = ["Translated", "translated"]

_IDENTIFIED: Final = ("$identify", "$set")
_SEEN: Final = {"$pageview": "page", "$screen": "screen"}
_PAGE: Final = {
    "$current_url": "url",
    "$pathname": "path",
    "$referrer": "referrer",
    "title": "title",
}
_CAMPAIGN: Final = {
    f"utm_{part}": name
    for part, name in (
        *(("campaign", "name"), ("source", "source"), ("medium", "medium")),
        *(("term", "term"), ("content", "content")),
    )
}


class Translated(NamedTuple):
    """Calls, each with its place in the batch; and how many events say nothing that we know."""

    calls: list[object]
    places: list[int]
    ignored: int


def translated(batch: list[object]) -> Translated:
    """What a batch says."""
    calls: list[object] = []
    places: list[int] = []
    ignored = 0
    for place, event in enumerate(batch):
        said = list(_calls(event)) if isinstance(event, dict) else [event]
        ignored += not said
        calls += said
        places += [place] * len(said)
    return Translated(calls, places, ignored)


def _calls(event: Mapping[str, Any]) -> Iterator[object]:
    name = event.get("event")
    given = event.get("properties")
    properties: Mapping[str, Any] = given if isinstance(given, dict) else {}
    common = _common(event, properties)
    told = event.get("$set") or properties.get("$set")
    if name == "$create_alias":
        ids = {"previousId": properties.get("distinct_id"), "userId": properties.get("alias")}
        yield {**common, "anonymousId": None, **ids, "type": "alias"}
        return
    if name in _IDENTIFIED:
        anonymous = properties.get("$anon_distinct_id") or common["anonymousId"]
        yield {**common, "anonymousId": anonymous, "type": "identify", "traits": told or {}}
        return
    if isinstance(name, str) and name.startswith("$") and name not in _SEEN:
        return
    if told:  # said beside an event; under an id of its own, or one would be a repeat of the other
        beside = common["messageId"] and f"{common['messageId']} $set"
        yield {**common, "messageId": beside, "type": "identify", "traits": told}
    own = {key: value for key, value in properties.items() if not key.startswith("$")}
    if isinstance(name, str) and name in _SEEN:
        called = properties.get("$screen_name")
        yield {**common, "type": _SEEN[name], "name": called, "properties": own}
    else:
        yield {**common, "type": "track", "event": name, "properties": own}


def _common(event: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Who, when, and what is said beside."""
    who = event.get("distinct_id") or properties.get("distinct_id")
    unknown = (
        properties.get("$process_person_profile") is False
        or properties.get("$is_identified") is False
        or (who is not None and who == properties.get("$device_id"))
    )
    return {
        "messageId": event.get("uuid"),
        "timestamp": event.get("timestamp"),
        "userId": None if unknown else who,
        "anonymousId": who if unknown else None,
        "context": {
            "page": {to: properties.get(name) for name, to in _PAGE.items()},
            "campaign": {to: properties.get(name) for name, to in _CAMPAIGN.items()},
            "ip": properties.get("$ip"),
            "userAgent": properties.get("$raw_user_agent"),
            "timezone": properties.get("$timezone"),
            "locale": properties.get("$browser_language"),
        },
    }
