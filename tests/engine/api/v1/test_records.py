"""Messages, receipts, decisions and the story, over HTTP."""

from __future__ import annotations

from dsl.calendar import DAY
from engine.core.zones import zone_called
from engine.why import Names, as_text, tell

from .conftest import Shop


def test_messages_are_told_newest_first_with_what_became_of_them(shop: Shop) -> None:
    shop.scene.after(3 * DAY)
    pages = shop.pages("/v1/people/ada/deliveries", 1)

    assert [[each["message"] for each in page] for page in pages] == [["named"], ["hello"]]
    first = pages[1][0]
    assert (first["status"], first["channel"]) == ("accepted", "email")
    assert first["parts"]["subject"] == "Hello"
    assert shop.get(f"/v1/deliveries/{first['id']}") == first
    shop.scene.receipt(first["id"], "opened")
    told = shop.get(f"/v1/deliveries/{first['id']}/receipts")
    assert [each["what"] for each in told["items"]] == ["accepted", "opened"]
    for path in ("", "/receipts"):
        assert shop.ask("GET", f"/v1/deliveries/none{path}").status_code == 404


def test_every_decision_is_told_with_its_reason_in_words(shop: Shop) -> None:
    told = [each for page in shop.pages("/v1/people/bob/decisions") for each in page]
    (ada, *_) = shop.get("/v1/people/ada/decisions")["items"]

    assert [(each["what"], each["reason"], each["words"]) for each in told] == [
        ("not entered", "exclude if", "excluded")
    ]
    assert (ada["what"], ada["channel"], ada["journey"]) == ("handed over", "email", "welcome")


def test_the_story_is_the_one_that_wayline_why_tells(shop: Shop) -> None:
    told = shop.get("/v1/people/ada/why")
    project = shop.scene.program.project
    zone = zone_called("Europe/Berlin")
    assert zone is not None
    names = Names.of(project.plan, zone, project.segments, project.policy.categories)
    story = tell(shop.store, "ada", names)
    assert story is not None

    assert told["text"] == "\n".join(line for _, line in as_text(story)) + "\n"
    assert told["earlier"] == 0
    assert [line["sort"] for line in told["days"][0]["lines"]][-2:] == ["entered", "sent"]


def test_of_a_long_story_the_end_is_told(shop: Shop) -> None:
    for number in range(1_010):
        shop.scene._count += 1
        shop.scene.event("viewed", product=f"p{number}")
        shop.scene.now += 1
    told = shop.get("/v1/people/ada/why")

    lines = [line for day in told["days"] for line in day["lines"]]
    assert len(lines) == 1_000
    assert told["earlier"] > 10
    assert lines[-1]["text"] == "viewed: product p1009"
    assert told["text"].endswith("viewed: product p1009\n")
