"""The audit log over HTTP: every look at people is in it before anything of them leaves."""

from __future__ import annotations

from typing import Any

import pytest

from engine.access.keys import Wanted, made
from engine.access.trail import OPERATOR
from engine.api.v1.audit import ABOUT_NOBODY
from engine.api.v1.operations import OPERATIONS
from engine.core.keys import Scope
from engine.store.protocol import StoreUnavailableError

from .conftest import Open, Shop


def _told(shop: Shop, query: str = "", key: str = "") -> list[tuple[Any, ...]]:
    found = shop.get(f"/v1/audit{query}", key=key)["items"]
    return [(each["who"], each["what"], each["whom"]) for each in found]


def test_reads_and_changes_are_told_with_the_name_of_the_key(open_shop: Open) -> None:
    shop = open_shop()
    shop.scene.person("ada")
    for scope in (Scope.READ, Scope.WRITE):
        wanted = Wanted(f"shop {scope.value}", "server", [scope], None, (), "", 0)
        shop.scene.files[scope.value] = made(shop.store.keys, wanted, shop.scene.now)
    reads, writes = shop.scene.files["read"], shop.scene.files["write"]
    admin = made(shop.store.keys, Wanted("boss", "server", [Scope.ADMIN], None, (), "", 0), 0)
    shop.get("/v1/people/ada", key=reads)
    shop.ask("POST", "/v1/people/ada/consents", {}, key=writes)  # refused: nothing is done
    shop.ask("PATCH", "/v1/people/ada", {"attributes": {"tier": "gold"}}, key=writes)
    shop.get("/v1/people", key=reads)
    shop.get("/v1/segments", key=reads)

    assert _told(shop, key=admin) == [
        ("key shop read", "list_people", None),
        ("key shop write", "change_person", "ada"),
        ("key shop read", "get_person", "ada"),
    ]
    assert shop.ask("GET", "/v1/audit", key=reads).status_code == 403
    assert _told(shop, "?person=ada&limit=1", admin) == [("key shop write", "change_person", "ada")]
    assert ("key boss", "list_deeds", None) in _told(shop, key=admin)


def test_every_operation_that_tells_of_people_is_written_down(shop: Shop) -> None:
    """Also one that is added later: only those named here tell of nobody."""
    assert {each.name for each in OPERATIONS} > ABOUT_NOBODY
    (delivery,) = [each["id"] for each in shop.get("/v1/people/ada/deliveries")["items"]]
    asked = {"person": "ada", "delivery": delivery, "segment": "good", "journey": "welcome"}
    run = shop.get("/v1/people/ada/runs")["items"][0]["id"]
    expected = []
    for each in OPERATIONS:
        if each.method == "GET" and each.name not in ABOUT_NOBODY:
            shop.ask("GET", each.path.format(**asked, run=run))
            expected.append(each.name)

    told = {what: whom for _, what, whom in _told(shop, "?limit=200")}
    assert {*expected} <= {*told}
    assert told["get_delivery"] == told["get_run"] == told["get_membership"] == "ada"


def test_who_was_erased_is_not_named(shop: Shop) -> None:
    shop.get("/v1/people/ada")
    shop.ask("DELETE", "/v1/people/ada")
    shop.scene.settle()
    shop.get("/v1/people/ada/erasure")

    told = _told(shop)
    assert [what for _, what, _ in told] == ["get_erasure", "erase_person", "get_person"]
    assert all(whom.startswith("person:") for _, _, whom in told)
    assert _told(shop, "?person=ada") == told


def test_what_cannot_be_written_down_does_not_leave(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_deeds: object) -> None:
        raise StoreUnavailableError("the disk is full")

    monkeypatch.setattr(shop.store.deeds, "add", broken)
    answer = shop.ask("GET", "/v1/people/ada")

    assert answer.status_code == 503
    assert "ada" not in answer.text


def test_what_operators_send_by_hand_is_told_and_what_programs_send_is_not(shop: Shop) -> None:
    event = {
        "type": "track",
        "userId": "ada",
        "event": "purchase",
        "properties": {"total": "1 EUR"},
    }
    shop.ask("POST", "/v1/batch", {"batch": [event]})
    by_hand = {OPERATOR: "operator%20tom"}
    shop.ask("POST", "/v1/batch", {"batch": [event, {**event, "userId": "bob"}]}, headers=by_hand)
    shop.ask("POST", "/v1/track", event, headers={OPERATOR: "operator%20rosa%0Aroot"})
    shop.ask("POST", "/v1/track", event, headers={OPERATOR: "operator%20r%C3%B3sa"})
    shop.ask("POST", "/v1/track", {**event, "event": ""}, headers=by_hand)  # refused
    body = {"userId": "ada", "inputs": {"percent": 20}}
    shop.ask("POST", "/v1/journeys/delayed/start", body)

    told = [
        (each["what"], each["whom"], each["about"])
        for each in shop.get("/v1/audit")["items"]
        if each["what"] in ("send-event", "start_run")
    ]
    assert told == [
        ("start_run", "ada", {"journey": "delayed"}),
        ("send-event", "ada", {"by": "operator r\u00f3sa", "events": 1}),
        ("send-event", None, {"by": "operator tom", "events": 2}),
    ]


def test_a_change_that_cannot_be_written_down_is_not_made(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_deeds: object) -> None:
        raise StoreUnavailableError("the disk is full")

    (run,) = shop.get("/v1/people/ada/runs")["items"]
    monkeypatch.setattr(shop.store.deeds, "add", full)
    body = {"attributes": {"tier": "silver"}}
    for answer in (
        shop.ask("PATCH", "/v1/people/ada", body),
        shop.ask("DELETE", f"/v1/people/ada/runs/{run['id']}"),
        shop.ask("DELETE", "/v1/people/ada"),
    ):
        assert answer.status_code == 503
    shop.scene.settle()
    monkeypatch.undo()

    assert shop.get("/v1/people/ada")["attributes"]["tier"] == "gold"
    assert shop.get(f"/v1/people/ada/runs/{run['id']}")["status"] == "live"
