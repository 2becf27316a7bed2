"""Webhooks, over HTTP: made, changed, tried, given new secrets; and what bad guests try with them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dsl.calendar import DAY
from engine.core.keys import Key, hashed
from engine.store import open_store

from .conftest import Open, Shop

CRM = {"url": "https://crm.example/hook", "events": ["message.*", "journey.left"]}


def _made(shop: Shop, **more: Any) -> Any:
    answer = shop.ask("POST", "/v1/webhooks", {**CRM, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_its_secret_is_shown_once_and_never_kept(open_shop: Open, tmp_path: Path) -> None:
    file = tmp_path / "wayline.db"
    store = open_store(f"sqlite:///{file}")
    shop = open_shop(store)
    made = _made(shop, about="the CRM")
    secret = made.pop("secret")

    assert secret.startswith("whsec_")
    assert shop.get(f"/v1/webhooks/{made['id']}") == made
    assert shop.get("/v1/webhooks")["items"] == [made]
    assert (made["active"], made["about"], made["told"]) == (True, "the CRM", 0)
    store.close()
    for kept in tmp_path.iterdir():
        assert secret.removeprefix("whsec_").encode() not in kept.read_bytes()


def test_it_is_told_what_happens_from_then_on(shop: Shop) -> None:
    made = _made(shop)
    shop.scene.after(4 * DAY)
    _tell(shop)

    found = shop.get(f"/v1/webhooks/{made['id']}")
    assert (found["told"], found["failing_since"]) == (2, None)
    assert {each.address for each in shop.receiver.got} == {CRM["url"]}


def _tell(shop: Shop) -> None:
    hooks = shop.hooks.relay
    assert hooks is not None
    while asyncio.run(hooks.run_once(shop.scene.now)).more:
        pass


def test_how_it_goes_is_said_and_it_is_switched_off_and_on(shop: Shop) -> None:
    made = _made(shop)
    shop.receiver.status = 500
    shop.scene.after(4 * DAY)
    _tell(shop)
    failing = shop.get(f"/v1/webhooks/{made['id']}")
    assert failing["reason"] == "it answers 500"
    assert failing["next_attempt"] > failing["failing_since"]
    shop.receiver.status = 200
    off = shop.ask("PATCH", f"/v1/webhooks/{made['id']}", {"active": False}).json()
    shop.scene.after(DAY)
    _tell(shop)
    assert (off["active"], off["disabled"]) == (False, "Somebody has switched it off.")
    assert len(shop.receiver.got) == 1

    on = shop.ask("PATCH", f"/v1/webhooks/{made['id']}", {"active": True}).json()
    _tell(shop)
    assert (on["active"], on["reason"]) == (True, "")
    assert shop.get(f"/v1/webhooks/{made['id']}")["told"] == 2


def test_it_is_changed_tried_and_taken_away(shop: Shop) -> None:
    made = _made(shop)
    path = f"/v1/webhooks/{made['id']}"
    changed = shop.ask("PATCH", path, {"url": "https://new.example/", "events": ["*"]}).json()

    assert (changed["url"], changed["events"]) == ("https://new.example/", ["*"])
    assert shop.ask("POST", f"{path}/trial").json() == {"taken": True, "reason": ""}
    shop.receiver.status = 404
    assert shop.ask("POST", f"{path}/trial").json() == {"taken": False, "reason": "it answers 404"}
    assert shop.receiver.got[0].address == "https://new.example/"
    rotated = shop.ask("POST", f"{path}/rotation").json()
    assert rotated["secret"] != made["secret"]
    assert shop.ask("DELETE", path).status_code == 200
    for method in ("GET", "DELETE", "PATCH"):
        body = {"active": True} if method == "PATCH" else None
        assert shop.ask(method, path, body).status_code == 404


def test_the_same_request_makes_one_and_shows_its_secret_again(shop: Shop) -> None:
    """Whoever did not get the answer has not got the secret either."""
    named = {"idempotency-key": "crm-1"}
    first = shop.ask("POST", "/v1/webhooks", CRM, headers=named)
    again = shop.ask("POST", "/v1/webhooks", CRM, headers=named)
    other = shop.ask("POST", "/v1/webhooks", {**CRM, "events": ["*"]}, headers=named)

    assert first.json() == again.json()
    assert len(shop.get("/v1/webhooks")["items"]) == 1
    assert other.status_code == 422
    assert "take a fresh one" in other.json()["detail"]
    path = f"/v1/webhooks/{first.json()['id']}"
    shop.ask("PATCH", path, {"url": "https://new.example/"})
    moved = shop.ask("POST", "/v1/webhooks", CRM, headers=named)
    assert (moved.status_code, moved.json()["url"]) == (201, "https://new.example/")


def test_a_secret_is_turned_once_however_often_the_request_is_repeated(shop: Shop) -> None:
    path = f"/v1/webhooks/{_made(shop)['id']}"
    named = {"idempotency-key": "turn-1"}
    first, again = [shop.ask("POST", f"{path}/rotation", headers=named).json() for _ in range(2)]
    other = shop.ask("POST", f"{path}/rotation", headers={"idempotency-key": "turn-2"}).json()

    assert first == again
    assert other["secret"] != first["secret"]
    for _ in range(2):
        shop.ask("POST", f"{path}/trial", headers=named)
    tried = {dict(each.headers)["webhook-id"] for each in shop.receiver.got}
    assert (len(shop.receiver.got), len(tried)) == (2, 1)


def test_there_is_an_end_to_how_many_there_are(shop: Shop) -> None:
    statuses = [shop.ask("POST", "/v1/webhooks", CRM).status_code for _ in range(51)]

    assert statuses == [201] * 50 + [409]


@pytest.mark.parametrize(
    "url",
    [
        *("http://crm.example/", "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1/"),
        *("https://169.254.169.254/latest/meta-data/", "https://[::ffff:127.0.0.1]/"),
        *("https://2130706433/", "https://0x7f.1/", "file:///etc/passwd", "gopher://x/", "//x"),
        *("https://user:pw@crm.example/", "https://crm.example/\r\nx: y", "not an address", " "),
    ],
)
def test_an_address_that_points_inside_is_refused(shop: Shop, url: str) -> None:
    made = _made(shop)
    answers = [
        shop.ask("POST", "/v1/webhooks", {**CRM, "url": url}),
        shop.ask("PATCH", f"/v1/webhooks/{made['id']}", {"url": url}),
    ]

    for answer in answers:
        assert answer.status_code == 400
        assert '"url" cannot be used' in answer.json()["detail"]
    assert len(shop.get("/v1/webhooks")["items"]) == 1


def test_what_an_operator_allows_is_no_longer_inside(shop: Shop) -> None:
    assert (
        _made(shop, url="http://crm.internal:8000/hook")["url"] == "http://crm.internal:8000/hook"
    )


def test_what_cannot_be_told_is_refused(shop: Shop) -> None:
    answer = shop.ask("POST", "/v1/webhooks", {**CRM, "events": ["message.read"]})

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith('"message.read" is nothing to be told of. There are')


def test_nobody_subscribes_without_a_key_that_administers(open_shop: Open) -> None:
    shop = open_shop(write=["w"], read=["r"])
    admin = Key(hashed("a"), "k", "ops", "server", ("admin",), "a", 0)
    shop.store.keys.turn(lambda _: [admin])

    for key in ("", "w", "r"):
        for method, path in (("GET", "/v1/webhooks"), ("POST", "/v1/webhooks/x/rotation")):
            assert shop.ask(method, path, key=key).status_code in (401, 403)
        assert shop.ask("POST", "/v1/webhooks", CRM, key=key).status_code in (401, 403)
    assert shop.ask("POST", "/v1/webhooks", CRM, key="a").status_code == 201


def test_without_a_secret_outside_the_database_nothing_can_be_signed(open_shop: Open) -> None:
    answer = open_shop(signs=False).ask("POST", "/v1/webhooks", CRM)

    assert answer.status_code == 503
    assert "WAYLINE_SECRET" in answer.json()["detail"]


def test_what_comes_from_the_settings_is_changed_there(shop: Shop) -> None:
    made = _made(shop)
    shop.hooks.managing.change(made["id"], settled=True)
    path = f"/v1/webhooks/{made['id']}"

    for answer in (shop.ask("DELETE", path), shop.ask("PATCH", path, {"active": False})):
        assert answer.status_code == 409
        assert "wayline.toml" in answer.json()["detail"]
    assert shop.ask("POST", f"{path}/rotation").status_code == 200
