"""All that is known of a person, over HTTP, for who may read it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime

import pytest

from dsl.calendar import from_datetime
from dsl.expr.context import Happened
from dsl.project import Folder
from engine.core.profile import Profile
from engine.core.signals import EventArrived
from engine.deploy import deploy_folder
from engine.store.protocol import Changes
from engine.store.testing.samples import NUMBERLESS, commit
from tests.engine.scene import SHOP

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

    for key in ("", "R"):
        answer = api.get("/v1/people/ada/export", _as(key))
        assert answer.status == 401
        assert "Give the read key" in answer.error
    beyond = api.get("/v1/people/ada/export", _as("w"))
    assert (beyond.status, beyond.error[:32]) == (403, "This key is for ingest and write")
    assert api.get("/v1/people/ada/export", _as("s")).status == 200
    assert api.send("/v1/people/ada", None, _as("r"), "DELETE").status == 403


def test_where_there_are_write_keys_only_nobody_reads(start: Start) -> None:
    api = start(keys=["w"])
    _know(api, "ada")

    answer = api.get("/v1/people/ada/export", _as("w"))

    assert answer.status == 403
    assert "WAYLINE_READ_KEYS" in answer.error


def _said(api: Api, name: str, at: str, received: str, **more: str) -> None:
    said_at, heard_at = (from_datetime(datetime.fromisoformat(each)) for each in (at, received))
    said = Happened(name, said_at, heard_at, NUMBERLESS, {"category": "promotional", **more})
    api.store.append([EventArrived(f"{name} {at}", "ada", said)])


def test_consents_are_handed_out_as_they_were_known(start: Start) -> None:
    api = start(keys=["w"], read_keys=["r"])
    deploy_folder(api.store, Folder(SHOP, ()), 1)
    _said(api, "consent_granted", "2026-01-02T10:00Z", "2026-01-02T10:00Z", wording="v3")
    _said(api, "consent_withdrawn", "2026-02-02T10:00Z", "2026-02-05T10:00Z")

    def asked(query: str = "") -> list[str]:
        answer = api.get(f"/v1/people/ada/consents{query}", _as("r"))
        assert answer.headers["cache-control"] == "no-store"
        return sorted(
            {e["stands"] for e in answer.json["follows"] if e["category"] == "promotional"}
        )

    assert asked() == ["withdrawn"]
    assert asked("?at=2026-02-03") == ["withdrawn"]
    assert asked("?at=2026-02-03&known_at=2026-02-03") == ["granted"]
    assert asked("?at=2026-01-01") == ["none"]
    found = api.get("/v1/people/ada/consents", _as("r")).json
    assert [each["wording"] for each in found["words"]] == ["v3", ""]


def test_consents_are_for_who_may_read(start: Start) -> None:
    api = start(keys=["w"], read_keys=["r"])
    deploy_folder(api.store, Folder(SHOP, ()), 1)
    _know(api, "ada")

    assert api.get("/v1/people/ada/consents", _as("w")).status == 403
    assert api.get("/v1/people/eve/consents", _as("r")).status == 404
    wrong = api.get("/v1/people/ada/consents?at=yesterday", _as("r"))
    assert (wrong.status, wrong.error[:23]) == (400, '"yesterday" is no date:')
    assert start(keys=["w"]).get("/v1/people/ada/consents", _as("w")).status == 403
