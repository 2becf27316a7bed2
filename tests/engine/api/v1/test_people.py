"""People, over HTTP: what is known of them, what they did, and changing it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.calendar import MINUTE
from engine.core.signals import MergeAsked, ReceiptArrived
from engine.store import open_store

from .conftest import Open, Shop


def test_a_person_is_shown_whole(shop: Shop) -> None:
    person = shop.get("/v1/people/ada")

    assert person["id"] == "ada"
    assert person["attributes"]["tier"] == "gold"
    assert person["addresses"]["email"] == "ada@example.com"
    assert person["reachable"] == ["email", "push", "sms"]
    assert (person["time_zone"], person["language"]) == ("Europe/Berlin", "en")
    (consent,) = person["consents"]
    assert (consent["category"], consent["channel"], consent["granted"]) == (
        "promotional",
        None,
        True,
    )
    assert consent["at"] == "2026-03-02T09:00:00Z"
    assert [each["journey"] for each in person["last_contacts"]] == ["welcome"]


def test_nobody_is_said_to_be_nobody(shop: Shop) -> None:
    for path in ("", "/events", "/runs", "/deliveries", "/decisions", "/why", "/consents"):
        answer = shop.ask("GET", f"/v1/people/eve{path}")
        assert (answer.status_code, answer.json()["detail"]) == (
            404,
            "Nobody of this id has ever been heard of.",
        )


def test_names_may_have_slashes_and_lead_nowhere_else(shop: Shop) -> None:
    shop.scene.person("shop/ada")
    shop.scene.person("ada/events")
    shop.scene.settle()

    assert shop.get("/v1/people/shop%2Fada")["id"] == "shop/ada"
    assert shop.get("/v1/people/ada%2Fevents")["id"] == "ada/events"
    assert shop.get("/v1/people/ada%2Fevents/events")["items"][0]["name"] == "consent_granted"


def test_everybody_is_listed_once_whoever_comes_meanwhile(shop: Shop) -> None:
    first = shop.get("/v1/people?limit=1")
    shop.scene.person("aaron")
    shop.scene.settle()
    rest = shop.get(f"/v1/people?cursor={first['next']}")

    assert [each["id"] for each in (*first["items"], *rest["items"])] == ["ada", "bob", "aaron"]
    assert rest["next"] is None


def test_people_are_found_by_their_number_however_it_is_written(shop: Shop) -> None:
    found = shop.get("/v1/people?address=0049%2030-901820")

    assert [each["id"] for each in found["items"]] == ["ada"]
    assert shop.get("/v1/people?address=%2B49%2030%20111111")["items"] == []
    assert shop.ask("GET", "/v1/people?address=nonsense").status_code == 400
    assert shop.get("/v1/people?phone=0049%2030-901820") == found


def test_people_are_found_by_their_e_mail_address_page_by_page(shop: Shop) -> None:
    for name in ("eve", "kim"):
        shop.scene.change(name, {}, {"email": "Family@Example.com"})
    shop.scene.settle()

    found = shop.get("/v1/people?email=%20ADA%40example.com")
    assert (found["items"], found["next"]) == ([{"id": "ada"}], None)
    assert shop.get("/v1/people?address=ada%40example.com")["items"] == found["items"]
    pages = shop.pages("/v1/people?email=family%40example.com", limit=1)
    assert pages == [[{"id": "eve"}], [{"id": "kim"}]]
    assert shop.get("/v1/people?email=nobody%40example.com")["items"] == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("email=ada", '"email" is not an e-mail address.'),
        ("phone=030%20901820", '"phone" is not a telephone number with its country'),
        ("address=ada", '"address" is not an e-mail address or a telephone number'),
        ("email=a%40b.example&phone=%2B4930901820", 'Ask by one of "email", "phone"'),
    ],
)
def test_what_is_no_address_is_said(shop: Shop, query: str, said: str) -> None:
    refused = shop.ask("GET", f"/v1/people?{query}")

    assert refused.status_code == 400
    assert said in refused.json()["detail"]


def test_events_are_told_newest_first_page_by_page(shop: Shop) -> None:
    pages = shop.pages("/v1/people/ada/events")
    names = [each["name"] for page in pages for each in page]

    assert len(pages[0]) == 2
    assert names == ["purchase", "message_sent", "signed_up", "consent_granted"]
    (bought,) = shop.get("/v1/people/ada/events?name=purchase")["items"]
    assert bought["properties"] == {"cart_id": "c-1", "total": 3450}
    assert bought["occurred"] == "2026-03-02T09:00:00Z"


def test_attributes_are_set_by_the_same_door_as_everybodys(shop: Shop) -> None:
    answer = shop.ask("PATCH", "/v1/people/ada", {"attributes": {"tier": "silver"}})
    shop.scene.settle()

    assert answer.status_code == 202
    assert answer.json()["repeated"] is False
    assert shop.get("/v1/people/ada")["attributes"]["tier"] == "silver"
    for wrong, said in (
        ({"tier": "tin"}, "tier"),
        ({"tire": "gold"}, 'The tracking plan has no attribute "tire".'),
    ):
        refused = shop.ask("PATCH", "/v1/people/ada", {"attributes": wrong})
        assert refused.status_code == 400
        assert said in refused.json()["detail"]


def test_what_has_changed_since_it_was_read_is_not_overwritten(shop: Shop) -> None:
    tag = shop.ask("GET", "/v1/people/ada").headers["etag"]
    change = {"attributes": {"visits": 4}}

    assert shop.ask("GET", "/v1/people/ada", headers={"if-none-match": tag}).status_code == 304
    assert shop.ask("PATCH", "/v1/people/ada", change, headers={"if-match": tag}).status_code == 202
    shop.scene.settle()
    late = shop.ask("PATCH", "/v1/people/ada", change, headers={"if-match": tag})
    assert (late.status_code, late.json()["title"]) == (412, "Precondition Failed")
    assert shop.ask("GET", "/v1/people/ada", headers={"if-none-match": tag}).status_code == 200


def test_forgetting_is_followed_until_nobody_is_left(shop: Shop) -> None:
    assert shop.get("/v1/people/ada/erasure")["state"] == "known"
    assert shop.ask("DELETE", "/v1/people/ada").status_code == 200
    assert shop.get("/v1/people/ada/erasure")["state"] == "waiting"
    shop.scene.settle()

    assert shop.get("/v1/people/ada/erasure")["state"] == "nobody"
    assert shop.ask("GET", "/v1/people/ada").status_code == 404
    assert [each["id"] for each in shop.get("/v1/people")["items"]] == ["bob"]


def test_everything_says_where_it_comes_from(shop: Shop) -> None:
    shop.ask("PATCH", "/v1/people/ada", {"attributes": {"visits": 4}})
    shop.scene.after(MINUTE)
    origins = shop.get("/v1/people/ada/origins")

    assert origins["attributes"]["visits"] == {"at": "2026-03-02T09:00:00Z", "origin": "told"}
    assert origins["addresses"]["email"]["origin"] == "told"
    assert set(origins["attributes"]) >= set(shop.get("/v1/people/ada")["attributes"])
    assert shop.ask("GET", "/v1/people/eve/origins").status_code == 404


def test_another_word_under_a_key_that_was_used_is_refused(shop: Shop) -> None:
    named = {"idempotency-key": "call-4"}
    word = {"word": "withdrawn", "category": "promotional", "method": "telephone"}

    def said(**more: str) -> tuple[int, object]:
        body = {**word, **more}
        answer = shop.ask("POST", "/v1/people/ada/consents", body, headers=named)
        shop.scene.after(MINUTE)
        return answer.status_code, answer.json().get("repeated")

    assert said() == (202, False)
    assert said() == (202, True)
    assert said(word="granted") == (422, None)
    assert said(actor="desk 5") == (422, None)
    assert said(occurred="2026-03-02T08:00:00Z") == (422, None)
    words = [each["word"] for each in shop.get("/v1/people/ada/consents")["words"]]
    assert sorted(words) == ["granted", "withdrawn"]
    assert shop.ask("POST", "/v1/people/bob/consents", word, headers=named).status_code == 202


def test_a_word_about_consent_is_recorded_with_its_proof(shop: Shop) -> None:
    said = {
        "word": "withdrawn",
        "category": "promotional",
        "channel": "email",
        "method": "telephone",
        "actor": "desk 4",
        "occurred": "2026-03-02T08:59:59+00:00",
    }
    answer = shop.ask("POST", "/v1/people/ada/consents", said)
    shop.scene.settle()
    ledger = shop.get("/v1/people/ada/consents")

    assert answer.status_code == 202
    assert [each["word"] for each in ledger["words"]] == ["withdrawn", "granted"]
    assert ledger["words"][0]["actor"] == "desk 4"
    assert shop.get("/v1/people/ada/consents?at=2026-03-01")["words"] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"category": "adverts"}, 'The policy has no category "adverts".'),
        ({"method": "import"}, "source"),
        ({"occurred": "2026-03-02T08:00:00"}, "time zone"),
        ({"occurred": "2031-03-02T08:00:00Z"}, "future"),
        ({"word": "sold"}, '"word" must be'),
    ],
)
def test_a_word_without_its_proof_is_refused(shop: Shop, change: object, said: str) -> None:
    assert isinstance(change, dict)
    word = {"word": "granted", "category": "promotional", "method": "form", **change}
    answer = shop.ask("POST", "/v1/people/ada/consents", word)

    assert answer.status_code == 400
    assert said in answer.json()["detail"]


def test_addresses_that_are_not_written_to_are_listed_with_their_reason(shop: Shop) -> None:
    delivery = shop.get("/v1/people/ada/deliveries")["items"][0]["id"]
    at = shop.scene.now
    bounced = ReceiptArrived(
        "b1", "ada", at, 0, delivery, "bounced", "gone", at, "permanent_recipient"
    )
    shop.scene.take(bounced)
    (found,) = shop.get("/v1/suppressions")["items"]

    assert (found["person"], found["channel"]) == ("ada", "email")
    assert found["address"] == "ada@example.com"
    assert found["since"] == "2026-03-02T09:00:00Z"


def test_a_repetition_is_recognised_by_its_key(open_shop: Open) -> None:
    shop = open_shop()
    word = {"word": "granted", "category": "promotional", "method": "form"}
    twice = [
        shop.ask("POST", f"/v1/people/{who}/consents", word, headers={"idempotency-key": "k1"})
        for who in ("ada", "ada", "bob")
    ]

    assert [each.json()["repeated"] for each in twice] == [False, True, False]
    shop.scene.settle()
    assert len(shop.get("/v1/people/ada/consents")["words"]) == 1


def test_whoever_has_gone_into_another_is_who_they_are_now(open_shop: Open, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'wayline.db'}")
    shop = open_shop(store)
    scene = shop.scene
    scene.person("anonymous:7", tier="gold", visits=9)
    scene.event("signed_up", "anonymous:7")
    scene.person("ada")
    scene.take(MergeAsked("m", "anonymous:7", scene.now, 0, "ada", "login"))
    scene.after(MINUTE)

    person = shop.get("/v1/people/anonymous:7")
    assert person == shop.get("/v1/people/ada")
    assert (person["id"], person["names"]) == ("ada", ["anonymous:7"])
    assert [each["id"] for each in shop.get("/v1/people")["items"]] == ["ada"]
    for part in ("events", "deliveries", "decisions", "runs"):
        found = shop.get(f"/v1/people/ada/{part}")["items"]
        assert found
        assert shop.get(f"/v1/people/anonymous:7/{part}")["items"] == found
    for part in ("why", "consents", "segments"):
        assert shop.get(f"/v1/people/anonymous:7/{part}")["person"] == "ada"
    assert shop.get("/v1/segments/good/members/anonymous:7")["person"] == "ada"
    assert shop.get("/v1/segments/not_staff/members")["items"] == ["ada"]
    assert len(shop.get("/v1/journeys/welcome/runs")["items"]) == 1
    store.close()
