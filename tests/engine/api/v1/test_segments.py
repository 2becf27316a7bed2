"""Segments, over HTTP: how many, who, and why."""

from __future__ import annotations

from pathlib import Path

from dsl.calendar import DAY
from engine.store import open_store

from .conftest import Open, Shop


def test_segments_are_told_with_their_rules(shop: Shop) -> None:
    listed = {each["name"]: each for each in shop.get("/v1/segments")["items"]}

    assert sorted(listed) == ["good", "not_staff", "staff"]
    assert listed["good"]["title"] == "Good customers"
    assert "tier is" in listed["good"]["rule"]
    assert shop.get("/v1/segments/staff") == listed["staff"]
    missing = shop.ask("GET", "/v1/segments/stuff")
    assert missing.status_code == 404
    assert 'Did you mean "staff"?' in missing.json()["detail"]


def test_who_is_in_a_segment_is_counted_and_named(shop: Shop) -> None:
    assert shop.get("/v1/segments/good/size")["people"] == 1
    assert shop.get("/v1/segments/good/members")["items"] == ["ada"]
    assert shop.pages("/v1/segments/not_staff/members", 1) == [["ada"], []]
    inside = {e["name"]: e["member"] for e in shop.get("/v1/people/ada/segments")["items"]}
    assert inside == {"good": True, "not_staff": True, "staff": False}


def test_members_are_named_once_in_pages_of_any_size(open_shop: Open, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'wayline.db'}")
    shop = open_shop(store)
    for number in range(7):
        shop.scene.person(f"p{number}", email=f"p{number}@{'shop' if number % 3 else 'x'}.example")

    for limit in (1, 2, 7, 50):
        pages = shop.pages("/v1/segments/staff/members", limit)
        assert [name for page in pages for name in page] == ["p1", "p2", "p4", "p5"]
        assert all(len(page) <= limit for page in pages)
    store.close()


def test_it_is_told_why_somebody_is_in_a_segment_condition_by_condition(shop: Shop) -> None:
    told = shop.get("/v1/segments/good/members/ada")

    assert told["member"] is True
    assert told["why"]["join"] == "all"
    tier, either = told["why"]["parts"]
    assert (tier["holds"], tier["values"]) == (
        True,
        [{"name": "tier", "words": "gold", "value": "gold"}],
    )
    bought, visits = either["parts"]
    assert either["join"] == "any"
    assert (bought["holds"], bought["values"][0]["value"]) == (True, 1)
    assert (visits["holds"], visits["values"][0]["value"]) == (False, 3)
    assert told["text"] == (
        'yes  tier is "gold" and (a purchase in the last 30 days or visits is more than 5)\n'
        '  yes  tier is "gold"  (tier: gold)\n'
        "  yes  a purchase in the last 30 days or visits is more than 5\n"
        "    yes  a purchase in the last 30 days  (the number of purchases in the last 30 days: 1)\n"
        "    no   visits is more than 5  (visits: 3)\n"
    )
    shop.scene.after(31 * DAY)
    assert shop.get("/v1/segments/good/members/ada")["member"] is False


def test_a_segment_within_a_segment_is_opened_and_what_is_unknown_is_said(shop: Shop) -> None:
    told = shop.get("/v1/segments/not_staff/members/bob")

    assert told["member"] is False
    assert (told["why"]["join"], told["why"]["holds"]) == ("not", False)
    (segment,) = told["why"]["parts"]
    assert (segment["join"], segment["holds"]) == ("segment", True)
    (condition,) = segment["parts"]
    assert condition["values"][0]["value"] == "bob@shop.example"
    bob = shop.get("/v1/segments/good/members/bob")["why"]["parts"][0]
    assert bob["values"] == [{"name": "tier", "words": "unknown", "value": None}]
