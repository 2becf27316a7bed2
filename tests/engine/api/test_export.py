"""All that is known of a person, over HTTP, for who may read it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

import pytest

from engine.core.profile import Profile
from engine.store.protocol import Changes
from engine.store.testing.samples import commit

from .conftest import Api, Start


def _as(key: str) -> Mapping[str, str]:
    return {"authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}


def _know(api: Api, person: str) -> None:
    commit(api.store, Changes([Profile(person, {"first_name": "Ada"})]), [person])


@pytest.mark.parametrize(
    ("path", "person"),
    [("ada", "ada"), ("shop%2Fada", "shop/ada"), ("export", "export"), ("Zo%C3%AB", "Zoë")],
)
def test_somebody_is_handed_out_whole(api: Api, path: str, person: str) -> None:
    _know(api, person)

    answer = api.get(f"/v1/people/{path}/export")

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json["form"] == "wayline person"
    assert answer.json["person"] == person
    assert answer.json["exported"] == "2026-03-01T09:00:00Z"
    assert answer.json["profile"]["attributes"] == {"first_name": "Ada"}


def test_who_was_never_heard_of_or_is_forgotten_is_not_there(api: Api) -> None:
    answer = api.get("/v1/people/ada/export")

    assert (answer.status, answer.error) == (404, "Nobody of this id has ever been heard of.")


def test_whoever_may_send_events_may_not_read(start: Start) -> None:
    api = start(keys=["w"], read_keys=["r", "s"])
    _know(api, "ada")

    for key in ("w", "", "R"):
        answer = api.get("/v1/people/ada/export", _as(key))
        assert (answer.status, answer.error[:17]) == (401, "Give the read key")
    assert api.get("/v1/people/ada/export", _as("s")).status == 200
    assert api.send("/v1/people/ada", None, _as("r"), "DELETE").status == 401


def test_where_there_are_write_keys_only_nobody_reads(start: Start) -> None:
    api = start(keys=["w"])
    _know(api, "ada")

    answer = api.get("/v1/people/ada/export", _as("w"))

    assert answer.status == 403
    assert "WAYLINE_READ_KEYS" in answer.error
